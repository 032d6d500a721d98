//! Help for people over the API: links, a new password at the next sign-in, a lost second factor, invitations.

use doorward_core::Effect;
use doorward_core::model::{EventKind, User};
use doorward_tests::{ALICE, BOB, PASSWORD, Page, Reply, T1, TestApp, credentials, user_id};
use serde_json::json;

use super::{Admin, pointers, user};
use crate::mail::{go, path};

fn of(name: &str, act: &str) -> String {
    format!("/tenants/{T1}/users/{}/{act}", user_id(name))
}

async fn recorded(app: &TestApp, kind: EventKind) -> usize {
    app.events().await.iter().filter(|event| event.kind == kind).count()
}

#[tokio::test]
async fn a_link_is_shown_once_works_once_and_a_repeat_makes_no_other() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let key = [("idempotency-key", "help-1")];
    let made = admin.send("POST", &of(ALICE, "sign-in-link"), &key, "").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let again = admin.send("POST", &of(ALICE, "sign-in-link"), &key, "").await;
    assert_eq!(again.body, made.body);
    assert_eq!(recorded(&app, EventKind::LinkMade).await, 1);
    let browser = app.browser();
    assert_eq!(go(&browser, &path(&made.text("url"))).await.status, 303);
    assert!(browser.get("/account").await.body.contains("alice"));
    assert_eq!(go(&app.browser(), &path(&made.text("url"))).await.status, 400, "once");

    let reset = admin.send("POST", &of(ALICE, "reset-link"), &[], "").await;
    let browser = app.browser();
    let page = Page::of(browser.get(&path(&reset.text("url"))).await);
    let fields = [("password", "a wholly new passphrase"), ("password_again", "a wholly new passphrase")];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    assert!(!app.events().await.iter().any(|event| event.data.to_string().contains("link=")));
}

#[tokio::test]
async fn who_signs_in_by_a_link_is_told_of() {
    let app = TestApp::new().await;
    // In the first hour of an account nobody is told.
    app.advance_s(3601);
    let admin = Admin::of_tenant(&app).await;
    let made = admin.send("POST", &of(ALICE, "sign-in-link"), &[], "").await;
    let before = app.mails().await.len();
    assert_eq!(go(&app.browser(), &path(&made.text("url"))).await.status, 303);
    let mails = app.mails().await;
    assert_eq!(mails.len(), before + 1);
    assert_eq!(mails[0].kind, "new_device", "{}", mails[0].text);
}

/// Who could not make a link for an administrator of the server holds none, although the person was nobody special then.
#[tokio::test]
async fn a_link_ends_when_its_person_comes_to_administer_the_server() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    for act in ["sign-in-link", "reset-link"] {
        let made = admin.send("POST", &of(BOB, act), &[], "").await;
        app.advance_s(1);
        let promoted = User { administrator_since: Some(app.clock.now()), ..user(&app, BOB).await };
        app.store.commit(vec![Effect::PutUser(promoted)]).await.unwrap();
        assert_eq!(app.browser().get(&path(&made.text("url"))).await.status, 400, "{act}");
        let back = User { administrator_since: None, ..user(&app, BOB).await };
        app.store.commit(vec![Effect::PutUser(back)]).await.unwrap();
        assert_eq!(app.browser().get(&path(&made.text("url"))).await.status, 200, "{act}: it was that");
    }
}

/// The same of who comes to administer the tenant by a role; what they did before takes no link back.
#[tokio::test]
async fn a_link_ends_when_its_person_comes_to_administer_more() {
    let app = TestApp::new().await;
    let _before = crate::console::give(&app, T1, BOB, 6, &["admin:users.read"]).await;
    let admin = Admin::of_tenant(&app).await;
    let project = json!({ "id": "project/p-1" });
    assert_eq!(admin.json("POST", &format!("/tenants/{T1}/contexts"), project).await.status, 201);
    let member = format!("/tenants/{T1}/contexts/project/p-1/members/{}", user_id(BOB));
    for (act, key, more) in [("sign-in-link", 7, "admin:keys.write"), ("reset-link", 8, "admin:apis.write")] {
        let made = admin.send("POST", &of(BOB, act), &[], "").await;
        let link = path(&made.text("url"));
        assert_eq!(app.browser().get(&link).await.status, 200, "{act}");
        let _role = crate::console::give(&app, T1, BOB, key, &["shop:open"]).await;
        assert_eq!(app.browser().get(&link).await.status, 200, "{act}: that is no administration");
        let role = json!({ "id": format!("local-{key}"), "permissions": [more] });
        assert_eq!(admin.json("POST", &format!("/tenants/{T1}/roles"), role).await.status, 201);
        let membership = json!({ "roles": [format!("local-{key}")] });
        let put = admin.json("PUT", &member, membership).await;
        assert!(put.status < 300, "{}", put.body);
        assert_eq!(app.browser().get(&link).await.status, 200, "{act}: nor is what holds in one context");
        let _role = crate::console::give(&app, T1, BOB, key + 10, &[more]).await;
        assert_eq!(app.browser().get(&link).await.status, 400, "{act}");
    }
}

#[tokio::test]
async fn a_new_password_is_chosen_at_the_next_sign_in() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let reply = admin.send("POST", &of(ALICE, "require-password"), &[], "").await;
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let due = browser.submit(&page, &credentials(ALICE)).await;
    assert_eq!(due.status, 200);
    assert!(due.body.contains("password_again"), "{}", due.body);
    assert_eq!(browser.get("/account").await.status, 303, "nothing is opened yet");
    // The one that they had is no new one, and that is what they are told.
    let typed = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    let same = browser.submit(&Page::of(due), &typed).await;
    assert_eq!(same.status, 400);
    assert!(same.body.contains("This is the password that you have had so far."), "{}", same.body);
}

#[tokio::test]
async fn a_lost_second_factor_is_taken_away() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let none = admin.send("DELETE", &of(ALICE, "second-factor"), &[], "").await;
    assert_eq!(none.status, 404, "{}", none.body);
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    browser.enrol(&app).await;
    assert_eq!(admin.send("DELETE", &of(ALICE, "second-factor"), &[], "").await.status, 204);
    app.browser().sign_in(ALICE).await;
    assert_eq!(recorded(&app, EventKind::FactorReset).await, 1);
}

#[tokio::test]
async fn nobody_gets_at_who_may_more_than_they() {
    let app = TestApp::new().await;
    let boss = User { administrator_since: Some(app.clock.now()), ..user(&app, ALICE).await };
    app.store.commit(vec![Effect::PutUser(boss)]).await.unwrap();
    let _role = crate::console::give(&app, T1, BOB, 7, &["admin:keys.write"]).await;
    let narrow = Admin::with(&app, "narrow", "admin:users.write admin:users.read").await;
    let chief = Admin::of_tenant(&app).await;
    for act in ["sign-in-link", "reset-link", "require-password"] {
        assert_eq!(chief.send("POST", &of(ALICE, act), &[], "").await.status, 403, "{act}");
        assert_eq!(narrow.send("POST", &of(BOB, act), &[], "").await.status, 403, "{act}");
    }
    assert_eq!(chief.send("DELETE", &of(ALICE, "second-factor"), &[], "").await.status, 403);
    assert_eq!(narrow.send("DELETE", &of(BOB, "second-factor"), &[], "").await.status, 403);
    assert_eq!(chief.send("POST", &of(BOB, "sign-in-link"), &[], "").await.status, 200);
    assert_eq!(recorded(&app, EventKind::LinkMade).await, 1);
    assert_eq!(recorded(&app, EventKind::AdminDenied).await, 8, "each is told to who reads the trail");
    let gone = chief.send("POST", &of("nobody", "sign-in-link"), &[], "").await;
    assert_eq!(gone.status, 404);
}

/// A role is given and taken by itself, whatever else somebody has at the same moment.
#[tokio::test]
async fn roles_are_given_taken_and_listed_one_by_one() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let t = format!("/tenants/{T1}");
    for role in ["reader", "editor"] {
        assert_eq!(admin.json("POST", &format!("{t}/roles"), json!({ "id": role })).await.status, 201);
    }
    let of = |role: &str| format!("{t}/users/{}/roles/{role}", user_id(BOB));
    let (reader, editor) = (of("reader"), of("editor"));
    let both = tokio::join!(admin.send("PUT", &reader, &[], ""), admin.send("PUT", &editor, &[], ""));
    assert_eq!((both.0.status, both.1.status), (204, 204), "{} {}", both.0.body, both.1.body);
    assert_eq!(admin.send("PUT", &of("reader"), &[], "").await.status, 204, "again is no other");
    assert_eq!(recorded(&app, EventKind::RoleGiven).await, 2);
    let list = async |path: &str| {
        let reply = admin.get(&format!("{t}/{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let rows =
            |row: &serde_json::Value| (row["user"].clone(), row["role"].clone(), row["context"].clone());
        reply.json()["items"].as_array().unwrap().iter().map(rows).collect::<Vec<_>>()
    };
    let (bob, null) = (json!(user_id(BOB)), serde_json::Value::Null);
    let held = [(bob.clone(), json!("editor"), null.clone()), (bob.clone(), json!("reader"), null.clone())];
    assert_eq!(list(&format!("users/{}/roles", user_id(BOB))).await, held);
    assert_eq!(list("roles/reader/assignments").await, held[1..]);
    admin.json("POST", &format!("{t}/contexts"), json!({ "id": "project/p-1" })).await;
    let member = format!("{t}/contexts/project/p-1/members/{}", user_id(ALICE));
    admin.json("PUT", &member, json!({ "roles": ["reader"] })).await;
    let there = (json!(user_id(ALICE)), json!("reader"), json!("project/p-1"));
    assert_eq!(list("roles/reader/assignments").await, [there, held[1].clone()]);

    assert_eq!(admin.send("DELETE", &of("reader"), &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &of("reader"), &[], "").await.status, 404);
    assert_eq!(recorded(&app, EventKind::RoleTaken).await, 1);
    for nothing in [of("nothing"), format!("{t}/users/usr_nobody/roles/reader")] {
        assert_eq!(admin.send("PUT", &nothing, &[], "").await.status, 404, "{nothing}");
    }
    let _role = crate::console::give(&app, T1, ALICE, 7, &["admin:keys.write"]).await;
    let narrow = Admin::with(&app, "narrow", "admin:users.write").await;
    assert_eq!(
        narrow.send("PUT", &of("role-7"), &[], "").await.status,
        403,
        "nobody gives what they do not hold"
    );
    assert_eq!(narrow.send("PUT", &of("reader"), &[], "").await.status, 204);
}

#[tokio::test]
async fn an_id_is_whose_id_it_is_and_not_whose_name() {
    let app = TestApp::new().await;
    let name = user_id(ALICE);
    let bob = User { user_name: name.clone(), user_name_key: name, ..user(&app, BOB).await };
    app.store.commit(vec![Effect::PutUser(bob)]).await.unwrap();
    let admin = Admin::of_tenant(&app).await;
    let made = admin.send("POST", &of(ALICE, "sign-in-link"), &[], "").await;
    let browser = app.browser();
    go(&browser, &path(&made.text("url"))).await;
    assert!(browser.get("/account").await.body.contains("alice@example.com"));
}

async fn join(app: &TestApp, url: &str, name: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get(&path(url)).await);
    let fields = [("username", name), ("password", PASSWORD), ("password_again", PASSWORD)];
    browser.submit(&page, &fields).await
}

#[tokio::test]
async fn an_invitation_gives_roles_and_contexts() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let made = [
        ("roles", json!({ "id": "reader", "permissions": ["docs:read"] })),
        ("roles", json!({ "id": "editor", "permissions": ["docs:write"] })),
        ("contexts", json!({ "id": "project/p-1" })),
    ];
    for (path, body) in made {
        assert_eq!(admin.json("POST", &format!("/tenants/{T1}/{path}"), body).await.status, 201);
    }
    let invitations = format!("/tenants/{T1}/invitations");
    let body = json!({
        "roles": ["reader"],
        "contexts": [{ "context": "project/p-1", "roles": ["editor"] }],
    });
    let link = admin.json("POST", &invitations, body).await;
    assert_eq!(link.status, 200, "{}", link.body);
    assert_eq!(join(&app, &link.text("url"), "carol").await.status, 303);
    let found = app.store.user_by_name(&T1.into(), "carol").await.unwrap().unwrap().user;
    let shown = admin.get(&format!("/tenants/{T1}/users/{}", found.id)).await.json();
    assert_eq!(shown["roles"], json!(["reader"]));
    let members = admin.get(&format!("/tenants/{T1}/contexts/project/p-1/members")).await.json();
    assert_eq!(
        (&members["items"][0]["user"], &members["items"][0]["roles"]),
        (&json!(found.id), &json!(["editor"]))
    );
    let told: Vec<(EventKind, String)> = app
        .events()
        .await
        .into_iter()
        .filter(|event| event.user.as_ref() == Some(&found.id))
        .map(|event| (event.kind, event.data))
        .collect();
    let membership = format!(r#"{{"id":"{} in project/p-1","object":"membership"}}"#, found.id);
    for (kind, data) in [
        (EventKind::RoleGiven, r#"{"role":"reader"}"#),
        (EventKind::ObjectCreated, &membership),
        (EventKind::RoleGiven, r#"{"context":"project/p-1","role":"editor"}"#),
    ] {
        assert!(told.contains(&(kind, data.to_owned())), "{data}: {told:?}");
    }

    let mailed =
        admin.json("POST", &invitations, json!({ "email": "dora@example.net", "by_mail": true })).await;
    assert!(
        mailed.json().get("url").is_none(),
        "a link that was sent is shown to nobody else: {}",
        mailed.body
    );
    assert_eq!(app.mails().await.last().unwrap().to, "dora@example.net");
}

/// Who invited somebody by mistake, or fears for a link, calls it back.
#[tokio::test]
async fn invitations_that_nobody_used_are_listed_and_called_back() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let invitations = format!("/tenants/{T1}/invitations");
    assert_eq!(
        admin.json("POST", &format!("/tenants/{T1}/roles"), json!({ "id": "reader" })).await.status,
        201
    );
    let body = json!({ "email": "dora@example.net", "name": "Dora", "roles": ["reader"] });
    let dora = admin.json("POST", &invitations, body).await;
    app.advance_s(100);
    let others = [
        admin.json("POST", &invitations, json!({})).await,
        admin.json("POST", &invitations, json!({})).await,
    ];
    let list = async || admin.get(&invitations).await.json()["items"].as_array().unwrap().clone();

    let open = list().await;
    let ids: Vec<&str> = open.iter().map(|found| found["id"].as_str().unwrap()).collect();
    assert_eq!(ids[0], dora.text("id"), "what ends first comes first");
    assert!(others.iter().all(|other| ids[1..].contains(&other.text("id").as_str())) && ids.len() == 3);
    let mut shown = dora.json();
    shown.as_object_mut().unwrap().remove("url").expect("shown once");
    assert_eq!(open[0], shown);
    assert_eq!(
        (&open[0]["email"], &open[0]["name"], &open[0]["roles"], &open[0]["by_mail"], &open[0]["by"]["kind"]),
        (&json!("dora@example.net"), &json!("Dora"), &json!(["reader"]), &json!(false), &json!("client"))
    );
    let first = admin.get(&format!("{invitations}?limit=2")).await;
    let next = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap();
    let rest = admin.get(next.strip_prefix("https://id.example/admin/v1").unwrap()).await;
    assert_eq!(rest.json()["items"], json!([open[2]]));

    // One that was used is none any more.
    assert_eq!(join(&app, &others[0].text("url"), "carol").await.status, 303);
    let of = |reply: &Reply| format!("{invitations}/{}", reply.text("id"));
    assert_eq!(admin.send("DELETE", &of(&others[0]), &[], "").await.status, 404);
    assert_eq!(admin.send("DELETE", &of(&dora), &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &of(&dora), &[], "").await.status, 404, "once");
    assert_eq!(app.browser().get(&path(&dora.text("url"))).await.status, 400, "its link works no longer");
    assert_eq!(recorded(&app, EventKind::InvitationWithdrawn).await, 1);
    assert_eq!(list().await.len(), 1);
    for wrong in ["inv_", "inv_1", "nothing", &"inv_0".repeat(9)] {
        assert_eq!(
            admin.send("DELETE", &format!("{invitations}/{wrong}"), &[], "").await.status,
            404,
            "{wrong}"
        );
    }

    // Nor one that is too old.
    app.advance_s(7 * 86_400);
    let admin = Admin::with(&app, "later", "admin:users.write").await;
    assert_eq!(admin.get(&invitations).await.json()["items"], json!([]));
    assert_eq!(admin.send("DELETE", &of(&others[1]), &[], "").await.status, 404);
}

/// Of whoever uses an invitation and whoever calls it back at the same moment one is first, and the other is told.
#[tokio::test]
async fn an_invitation_is_used_or_called_back_and_not_both() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let invitations = format!("/tenants/{T1}/invitations");
    for round in 0..8 {
        let made = admin.json("POST", &invitations, json!({})).await;
        let of = format!("{invitations}/{}", made.text("id"));
        let (browser, name) = (app.browser(), format!("guest{round}"));
        let page = Page::of(browser.get(&path(&made.text("url"))).await);
        let fields = [("username", name.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
        let (joined, withdrawn) =
            tokio::join!(browser.submit(&page, &fields), admin.send("DELETE", &of, &[], ""));
        let is_there = app.store.user_by_name(&T1.into(), &name).await.unwrap().is_some();
        assert_eq!(
            (joined.status, withdrawn.status),
            if is_there { (303, 404) } else { (400, 204) },
            "{round}"
        );
    }
}

#[tokio::test]
async fn an_invitation_that_cannot_be_says_where() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let invitations = format!("/tenants/{T1}/invitations");
    let rows = [
        (json!({ "by_mail": true }), vec!["/email"]),
        (json!({ "email": "no address" }), vec!["/email"]),
        (json!({ "roles": ["nothing"] }), vec!["/roles/0"]),
        (
            json!({ "contexts": [{ "context": "project/none", "roles": ["nothing"] }] }),
            vec!["/contexts/0/context", "/contexts/0/roles/0"],
        ),
        (json!({ "contexts": [{}] }), vec!["/contexts/0/context"]),
        (json!({ "administrator": true }), vec!["/administrator"]),
    ];
    for (body, expected) in rows {
        let reply = admin.json("POST", &invitations, body.clone()).await;
        assert_eq!(
            (reply.status, pointers(&reply)),
            (400, expected.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
    let known = admin.json("POST", &invitations, json!({ "email": "ALICE@example.com" })).await;
    assert_eq!(known.status, 409, "the link could never be used: {}", known.body);
    let _role = crate::console::give(&app, T1, BOB, 7, &["admin:keys.write"]).await;
    let narrow = Admin::with(&app, "narrow", "admin:users.write").await;
    let more = narrow.json("POST", &invitations, json!({ "roles": ["role-7"] })).await;
    assert_eq!(more.status, 403, "nobody gives what they do not hold");
    assert_eq!(recorded(&app, EventKind::AdminDenied).await, 1);
    assert_eq!(app.rows("tickets").await, 0);
    assert_eq!(recorded(&app, EventKind::Invited).await, 0);
}

/// Whoever changes an address does not say by it that it is theirs.
#[tokio::test]
async fn another_address_is_not_verified_unless_it_is_said() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(ALICE));
    let patch = async |body: serde_json::Value| {
        let reply = admin.json("PATCH", &path, body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["email_verified"] == true
    };
    assert!(patch(json!({ "email_verified": true })).await);
    assert!(patch(json!({ "email": "ALICE@example.com" })).await, "it is the same address");
    assert!(!patch(json!({ "email": "new@example.net" })).await);
    assert!(patch(json!({ "email": "newer@example.net", "email_verified": true })).await);
    assert!(!patch(json!({ "email": null })).await);
}
