//! Everything that comes of an instance here, presented again once something that it hangs on has fallen.

use doorward_tests::extended::{Installed, P1, X1};
use doorward_tests::{ALICE, secret_of, user_id};
use serde_json::json;

use super::super::Speaker;
use super::{SCOPES, exchange, instance_token, key};
use crate::admin::Admin;
use crate::extensions::alive::{FALLS, Fall, fall, rise};

/// What was issued of an instance while everything stood.
pub struct Issued {
    of: Installed,
    /// A retrieval key that nobody has exchanged.
    key: String,
    /// A token that came of another, and what it is refreshed by.
    token: String,
    refresh: String,
    /// The instance's own.
    own: String,
    /// A session token, and what came of it.
    session: String,
    exchanged: String,
}

impl Issued {
    /// All that there is, for ALICE.
    pub async fn of(at: &Speaker, admin: &Admin<'_>, of: &Installed) -> Self {
        let pair = exchange(at, &key(admin, of, ALICE).await, ALICE).await;
        assert_eq!(pair.status, 200, "{}", pair.body);
        let own = instance_token(at, of, json!({ "extensionInstanceSecret": of.secret })).await;
        assert_eq!(own.status, 201, "{}", own.body);
        let path = format!("/tenants/t1/installations/{}/session-token", of.id);
        let wish = json!({ "user": user_id(ALICE), "issuer": "mittwald", "session": "s-1" });
        let session = admin.json("POST", &path, wish).await.text("session_token");
        let issued = Self {
            key: key(admin, of, ALICE).await,
            token: pair.text("token"),
            refresh: pair.text("refreshToken"),
            own: own.text("publicToken"),
            exchanged: String::new(),
            session,
            of: of.clone(),
        };
        let exchanged = at.json("POST", EXCHANGE, issued.exchange()).await;
        assert_eq!(exchanged.status, 201, "{}", exchanged.body);
        Self { exchanged: exchanged.text("publicToken"), ..issued }
    }

    fn exchange(&self) -> serde_json::Value {
        json!({ "sessionToken": self.session, "extensionSecret": secret_of(X1) })
    }

    /// What each token says at the guard and, where it is a person's, of itself.
    pub async fn presented(&self, at: &Speaker) -> [(&'static str, u16); 5] {
        let guard = async |token: &str| at.at_the_guard("/", ("x-access-token", token)).await.status;
        let status = async |token: &str| {
            let shown = [("x-access-token", token)];
            at.send("GET", "/v2/users/self/sessions/current/status", &shown, "").await.status
        };
        [
            ("token", guard(&self.token).await),
            ("token's status", status(&self.token).await),
            ("exchanged", guard(&self.exchanged).await),
            ("exchanged's status", status(&self.exchanged).await),
            ("own", guard(&self.own).await),
        ]
    }

    /// Every token and whatever leads to one is refused; the instance's own where that has ended too.
    pub async fn is_dead(&self, at: &Speaker, ends_own: bool, name: &str) {
        for (what, status) in self.presented(at).await {
            let lives = what == "own" && !ends_own;
            assert_eq!(status, if lives { 200 } else { 401 }, "{name}: {what}");
        }
        let refresh =
            at.json("PUT", "/v2/users/self/sessions", json!({ "refreshToken": self.refresh })).await;
        assert_eq!(refresh.status, 400, "{name}: {}", refresh.body);
        let key = exchange(at, &self.key, ALICE).await;
        assert_eq!(key.status, 400, "{name}: {}", key.body);
        let session = at.json("POST", EXCHANGE, self.exchange()).await;
        assert_eq!(session.status, 400, "{name}: {}", session.body);
    }

    /// Every token is one.
    pub async fn lives(&self, at: &Speaker, name: &str) {
        for (what, status) in self.presented(at).await {
            assert_eq!(status, 200, "{name}: {what}");
        }
    }

    async fn falls(&self, at: &Speaker, row: &Fall) {
        self.lives(at, row.name).await;
        fall(&at.app, &self.of, row.name).await;
        self.is_dead(at, row.ends_own, row.name).await;
        let own = instance_token(at, &self.of, json!({ "extensionInstanceSecret": self.of.secret })).await;
        assert_eq!(own.status, if row.ends_own { 400 } else { 201 }, "{}: {}", row.name, own.body);
    }
}

const EXCHANGE: &str = "/v2/authenticate-session-token";

/// The rows are those of the standard issuer (`extensions/alive.rs`).
#[tokio::test]
async fn mw_12_nothing_that_was_issued_outlives_what_it_hangs_on() {
    for row in FALLS {
        let at = Speaker::of("mittwald").await;
        let of = at.app.install(X1, (P1, "project/p-1"), SCOPES).await;
        let admin = Admin::of_tenant(&at.app).await;
        let issued = Issued::of(&at, &admin, &of).await;
        issued.falls(&at, row).await;
        if row.is_final {
            continue;
        }
        rise(&at.app, &of, row.name).await;
        // What was issued before stays dead; what is issued from now on lives.
        issued.is_dead(&at, row.ends_own, row.name).await;
        Issued::of(&at, &admin, &of).await.lives(&at, row.name).await;
    }
}
