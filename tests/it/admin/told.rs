//! What is wrong with a body, or taken, is told with its place: in settings and profiles too; and the path says an object's id.

use doorward_tests::{ALICE, BOB, T1, TestApp, user_id};
use serde_json::{Value, json};

use super::{Admin, pointers};

/// A name that another has is a conflict, told where it was said, however it came.
#[tokio::test]
async fn what_another_has_is_told_at_its_member() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let t = format!("/tenants/{T1}");
    let alices = json!({"email": "alice@people.example", "external_id": "ext-1"});
    let put = admin.json("PATCH", &format!("{t}/users/{}", user_id(ALICE)), alices).await;
    assert_eq!(put.status, 200, "{}", put.body);
    for (list, object) in [
        ("contexts", json!({"id": "project/one", "external_id": "ext-1"})),
        ("contexts", json!({"id": "project/two"})),
        ("roles", json!({"id": "clerk"})),
        ("issuers", json!({"id": "second", "url": "https://second.example"})),
    ] {
        assert_eq!(admin.json("POST", &format!("{t}/{list}"), object).await.status, 201);
    }
    let bob = format!("{t}/users/{}", user_id(BOB));
    let rows = [
        ("POST", format!("{t}/users"), json!({"user_name": ALICE}), "/user_name"),
        ("POST", format!("{t}/users"), json!({"user_name": "ALICE"}), "/user_name"),
        (
            "POST",
            format!("{t}/users"),
            json!({"user_name": "dora", "email": "alice@people.example"}),
            "/email",
        ),
        ("POST", format!("{t}/users"), json!({"user_name": "dora", "external_id": "ext-1"}), "/external_id"),
        ("POST", format!("{t}/users"), json!({"id": user_id(BOB), "user_name": "dora"}), "/id"),
        ("PATCH", bob.clone(), json!({"user_name": ALICE}), "/user_name"),
        ("PATCH", bob.clone(), json!({"email": "alice@people.example"}), "/email"),
        ("PATCH", bob.clone(), json!({"external_id": "ext-1"}), "/external_id"),
        ("PUT", bob.clone(), json!({"user_name": "bob", "external_id": "ext-1"}), "/external_id"),
        ("POST", format!("{t}/contexts"), json!({"id": "project/x", "external_id": "ext-1"}), "/external_id"),
        ("PATCH", format!("{t}/contexts/project/two"), json!({"external_id": "ext-1"}), "/external_id"),
        ("POST", format!("{t}/roles"), json!({"id": "clerk"}), "/id"),
        ("POST", format!("{t}/contexts"), json!({"id": "project/one"}), "/id"),
        ("POST", format!("{t}/issuers"), json!({"id": "x", "url": "https://second.example"}), "/url"),
    ];
    let before = app.events().await.len();
    for (method, path, body, pointer) in rows {
        let reply = admin.json(method, &path, body.clone()).await;
        assert_eq!(reply.status, 409, "{method} {path} {body}: {}", reply.body);
        assert_eq!(reply.text("type"), "urn:doorward:problem:taken", "{body}");
        assert_eq!(pointers(&reply), [pointer], "{method} {path} {body}: {}", reply.body);
    }
    assert_eq!(app.events().await.len(), before, "nothing was done");
    // What is wrong besides is not a conflict.
    let both = json!({"user_name": ALICE, "roles": ["nobody"]});
    let reply = admin.json("POST", &format!("{t}/users"), both).await;
    assert_eq!((reply.status, pointers(&reply).len()), (400, 2), "{}", reply.body);
    // What one has oneself is no conflict, and names can be given up.
    let own = json!({"user_name": "bob", "email": "bob@people.example", "external_id": "ext-2"});
    for _ in 0..2 {
        assert_eq!(admin.json("PUT", &bob, own.clone()).await.status, 200);
    }
}

#[tokio::test]
async fn settings_and_profiles_are_told_by_pointers() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let (tenant, bob) = (format!("/tenants/{T1}"), format!("/tenants/{T1}/users/{}", user_id(BOB)));
    let settings = |settings: Value| ("PATCH", tenant.clone(), json!({ "settings": settings }));
    let profile = |profile: Value| ("PATCH", bob.clone(), json!({ "profile": profile }));
    let texts = |texts: Value| settings(json!({"mail": {"texts": texts}}));
    let rows = vec![
        (settings(json!({"nonsense": 1})), "/settings/nonsense"),
        (settings(json!({"session_idle_s": "long"})), "/settings/session_idle_s"),
        (settings(json!({"session_idle_s": 1})), "/settings/session_idle_s"),
        (settings(json!({"second_factor": "sometimes"})), "/settings/second_factor"),
        (settings(json!({"accent": "#12345g"})), "/settings/accent"),
        (settings(json!({"accent": 7})), "/settings/accent"),
        (settings(json!({"locale": "not a language"})), "/settings/locale"),
        (settings(json!({"events_kept_s": 1})), "/settings/events_kept_s"),
        (settings(json!({"mail": {"from": "nobody at all"}})), "/settings/mail/from"),
        (settings(json!({"mail": {"colour": "red"}})), "/settings/mail/colour"),
        (texts(json!({"nothing": {}})), "/settings/mail/texts/nothing"),
        (texts(json!({"nothing": 7})), "/settings/mail/texts/nothing"),
        (settings(json!({"sign_up": {"open": "yes"}})), "/settings/sign_up/open"),
        (settings(json!({"sign_up": {"domains": ["a@b"]}})), "/settings/sign_up/domains/0"),
        (profile(json!({"nickname": 7})), "/profile/nickname"),
        (profile(json!({"shoe_size": "44"})), "/profile/shoe_size"),
        (profile(json!({"website": "ftp://x"})), "/profile/website"),
        (profile(json!({"address": "here"})), "/profile/address"),
        (profile(json!({"address": {"locality": 7}})), "/profile/address/locality"),
        (profile(json!({"address": {"planet": "Mars"}})), "/profile/address/planet"),
        (profile(json!({"address": {"country": "\u{7}"}})), "/profile/address/country"),
        (profile(json!({"phone_number_verified": "no"})), "/profile/phone_number_verified"),
    ];
    for ((method, path, body), pointer) in rows {
        let reply = admin.json(method, &path, body.clone()).await;
        assert_eq!(
            (reply.status, pointers(&reply)),
            (400, vec![pointer.to_owned()]),
            "{body}: {}",
            reply.body
        );
    }
    // What is read can be put back, with what is absent in it.
    let read = admin.get(&tenant).await;
    assert!(read.json()["settings"]["accent"].is_null(), "{}", read.body);
    let same = admin.send("PUT", &tenant, &[], &read.body).await;
    assert_eq!((same.status, same.json()), (200, read.json()), "{}", same.body);
    let address =
        json!({"profile": {"address": {"street_address": "1 Road\nBack door", "locality": "Town"}}});
    assert_eq!(admin.json("PATCH", &bob, address).await.status, 200);
}

/// Of an object that is put the path says the id: a body need not, and must not say another.
#[tokio::test]
async fn the_path_says_the_id() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let t = format!("/tenants/{T1}");
    for (path, id, body) in [
        ("/tenants/t9".to_owned(), "t9", json!({"name": "Ninth"})),
        (format!("{t}/roles/clerk"), "clerk", json!({"permissions": ["orders:read"]})),
        (format!("{t}/contexts/project/p-9"), "project/p-9", json!({})),
        (format!("{t}/issuers/ninth"), "ninth", json!({"url": "https://ninth.example"})),
        (format!("{t}/apis/https%3A%2F%2Fninth.example"), "https://ninth.example", json!({})),
        (format!("{t}/clients/ninth"), "ninth", json!({"redirect_uris": ["https://ninth.example/cb"]})),
        (format!("{t}/users/usr_00000009"), "usr_00000009", json!({"user_name": "nina"})),
    ] {
        let made = admin.json("PUT", &path, body.clone()).await;
        assert_eq!((made.status, made.text("id").as_str()), (201, id), "{path}: {}", made.body);
        let mut said = body.clone();
        said["id"] = json!(id);
        let same = admin.json("PUT", &path, said.clone()).await;
        assert_eq!((same.status, same.text("id").as_str()), (200, id), "{path}: {}", same.body);
        for other in [json!("another-0001"), json!(7), Value::Null] {
            said["id"] = other.clone();
            let reply = admin.json("PUT", &path, said.clone()).await;
            assert_eq!((reply.status, pointers(&reply)), (400, vec!["/id".to_owned()]), "{path} {other}");
        }
    }
    let without = admin.json("POST", &format!("{t}/roles"), json!({})).await;
    assert_eq!((without.status, pointers(&without)), (400, vec!["/id".to_owned()]), "{}", without.body);
}

/// What says how an object is to be changed is no object: a whole one would lose what a patch leaves out.
#[tokio::test]
async fn a_merge_patch_is_taken_by_patch_only() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let (alice, users) = (format!("/tenants/{T1}/users/{}", user_id(ALICE)), format!("/tenants/{T1}/users"));
    let body = r#"{"user_name":"alison"}"#;
    for (method, path, media_type, status) in [
        ("PUT", &alice, "application/merge-patch+json", 415),
        ("POST", &users, "application/merge-patch+json", 415),
        ("PATCH", &alice, "text/plain", 415),
        ("PATCH", &alice, "application/merge-patch+json", 200),
        ("PATCH", &alice, "application/json", 200),
    ] {
        let reply = admin.send(method, path, &[("content-type", media_type)], body).await;
        assert_eq!(reply.status, status, "{method} {media_type}: {}", reply.body);
    }
}
