//! Nothing is alive by itself: every path of an installation, crossed with everything that it hangs on.

use doorward_core::Effect;
use doorward_core::id::ContextKey;
use doorward_core::model::{ExtensionState, Life, Membership};
use doorward_tests::extended::{CUSTOMER, Installed, MAKER, P1, X1, member};
use doorward_tests::{ALICE, Reply, T1, TestApp, user_id};

use super::frame::Framed;
use super::{Key, opened, session_token};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";

/// What was issued while everything stood.
pub struct Issued {
    pub of: Installed,
    pub key: Key,
    pub frame: Framed,
    pub session_token: String,
    pub access: String,
    pub refresh: String,
    pub own: String,
}

/// What is done to what the installation hangs on, whether it can be undone, and whether what is the installation's own ends too.
pub struct Fall {
    pub name: &'static str,
    pub ends_own: bool,
    pub is_final: bool,
}

pub const FALLS: &[Fall] = &[
    Fall { name: "disabled", ends_own: true, is_final: false },
    Fall { name: "suspended", ends_own: true, is_final: false },
    Fall { name: "removed", ends_own: true, is_final: true },
    Fall { name: "extension suspended", ends_own: true, is_final: false },
    Fall { name: "extension withdrawn", ends_own: true, is_final: true },
    Fall { name: "contributor switched off", ends_own: true, is_final: true },
    Fall { name: "contributor removed", ends_own: true, is_final: true },
    Fall { name: "context switched off", ends_own: true, is_final: true },
    Fall { name: "context above removed", ends_own: true, is_final: true },
    Fall { name: "client switched off", ends_own: true, is_final: true },
    Fall { name: "membership taken", ends_own: false, is_final: false },
    Fall { name: "person disabled", ends_own: false, is_final: true },
];

/// Everything that an installation in `project/p-1` can have issued.
pub async fn issue(app: &TestApp) -> Issued {
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let tokens = opened(app, ALICE, &of).await.exchange(app, X1).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let own = app.installation_token(&of, &[]).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    Issued {
        session_token: session_token::token(&browser, &of).await.text("session_token"),
        key: opened(app, ALICE, &of).await,
        frame: Framed::of(app, ALICE, &of).await,
        access: tokens.text("access_token"),
        refresh: tokens.text("refresh_token"),
        own: own.text("access_token"),
        of,
    }
}

/// Let what the installation hangs on fall, by the name of the fall.
pub async fn fall(app: &TestApp, of: &Installed, name: &str) {
    let at = app.installation(&of.id).await.context;
    let switch_off = async |id: &str| {
        let now = app.store.now();
        app.change_context(id, |context| context.disabled_at = Some(now)).await;
    };
    let remove = |key| Effect::RemoveContext { tenant: T1.into(), key, version: 1, now: app.store.now() };
    match name {
        "disabled" => app.live(&of.id, |life, now| life.disable(now)).await,
        "suspended" => app.live(&of.id, |life, now| life.suspend(now)).await,
        "removed" => app.live(&of.id, |life, now| life.remove(now)).await,
        "extension suspended" => {
            let now = app.store.now();
            app.change_extension(X1, |found| {
                found.suspended_at = Some(now);
                found.epoch += 1;
            })
            .await;
        }
        "extension withdrawn" => {
            app.change_extension(X1, |found| found.state = ExtensionState::Withdrawn).await;
        }
        "contributor switched off" => switch_off("contributor/maker").await,
        "contributor removed" => app.commit(vec![remove(ContextKey(MAKER))]).await,
        "context switched off" => switch_off(app.installation(&of.id).await.context_id.as_str()).await,
        "context above removed" => app.commit(vec![remove(ContextKey(CUSTOMER))]).await,
        "client switched off" => {
            let now = app.store.now();
            app.change_client(X1, |client| client.disabled_at = Some(now)).await;
        }
        "membership taken" => {
            let take = |key| Effect::RemoveMembership(T1.into(), user_id(ALICE).into(), key, 1);
            app.commit(vec![take(ContextKey(CUSTOMER)), take(at)]).await;
        }
        "person disabled" => {
            let now = app.store.now();
            app.change_user(ALICE, |user| user.disabled_at = Some(now)).await;
        }
        _ => panic!("{name}"),
    }
}

/// The fall undone, where it can be.
pub async fn rise(app: &TestApp, of: &Installed, name: &str) {
    match name {
        "disabled" => app.live(&of.id, |life, _| Life::enable(life)).await,
        "suspended" => app.live(&of.id, |life, _| Life::resume(life)).await,
        "extension suspended" => app.change_extension(X1, |found| found.suspended_at = None).await,
        "membership taken" => {
            // A session token says in which second it was made.
            app.advance_s(1);
            let row = app.installation(&of.id).await;
            let Effect::PutMembership(anew) = member(ALICE, row.context.0, row.context_id.as_str()) else {
                panic!("it puts a membership");
            };
            let anew = Membership { created_at: app.store.now(), ..anew };
            app.commit(vec![Effect::PutMembership(anew)]).await;
        }
        _ => panic!("{name}"),
    }
}

fn refused(reply: &Reply) -> bool {
    matches!(reply.status, 400 | 401 | 403)
}

/// Every path that issues or confirms something, dead.
async fn is_dead(app: &TestApp, issued: &Issued, fall: &Fall) {
    let dead = async |token: &str| app.introspect(doorward_tests::RS1, token).await.json()["active"] == false;
    assert!(dead(&issued.access).await, "{}: introspection", fall.name);
    assert!(refused(&app.userinfo(&issued.access).await), "{}: userinfo", fall.name);
    assert!(refused(&app.refresh(X1, &issued.refresh).await), "{}: refresh", fall.name);
    assert!(refused(&issued.key.exchange(app, X1).await), "{}: key", fall.name);
    let form = issued.key.form();
    assert!(refused(&app.post_as_installation(&issued.of, &form).await), "{}: key by secret", fall.name);
    let exchanged = session_token::exchange(app, &issued.of, &issued.session_token).await;
    assert!(refused(&exchanged), "{}: session token", fall.name);
    assert!(issued.frame.is_dead(app).await, "{}: frame", fall.name);
    assert_eq!(dead(&issued.own).await, fall.ends_own, "{}: its own token", fall.name);
}

#[tokio::test]
async fn nothing_outlives_what_it_hangs_on() {
    for fall_row in FALLS {
        let app = TestApp::extended().await;
        let issued = issue(&app).await;
        assert_eq!(app.introspect(doorward_tests::RS1, &issued.access).await.json()["active"], true);
        assert_eq!(app.introspect(doorward_tests::RS1, &issued.own).await.json()["active"], true);
        fall(&app, &issued.of, fall_row.name).await;
        is_dead(&app, &issued, fall_row).await;
        let own = app.installation_token(&issued.of, &[]).await;
        assert_eq!(refused(&own), fall_row.ends_own, "{}: {}", fall_row.name, own.body);
        if fall_row.is_final {
            continue;
        }
        rise(&app, &issued.of, fall_row.name).await;
        // What was issued before stays dead; what is issued from now on lives.
        is_dead(&app, &issued, fall_row).await;
        assert_eq!(app.installation_token(&issued.of, &[]).await.status, 200, "{}", fall_row.name);
        let tokens = opened(&app, ALICE, &issued.of).await.exchange(&app, X1).await;
        assert_eq!(tokens.status, 200, "{}: {}", fall_row.name, tokens.body);
    }
}

#[tokio::test]
async fn an_installation_that_does_not_work_is_told_so_once_it_has_shown_who_it_is() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.change_extension(X1, |found| found.state = ExtensionState::Withdrawn).await;
    app.installation_token(&of, &[]).await.assert_error(403, "unauthorized_client");
    assert_eq!(app.recorded("ext.withdrawn").await, 1);
    let stranger = Installed { secret: "dwx_guess".to_owned(), ..of };
    app.installation_token(&stranger, &[]).await.assert_error(401, "invalid_client");
}
