//! Extensions and installations in the console: what is shown of them, and every act, each a request of the admin API.

use doorward_core::Effect;
use doorward_core::id::{ContextKey, RoleKey};
use doorward_core::model::{Assignment, Extension};
use doorward_tests::extended::{CUSTOMER, P1, P2, X1};
use doorward_tests::{ALICE, BOB, T1, TestApp, user_id};
use doorward_web::manage::{By, Manage};
use serde_json::{Value, json};

use super::acts::act;
use super::{enter, give, open, world};

const T: &str = "/console/tenants/t1";
/// What is looked at of an extension.
type Seen = fn(&Extension) -> Value;

/// An extension of which something is proposed, installed in a context; answers the id of the installation.
async fn extended(app: &TestApp) -> String {
    let wish = json!({ "tenants": [{
        "id": T1,
        "contexts": [{ "id": "team/makers" }, { "id": "project/p" }],
        "extensions": [{
            "id": "bills", "contributor": "team/makers", "state": "verified",
            "manifest": {
                "name": "Bills & <more>", "summary": "Writes bills",
                "scopes": [{ "name": "rs1:read", "reason": "To see what to bill" }, { "name": "rs1:write", "optional": true }],
                "callback_url": "https://bills.example/cb", "launch_url": "https://bills.example/:userId",
                "variants": [{ "key": "small" }],
            },
            "proposed": { "name": "Bills", "callback_url": "https://bills.example/cb" },
        }],
        "installations": [{ "extension": "bills", "context": "project/p", "settings": { "colour": "a secret hue" } }],
    }]});
    let state = serde_json::from_value(wish).expect("a document");
    Manage::new(app.store.clone(), By::operator()).apply(&state, false, false).await.expect("it is applied");
    let found = app.store.installations_from(&T1.into(), "", 10).await.expect("it is read");
    found[0].id.0.clone()
}

#[tokio::test]
async fn what_there_is_of_an_extension_is_shown() {
    let app = world().await;
    let id = extended(&app).await;
    let browser = enter(&app, ALICE).await;
    // On PostgreSQL events have their numbers later.
    app.events().await;
    let shows = async |path: &str, all: &[&str]| {
        let page = open(&browser, &format!("{T}{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for text in all {
            assert!(page.body.contains(text), "{path} does not show {text}: {}", page.body);
        }
        page.body
    };
    shows(
        "/extensions",
        &["bills", "Bills &#38; &#60;more&#62;", "Verified", "team/makers", "Change proposed"],
    )
    .await;
    let of = shows(
        "/extensions/bills",
        &[
            "https://bills.example/:userId",
            "To see what to bill",
            "rs1:write",
            "What its contributor proposes",
            "extension-accept",
            "extension-publish",
            "extension-suspend",
            "project/p",
            &id,
        ],
    )
    .await;
    assert!(
        !of.contains("extension-deprecate") && !of.contains("extension-verify"),
        "not from where it stands"
    );
    shows("/installations", &[&id, "bills", "project/p", "rs1:read rs1:write"]).await;
    shows("/installations?extension=bills", &[&id]).await;
    shows("/installations?context=project%2Fp", &[&id]).await;
    for nothing in
        ["?extension=none", "?context=project%2Fnone", "?context=team%2Fmakers", "?context=tenant%2Ft1"]
    {
        shows(&format!("/installations{nothing}"), &["There are none."]).await;
    }
    let of = shows(
        &format!("/installations/{id}"),
        &[
            "bills in project/p",
            "Pending",
            "colour",
            "installation.added",
            "installation-secret-reveal",
            "installation-disable",
        ],
    )
    .await;
    assert!(!of.contains("a secret hue") && !of.contains("dwx_"), "{of}");
    for path in ["/extensions/none", "/installations/none", "/installations/ins_x"] {
        assert_eq!(browser.get(&format!("{T}{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_act_does_what_it_says() {
    let app = world().await;
    let id = extended(&app).await;
    let browser = enter(&app, ALICE).await;
    let extension = async || app.store.extension(&T1.into(), &"bills".into()).await.unwrap().unwrap();
    let rows: [(&str, Seen, Value); 7] = [
        ("extension-accept", |found| json!(found.manifest.name), json!("Bills")),
        ("extension-publish", |found| json!(found.state), json!("published")),
        ("extension-suspend", |found| json!(found.suspended_at.is_some()), json!(true)),
        ("extension-resume", |found| json!(found.suspended_at.is_some()), json!(false)),
        ("extension-deprecate", |found| json!(found.state), json!("deprecated")),
        ("extension-publish", |found| json!(found.state), json!("published")),
        ("extension-withdraw", |found| json!(found.state), json!("withdrawn")),
    ];
    for (name, what, becomes) in rows {
        let done = act(&browser, &format!("act={name}&id=bills")).await;
        assert_eq!(done.location(), format!("https://id.example{T}/extensions/bills?done=1"), "{name}");
        assert_eq!(what(&extension().await), becomes, "{name}");
    }
    let state = async || {
        let found = app.store.installation(&T1.into(), &id.as_str().into()).await.unwrap().unwrap();
        found.life.as_str()
    };
    for (name, becomes) in [
        ("installation-disable", "disabled"),
        ("installation-suspend", "suspended"),
        ("installation-resume", "disabled"),
        ("installation-enable", "enabled"),
    ] {
        let done = act(&browser, &format!("act={name}&id={id}")).await;
        assert_eq!(done.location(), format!("https://id.example{T}/installations/{id}?done=1"), "{name}");
        assert_eq!(state().await, becomes, "{name}");
    }
    // Secrets: what is shown once is shown on the page that answers.
    let secrets = async || app.store.installation_secrets(&T1.into(), &id.as_str().into()).await.unwrap();
    let first = secrets().await[0].id.clone();
    let shown = act(&browser, &format!("act=installation-secret-reveal&id={id}&secret={first}")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("dwx_"), "{}", shown.body);
    act(&browser, &format!("act=installation-secret-confirm&id={id}&secret={first}")).await;
    assert_eq!(secrets().await[0].state.as_str(), "current");
    act(&browser, &format!("act=installation-rotate&id={id}")).await;
    let shown = act(&browser, &format!("act=installation-rotate-shown&id={id}")).await;
    assert!(shown.body.contains("dwx_") && secrets().await.len() == 3, "{}", shown.body);
    act(&browser, &format!("act=installation-secret-end&id={id}&secret={first}")).await;
    assert_eq!(secrets().await[0].expires_at, Some(app.clock.now()));
    let gone = act(&browser, &format!("act=installation-remove&id={id}")).await;
    assert_eq!(gone.location(), format!("https://id.example{T}/installations?done=1"));
    assert_eq!(state().await, "removed");
    act(&browser, "act=extension-remove&id=bills").await;
    assert!(app.store.extension(&T1.into(), &"bills".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn who_may_only_read_is_offered_no_act_and_who_may_not_sees_nothing() {
    let app = world().await;
    let id = extended(&app).await;
    let _role = give(&app, T1, BOB, 7, &["admin:extensions.read", "admin:installations.read"]).await;
    let browser = enter(&app, BOB).await;
    for path in ["/extensions", "/extensions/bills", "/installations", &format!("/installations/{id}")] {
        let page = open(&browser, &format!("{T}{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(!page.body.contains("/act?"), "{path}: {}", page.body);
    }
    assert_eq!(browser.get(&format!("{T}/act?act=installation-remove&id={id}")).await.status, 403);
    assert_eq!(browser.get(&format!("{T}/clients")).await.status, 403);
    let app = world().await;
    let id = extended(&app).await;
    let _role = give(&app, T1, BOB, 7, &["admin:users.read"]).await;
    let browser = enter(&app, BOB).await;
    for path in ["/extensions", "/extensions/bills", "/installations", &format!("/installations/{id}")] {
        assert_eq!(browser.get(&format!("{T}{path}")).await.status, 403, "{path}");
    }
}

/// Who administers installations in a context alone finds those there and below, and nothing else.
#[tokio::test]
async fn who_administers_in_a_context_sees_the_installations_there() {
    let app = TestApp::extended().await;
    let (here, below) = (
        app.install(X1, (CUSTOMER, "customer/c-1"), "openid rs1:read").await,
        app.install(X1, (P1, "project/p-1"), "openid rs1:read").await,
    );
    let others = [
        app.install(X1, (P2, "project/p-2"), "openid").await,
        app.install(X1, (0, "tenant/t1"), "openid").await,
    ];
    // Nobody lets a person in who may do nothing.
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert_eq!(open(&browser, "/console").await.status, 403);

    let everywhere = give(&app, T1, ALICE, 9, &["admin:installations.write"]).await;
    app.commit(vec![everywhere, given_in(ALICE, 9, CUSTOMER)]).await;
    let browser = enter(&app, ALICE).await;
    let shell = open(&browser, T).await.body;
    assert!(shell.contains("/installations\"") && !shell.contains("/users\""), "{shell}");
    let list = open(&browser, &format!("{T}/installations")).await.body;
    assert!(list.contains(here.id.as_str()) && list.contains(below.id.as_str()), "{list}");
    for filter in ["", "?extension=x1", "?context=project%2Fp-2", "?context=tenant%2Ft1"] {
        let list = open(&browser, &format!("{T}/installations{filter}")).await.body;
        assert!(others.iter().all(|other| !list.contains(other.id.as_str())), "{filter}: {list}");
    }
    let only = open(&browser, &format!("{T}/installations?context=project%2Fp-1")).await.body;
    assert!(only.contains(below.id.as_str()) && !only.contains(here.id.as_str()), "{only}");
    for other in &others {
        for page in ["", "/deliveries"] {
            assert_eq!(browser.get(&format!("{T}/installations/{}{page}", other.id)).await.status, 404);
        }
        let act = format!("{T}/act?act=installation-disable&id={}", other.id);
        assert_eq!(browser.get(&act).await.status, 404, "there is nothing to act on");
    }
    let page = open(&browser, &format!("{T}/installations/{}", below.id)).await.body;
    assert!(page.contains("installation-disable") && !page.contains("installation-suspend"), "{page}");
    let done = act(&browser, &format!("act=installation-disable&id={}", below.id)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(app.installation(&below.id).await.life.as_str(), "disabled");
    assert_eq!(open(&browser, &format!("{T}/installations/{}/deliveries", below.id)).await.status, 200);
    for path in ["/users", "/extensions", "/clients", "/explain"] {
        assert_eq!(browser.get(&format!("{T}{path}")).await.status, 403, "{path}");
    }
    // The role is taken: at the next click there is nothing.
    app.commit(vec![Effect::Unassign {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: Some(ContextKey(CUSTOMER)),
        role: RoleKey(9),
    }])
    .await;
    assert_eq!(browser.get(&format!("{T}/installations")).await.status, 403);
}

/// That role of [`give`], in a context.
fn given_in(user: &str, key: i64, context: i64) -> Effect {
    Effect::Assign(Assignment {
        tenant: T1.into(),
        user: user_id(user).into(),
        context: Some(ContextKey(context)),
        role: RoleKey(key),
        role_id: format!("role-{key}").into(),
        created_at: doorward_core::Timestamp(0),
    })
}
