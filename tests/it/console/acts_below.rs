//! Acts on what hangs on people and clients, and on keys.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::Kind;
use doorward_core::model::KeyState;
use doorward_tests::{ALICE, BOB, T1, WEB, basic, user_id};
use doorward_web::manage::{By, Manage};
use serde_json::json;

use super::acts::act;
use super::{enter, give, open, world};

#[tokio::test]
async fn sessions_of_a_person_are_ended_one_by_one_and_all_at_once() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    for query in ["one", "all"] {
        let bob = app.browser();
        bob.sign_in(BOB).await;
        let sessions = app.store.sessions_of(&T1.into(), &user_id(BOB).into()).await.unwrap();
        let page = browser.get("/console/tenants/t1/users/usr_bob-0001").await;
        assert!(
            page.body.contains("act=session-end") && page.body.contains("act=sessions-end"),
            "{}",
            page.body
        );
        let done = match query {
            "one" => {
                let query = format!("act=session-end&id={}&back=%2Fusers%2Fusr_bob-0001", sessions[0].id);
                act(&browser, &query).await
            }
            _ => act(&browser, "act=sessions-end&id=usr_bob-0001").await,
        };
        assert_eq!(done.location(), "https://id.example/console/tenants/t1/users/usr_bob-0001?done=1");
        assert_eq!(bob.get("/account").await.location(), "https://id.example/sign-in", "{query}");
    }
    // Where one goes back to is within the tenant, whatever is asked. Up to that moment nothing counts any more.
    app.advance_s(1);
    let bob = app.browser();
    bob.sign_in(BOB).await;
    let sessions = app.store.sessions_of(&T1.into(), &user_id(BOB).into()).await.unwrap();
    let ways = [
        "//evil.example",
        "/../../../authorize",
        "/..",
        "/users/../../t2",
        "/%2e%2e/%2E./t2",
        "/.%2e/t2",
        "/users/./../../t2",
        "/\\evil.example",
        "/.\t./t2",
        "/users//",
        "/users?x=../..",
        "/users#x",
        "users",
        "",
    ];
    for back in ways {
        let query = doorward_tests::encode(&[
            ("act", "session-end"),
            ("id", &sessions[0].id.to_string()),
            ("back", back),
        ]);
        let asked = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
        assert!(asked.body.contains("href=\"/console/tenants/t1/users\""), "{back}: {}", asked.body);
        assert!(
            back.is_empty() || !asked.body.contains(&format!("href=\"/console/tenants/t1{back}\"")),
            "{back}"
        );
    }
    let query = format!("act=session-end&id={}&back=%2F..%2F..%2F..%2Fauthorize", sessions[0].id);
    assert_eq!(act(&browser, &query).await.location(), "https://id.example/console/tenants/t1/users?done=1");
}

#[tokio::test]
async fn what_applications_hold_is_ended_by_grant_and_by_consent() {
    let app = world().await;
    for by in ["grant", "consent"] {
        let tokens =
            app.tokens(WEB, &[("scope", "openid offline_access rs1:read"), ("prompt", "consent")]).await;
        let browser = enter(&app, ALICE).await;
        let id = user_id(ALICE).into();
        let grants = app.store.holdings_of_user(&T1.into(), &id, None, 10).await.unwrap();
        let grant =
            grants.iter().find(|grant| grant.client.as_str() == WEB && grant.ended_at.is_none()).expect("it");
        let done = match by {
            "grant" => act(&browser, &format!("act=grant-end&id={0}&back=%2Fgrants%2F{0}", grant.id)).await,
            _ => {
                let consent =
                    app.store.consent_of(&T1.into(), &id, &WEB.into()).await.unwrap().expect("live");
                act(&browser, &format!("act=consent-end&id={}", consent.id)).await
            }
        };
        assert_eq!(done.status, 303, "{by}: {}", done.body);
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*tokens.text("refresh_token"))];
        let secret = doorward_tests::secret_of(WEB);
        let refused = app.post_form("/token", &form, &[("authorization", &basic(WEB, &secret))]).await;
        refused.assert_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_secret_is_made_shown_once_and_removed() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let made = act(&browser, "act=secret-make&id=web&retire_others_s=60").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let once =
        made.body.split("<code class=\"once\">").nth(1).and_then(|rest| rest.split('<').next()).expect("it");
    assert!(once.len() >= 32, "{once}");
    let page = browser.get("/console/tenants/t1/clients/web").await;
    assert!(!page.body.contains(once) && page.body.contains("Retiring"), "{}", page.body);
    let works = async |secret: &str| {
        let form = [("token", "x")];
        app.post_form("/introspect", &form, &[("authorization", &basic(WEB, secret))]).await.status == 200
    };
    assert!(works(once).await && works(&doorward_tests::secret_of(WEB)).await);
    app.advance_s(61);
    assert!(works(once).await && !works(&doorward_tests::secret_of(WEB)).await);
    let secrets = app.store.secrets(&T1.into(), &WEB.into()).await.unwrap();
    let fresh = secrets.iter().find(|secret| secret.id.as_str() != "s1").expect("it");
    let done = act(&browser, &format!("act=secret-remove&id=web&secret={}", fresh.id)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(!works(once).await);
}

#[tokio::test]
async fn keys_take_over_and_are_withdrawn() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let current = async || {
        let keys = app.store.keys(&T1.into()).await.unwrap();
        let found = keys.into_iter().find(|key| key.algorithm == "EdDSA" && key.state == KeyState::Current);
        found.expect("one signs").kid.0
    };
    let before = current().await;
    let done = act(&browser, "act=keys-rotate&id=EdDSA").await;
    assert_eq!(done.location(), "https://id.example/console/tenants/t1/keys?done=1");
    assert_ne!(current().await, before);
    let done = act(&browser, &format!("act=key-remove&id={before}")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let keys = app.store.keys(&T1.into()).await.unwrap();
    assert!(keys.iter().all(|key| key.kid.0 != before || key.state == KeyState::Retired));
}

/// Whoever may read everything and write nothing sees everything, and nothing to do; nor are they told who somebody is whom they may
/// not read.
#[tokio::test]
async fn who_may_only_read_is_offered_nothing_to_do() {
    let app = world().await;
    let alice = enter(&app, ALICE).await;
    act(&alice, "act=role-make&id=clerk&name=Clerk").await;
    let context = json!({ "id": "project/p", "name": "P" });
    let manage = Manage::new(app.store.clone(), By::operator());
    manage.create(Some(T1.to_owned()), Kind::Context, context).await.expect("it is made");
    act(&alice, "act=member-put&id=project%2Fp&user=usr_alice-0001&roles=clerk").await;
    let every: Vec<&str> = Area::ALL.iter().map(|area| area.scope(Access::Read)).collect();
    let _role = give(&app, T1, BOB, 7, &every).await;
    let bob = enter(&app, BOB).await;
    for path in [
        "",
        "/users",
        "/users/usr_alice-0001",
        "/roles",
        "/roles/clerk",
        "/contexts",
        "/contexts/project%2Fp",
        "/clients",
        "/clients/web",
        "/apis",
        "/keys",
    ] {
        let (offered, seen) = (
            open(&alice, &format!("/console/tenants/t1{path}")).await,
            bob.get(&format!("/console/tenants/t1{path}")).await,
        );
        assert!(offered.body.contains("/console/tenants/t1/act"), "{path}: there is something to do");
        assert_eq!(seen.status, 200, "{path}: {}", seen.body);
        assert!(!seen.body.contains("/console/tenants/t1/act"), "{path}: {}", seen.body);
    }
    let _sessions = give(&app, T1, "mallory", 8, &["admin:sessions.write"]).await;
    let mallory = enter(&app, "mallory").await;
    let asked = mallory.get("/console/tenants/t1/act?act=sessions-end&id=usr_alice-0001").await;
    assert!(asked.status == 200 && asked.body.contains("usr_alice-0001"), "{}", asked.body);
    assert!(!asked.body.contains("(alice)"), "{}", asked.body);
}
