//! Everything that an extension gets here, presented again once something that it hangs on has fallen.

use doorward_core::Effect;
use doorward_tests::extended::{CUSTOMER, Installed, X1, context, member};
use doorward_tests::{ALICE, Browser, Reply};
use serde_json::json;

use super::{SCOPES, prepared, redeem};
use crate::extensions::alive::{FALLS, fall, rise};
use crate::reference::Speaker;

/// A company below a customer, which ALICE belongs to.
const BELOW: (i64, &str) = (40, "company/below");

/// What X1 got there: a pair, and a code that it has not redeemed.
struct Issued {
    access: String,
    refresh: String,
    code: String,
}

impl Issued {
    async fn of(at: &Speaker, browser: &Browser<'_>) -> Self {
        let code = async || asked(at, browser).await.param("code").expect("a code");
        let pair = redeem(at, json!({ "code": code().await, "state": "st-1" })).await;
        assert_eq!(pair.status, 200, "{}", pair.body);
        let (access, refresh) = (pair.text("accessToken"), pair.text("refreshToken"));
        Self { access, refresh, code: code().await }
    }

    /// What the access token is answered by the guard and by whoever tells whose it is.
    async fn presented(&self, at: &Speaker) -> (u16, u16) {
        let bearer = format!("Bearer {}", self.access);
        let shown = ("authorization", bearer.as_str());
        let whose = at.send("GET", "/api/userinfo", &[shown], "").await;
        (at.at_the_guard("/", shown).await.status, whose.status)
    }

    async fn is_dead(&self, at: &Speaker, name: &str) {
        assert_eq!(self.presented(at).await, (401, 401), "{name}");
        for path in ["/api/refreshtoken", "/api/refreshToken"] {
            is_refused(&at.json("POST", path, json!({ "refreshToken": self.refresh })).await, name);
        }
        is_refused(&redeem(at, json!({ "code": self.code, "state": "st-1" })).await, name);
    }
}

async fn asked(at: &Speaker, browser: &Browser<'_>) -> Reply {
    at.get(browser, "/tenants/below/extension/x1/authz?state=st-1").await
}

fn is_refused(reply: &Reply, name: &str) {
    assert!(matches!(reply.status, 400 | 401), "{name}: {} {}", reply.status, reply.body);
}

async fn below() -> (Speaker, Installed) {
    let at = Speaker::of("mia-platform").await;
    let effects =
        vec![Effect::PutContext(context(BELOW.0, BELOW.1, &[CUSTOMER])), member(ALICE, BELOW.0, BELOW.1)];
    at.app.commit(effects).await;
    prepared(&at.app, X1).await;
    let of = at.app.install(X1, BELOW, SCOPES).await;
    (at, of)
}

/// The rows are those of the standard issuer (`extensions/alive.rs`).
#[tokio::test]
async fn mia_09_nothing_that_was_issued_outlives_what_it_hangs_on() {
    for row in FALLS {
        let (at, of) = below().await;
        let browser = at.signed_in(ALICE).await;
        let issued = Issued::of(&at, &browser).await;
        assert_eq!(issued.presented(&at).await, (200, 200), "{}", row.name);
        fall(&at.app, &of, row.name).await;
        issued.is_dead(&at, row.name).await;
        assert_eq!(asked(&at, &browser).await.header("location"), None, "{}", row.name);
        if row.is_final {
            continue;
        }
        rise(&at.app, &of, row.name).await;
        issued.is_dead(&at, row.name).await;
        let anew = Issued::of(&at, &browser).await;
        assert_eq!(anew.presented(&at).await, (200, 200), "{}", row.name);
        let again = at.json("POST", "/api/refreshtoken", json!({ "refreshToken": anew.refresh })).await;
        assert_eq!(again.status, 200, "{}: {}", row.name, again.body);
    }
}
