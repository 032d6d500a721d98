//! What can be done to objects: made, read, replaced, patched, removed; versions; what is wrong, and where.

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::{Actor, EventKind, User};
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{ALICE, BOB, T1, T2, TestApp, WEB, credentials, request, user_id};
use serde_json::{Value, json};

use super::{ADMIN, Admin, client_with, pointers, user};

/// A collection of the API with an object that can be made there and a change of it.
fn kinds() -> Vec<(&'static str, Value, Value)> {
    vec![
        (
            "issuers",
            json!({"id": "second", "url": "https://second.example"}),
            json!({"url": "https://third.example"}),
        ),
        (
            "apis",
            json!({"id": "https://api.example/v1", "name": "One", "scopes": [{"name": "one:read"}]}),
            json!({"name": "Two", "token_format": "opaque"}),
        ),
        (
            "roles",
            json!({"id": "clerk", "permissions": ["orders:read"]}),
            json!({"permissions": ["orders:*"]}),
        ),
        ("contexts", json!({"id": "project/p-1", "name": "One"}), json!({"name": "Two"})),
        (
            "clients",
            json!({"id": "new", "redirect_uris": ["https://new.example/cb"]}),
            json!({"name": "New", "first_party": true}),
        ),
        ("users", json!({"id": "usr_00000001", "user_name": "dora"}), json!({"email": "dora@example.com"})),
    ]
}

fn path_of(list: &str, object: &Value) -> String {
    let id = object["id"].as_str().unwrap();
    let id = if list == "contexts" { id.to_owned() } else { doorward_wire::percent::encode(id) };
    format!("/tenants/{T1}/{list}/{id}")
}

#[tokio::test]
async fn every_kind_is_made_read_changed_replaced_and_removed() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    for (list, object, change) in kinds() {
        let made = admin.json("POST", &format!("/tenants/{T1}/{list}"), object.clone()).await;
        assert_eq!(made.status, 201, "{list}: {}", made.body);
        assert_eq!(made.header("etag"), Some("\"1\""), "{list}");
        let path = path_of(list, &object);
        assert_eq!(made.header("location"), Some(format!("https://id.example/admin/v1{path}").as_str()));
        for (member, value) in object.as_object().unwrap() {
            if !value.is_array() {
                assert_eq!(made.json()[member], *value, "{list}");
            }
        }
        let again = admin.json("POST", &format!("/tenants/{T1}/{list}"), object.clone()).await;
        assert_eq!(again.status, 409, "{list}: {}", again.body);

        let read = admin.get(&path).await;
        assert_eq!((read.status, read.json()), (200, made.json()), "{list}");

        let changed = admin.json("PATCH", &path, change.clone()).await;
        assert_eq!(changed.status, 200, "{list}: {}", changed.body);
        assert_eq!(changed.header("etag"), Some("\"2\""), "{list}");
        for (member, value) in change.as_object().unwrap() {
            assert_eq!(changed.json()[member], *value, "{list}");
        }
        assert_eq!(admin.get(&path).await.json(), changed.json(), "{list}");

        let replaced = admin.json("PUT", &path, object.clone()).await;
        assert_eq!(replaced.status, 200, "{list}: {}", replaced.body);
        assert_eq!(replaced.header("etag"), Some("\"3\""), "{list}");
        let same = admin.send("PUT", &path, &[("content-type", "application/json")], &replaced.body).await;
        assert_eq!(same.header("etag"), Some("\"3\""), "{list}: what is read can be put back: {}", same.body);

        let found = admin.get(&format!("/tenants/{T1}/{list}?limit=200")).await.json();
        let items = found["items"].as_array().unwrap();
        assert!(items.iter().any(|item| item["id"] == object["id"]), "{list}: {found}");
        assert!(found["next"].is_null(), "{list}");

        assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 204, "{list}");
        assert_eq!(admin.get(&path).await.status, 404, "{list}");
        assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 404, "{list}");

        let put = admin.json("PUT", &path, object).await;
        assert_eq!(put.status, 201, "{list}: {}", put.body);
    }
}

#[tokio::test]
async fn every_change_has_an_event_that_names_the_actor() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(BOB));
    assert_eq!(admin.json("PATCH", &path, json!({"locked": true})).await.status, 200);
    let events = app.events().await;
    let event = events.iter().rfind(|event| event.kind == EventKind::ObjectChanged).unwrap();
    assert_eq!(event.actor, Actor::Client("chief".into()));
    assert_eq!(event.user.as_ref().unwrap().as_str(), user_id(BOB));
    assert_ne!(event.request_id, "operator");
}

/// Who looks into the trail later sees what became of what; of people not what says who they are, and of secrets nothing.
#[tokio::test]
async fn events_of_changes_say_what_became_of_each_member() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let bob = format!("/tenants/{T1}/users/{}", user_id(BOB));
    let role = format!("/tenants/{T1}/roles/clerk");
    let client = format!("/tenants/{T1}/clients/{WEB}");
    let long = format!("https://shop.example/{}", "x".repeat(300));
    let uris = json!(["https://shop.example/cb", long]);
    for (method, path, body, expected) in [
        ("PATCH", &bob, json!({"locked": true}), r#"{"field":"locked","after":"true"}"#),
        ("PATCH", &bob, json!({"locked": false}), r#"{"field":"locked","before":"true"}"#),
        (
            "PUT",
            &role,
            json!({"permissions": ["shop:read"]}),
            r#"{"field":"permissions","after":"shop:read"}"#,
        ),
        ("PUT", &role, json!({"permissions": []}), r#"{"field":"permissions","before":"shop:read"}"#),
        (
            "PATCH",
            &client,
            json!({"redirect_uris": uris}),
            r#"{"field":"redirect_uris","after":"https://shop.example/cb"}"#,
        ),
    ] {
        let reply = admin.json(method, path, body.clone()).await;
        assert!(reply.status < 300, "{body}: {}", reply.body);
        let of_object = [EventKind::ObjectChanged, EventKind::ObjectCreated];
        let event = app.events().await.into_iter().rfind(|event| of_object.contains(&event.kind)).unwrap();
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let changes = data["changes"].as_array().unwrap_or_else(|| panic!("{body}: {data}"));
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert!(changes.contains(&expected), "{body}: {data}");
        assert!(event.data.len() < 2000, "{}", event.data.len());
    }
    let named = json!({"email": "bobby@example.net", "profile": {"name": "Bobby"}, "password": "a sentence of his own"});
    assert_eq!(admin.json("PATCH", &bob, named).await.status, 200);
    let events = app.events().await;
    let last = |kind| events.iter().rfind(|event| event.kind == kind).unwrap();
    let (password, changed) = (last(EventKind::PasswordChanged), last(EventKind::ObjectChanged));
    assert_eq!((&password.actor, &password.user), (&changed.actor, &changed.user));
    let data: Value = serde_json::from_str(&changed.data).unwrap();
    assert_eq!(data["fields"], json!(["email", "email_verified", "password_hash", "profile.name"]));
    for event in [password, changed] {
        for hidden in ["bobby", "Bobby", "sentence", "argon2"] {
            assert!(!event.data.contains(hidden), "{}", event.data);
        }
    }
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(BOB));
    let etag = admin.get(&path).await.header("etag").unwrap().to_owned();
    let body = r#"{"locked":true}"#;
    for (method, body) in [("PATCH", body), ("PUT", r#"{"user_name":"bob"}"#), ("DELETE", "")] {
        for wrong in ["\"77\"", "W/\"1\"", "bob"] {
            let reply = admin.send(method, &path, &[("if-match", wrong)], body).await;
            assert_eq!(reply.status, 412, "{method} {wrong}: {}", reply.body);
        }
    }
    assert_eq!(admin.get(&path).await.header("etag"), Some(etag.as_str()));
    let reply = admin.send("PATCH", &path, &[("if-match", &etag)], body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply = admin.send("PATCH", &path, &[("if-match", &etag)], body).await;
    assert_eq!(reply.status, 412, "{}", reply.body);
    let reply = admin.send("PATCH", &path, &[("if-match", "*")], body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let there = [("if-none-match", "*")];
    let reply = admin.send("PUT", &path, &there, r#"{"user_name":"bob"}"#).await;
    assert_eq!(reply.status, 412, "it is there: {}", reply.body);
    let fresh = format!("/tenants/{T1}/users/usr_00000009");
    let reply = admin.send("PUT", &fresh, &there, r#"{"user_name":"new"}"#).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

#[tokio::test]
async fn of_writers_who_saw_the_same_version_one_wins() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(BOB));
    let etag = admin.get(&path).await.header("etag").unwrap().to_owned();
    let bodies: Vec<String> =
        (0..8).map(|n| json!({"profile": {"nickname": format!("n{n}")}}).to_string()).collect();
    let bearer = format!("Bearer {}", admin.token);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("if-match", etag.as_str()),
    ];
    let target = format!("{ADMIN}{path}");
    let requests = bodies.iter().map(|body| request("PATCH", &target, &headers, body)).collect();
    let replies = at_once(&nodes(&app).await, requests).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    assert!(replies.iter().all(|reply| [200, 409, 412].contains(&reply.status)));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_pointers() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let rows: Vec<(&str, &str, Value, &[&str])> = vec![
        ("POST", "users", json!({}), &["/user_name"]),
        ("POST", "users", json!({"user_name": "x y\u{0}"}), &["/user_name"]),
        ("POST", "users", json!({"user_name": "dora", "email": "nonsense"}), &["/email"]),
        (
            "POST",
            "users",
            json!({"user_name": "dora", "profile": {"website": "javascript:1"}}),
            &["/profile/website"],
        ),
        (
            "POST",
            "users",
            json!({"user_name": "dora", "is_admin": true, "roles": 7}),
            &["/is_admin", "/roles"],
        ),
        ("POST", "users", json!({"user_name": "dora", "roles": ["nobody"]}), &["/roles/0"]),
        ("POST", "users", json!({"user_name": "dora", "password": "short"}), &["/password"]),
        (
            "POST",
            "clients",
            json!({"redirect_uris": ["https://a.example/cb", "https://a.example/cb"]}),
            &["/redirect_uris/1"],
        ),
        ("POST", "clients", json!({"id": "doorward-x", "redirect_uris": ["https://a.example"]}), &["/id"]),
        (
            "POST",
            "clients",
            json!({"redirect_uris": ["https://a.example"], "apis": ["https://no.example"]}),
            &["/apis/0"],
        ),
        (
            "POST",
            "clients",
            json!({"redirect_uris": ["https://a.example"], "scopes": "no:scope"}),
            &["/scopes"],
        ),
        ("POST", "apis", json!({"id": "urn:doorward:mine"}), &["/id"]),
        (
            "POST",
            "apis",
            json!({"id": "https://a.example", "scopes": [{"name": "a"}, {"name": "openid"}]}),
            &["/scopes/1/name"],
        ),
        ("POST", "issuers", json!({"id": "x", "url": "http://other.example"}), &["/url"]),
        ("POST", "roles", json!({"id": "r", "permissions": [7]}), &["/permissions/0"]),
        ("POST", "contexts", json!({"id": "project/a", "parent": "project/b"}), &["/parent"]),
    ];
    for (method, list, body, expected) in rows {
        let reply = admin.json(method, &format!("/tenants/{T1}/{list}"), body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(pointers(&reply), expected, "{body}: {}", reply.body);
        assert_eq!(reply.text("type"), "urn:doorward:problem:invalid");
        assert!(!reply.text("request_id").is_empty());
    }
    let path = format!("/tenants/{T1}/users/{}", user_id(BOB));
    let reply = admin.json("PUT", &path, json!({"id": "usr_somebodyelse", "user_name": "bob"})).await;
    assert_eq!((reply.status, pointers(&reply)), (400, vec!["/id".to_owned()]));
    let reply = admin.json("PATCH", &path, json!({"id": "usr_somebodyelse"})).await;
    assert_eq!(reply.status, 409, "{}", reply.body);
    let reply = admin.json("PATCH", &path, json!({"user_name": null})).await;
    assert_eq!((reply.status, reply.text("detail").as_str()), (400, "the member `user_name` is missing"));
}

/// An issuer below another tenant's would stand in front of that tenant's pages.
#[tokio::test]
async fn nobody_places_an_issuer_where_another_tenant_is_reached() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/issuers");
    let before = app.browser().get("/t/t2/sign-in").await.body;
    for url in ["https://id.example/t/t2/sign-in", "https://id.example/t/t2/a", "https://other.example"] {
        let refused = admin.json("POST", &path, json!({"id": "x", "url": url})).await;
        assert_eq!(refused.status, 403, "{url}: {}", refused.body);
        assert!(refused.body.contains("admin:server"), "{}", refused.body);
    }
    assert_eq!(app.browser().get("/t/t2/sign-in").await.body.len(), before.len(), "T2 is where it was");
    let made = admin.json("POST", &path, json!({"id": "x", "url": "https://id.example/mine"})).await;
    assert_eq!(made.status, 201, "below the tenant's own: {}", made.body);
    // Nor does one move there.
    let moved = admin.json("PATCH", &format!("{path}/x"), json!({"url": "https://id.example/t/t2/x"})).await;
    assert_eq!(moved.status, 403, "{}", moved.body);
    let off = admin.json("PATCH", &format!("{path}/x"), json!({"disabled": true})).await;
    assert_eq!(off.status, 200, "what stays where it is can be changed: {}", off.body);
    let server = Admin::of_server(&app).await;
    let placed = server.json("POST", &path, json!({"id": "y", "url": "https://other.example"})).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
}

/// The longest path comes first: an issuer at `/token` would be all that answers there.
#[tokio::test]
async fn no_issuer_stands_where_another_answers_by_itself() {
    let app = TestApp::new().await;
    let server = Admin::of_server(&app).await;
    let path = format!("/tenants/{T1}/issuers");
    for below in [
        "token",
        "admin",
        "admin/v1",
        "assets",
        "assets/x",
        "console",
        "sign-in/x",
        "t/t2/jwks",
        ".well-known/x",
    ] {
        let refused = server
            .json("POST", &path, json!({"id": "x", "url": format!("https://id.example/{below}")}))
            .await;
        assert!([400, 409].contains(&refused.status), "{below}: {} {}", refused.status, refused.body);
    }
    let made = server.json("POST", &path, json!({"id": "x", "url": "https://id.example/mine"})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let moved = server.json("PATCH", &format!("{path}/x"), json!({"url": "https://id.example/token"})).await;
    assert_eq!(moved.status, 409, "{}", moved.body);
    // Nor does one come to stand above such a place.
    let put = async |id: &str, url: &str| {
        server.json("PUT", &format!("{path}/{id}"), json!({"url": url})).await.status
    };
    assert_eq!(put("low", "https://new.example/token").await, 201, "nothing is above it");
    assert_eq!(put("high", "https://new.example").await, 409);
    assert_eq!(put("low", "https://new.example/t/token").await, 200);
    assert_eq!(put("high", "https://new.example").await, 201);
}

#[tokio::test]
async fn a_body_is_json_and_nothing_else() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users");
    let fine = r#"{"user_name":"dora"}"#;
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/yaml", ""]
    {
        let reply = admin.send("POST", &path, &[("content-type", media_type)], fine).await;
        assert_eq!(reply.status, 415, "{media_type}: {}", reply.body);
    }
    let deep = format!("{{\"user_name\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    for body in [
        r#"{"user_name":"a","user_name":"b"}"#,
        "{\"user_name\":\"a\"} x",
        "\u{feff}{\"user_name\":\"a\"}",
        r#"{"user_name":"\ud800"}"#,
        "user_name: a",
        deep.as_str(),
    ] {
        let reply = admin.send("POST", &path, &[], body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.body);
        assert_eq!(reply.text("type"), "urn:doorward:problem:malformed", "{body}");
    }
    let reply = admin.send("POST", &path, &[("content-type", "application/json; charset=utf-8")], fine).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

#[tokio::test]
async fn secrets_and_hashes_are_never_answered() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let made = admin
        .json(
            "POST",
            &format!("/tenants/{T1}/clients"),
            json!({"redirect_uris": ["https://a.example/cb"], "secret": "generate"}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.text("client_secret");
    assert!(secret.starts_with("dwk_"));
    let id = made.text("id");
    let read = admin.get(&format!("/tenants/{T1}/clients/{id}")).await;
    assert!(!read.body.contains(&secret) && !read.body.contains("sha256"), "{}", read.body);
    let body = json!({"user_name": "dora", "password": "a long password of hers"});
    let made = admin.json("POST", &format!("/tenants/{T1}/users"), body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["has_password"], true);
    for path in [
        format!("/tenants/{T1}/users"),
        format!("/tenants/{T1}/clients"),
        format!("/tenants/{T1}/users/{}", user_id(ALICE)),
    ] {
        let reply = admin.get(&path).await;
        assert_eq!(reply.status, 200);
        for hidden in ["argon2", "sha256", "secret\"", "password_hash", "a long password"] {
            assert!(!reply.body.contains(hidden), "{path} tells {hidden}");
        }
    }
    let browser = app.browser();
    let page = doorward_tests::Page::of(browser.get("/sign-in").await);
    let mut form = credentials("dora");
    form.iter_mut()
        .filter(|(name, _)| *name == "password")
        .for_each(|pair| pair.1 = "a long password of hers");
    assert_eq!(browser.submit(&page, &form).await.status, 303, "by the password that was set");
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold() {
    let app = TestApp::new().await;
    let admin = Admin::with(&app, "helper", "admin:users.write admin:clients.write admin:roles.write").await;
    client_with(&app, "strong", "admin:users.read admin:server").await;
    let keeper = Admin::with(&app, "keeper", "admin:clients.write admin:apis.write").await;
    let introspector = |id: &str| json!({"id": id, "grant_types": ["client_credentials"], "introspects_all": true, "secret": "generate"});
    let made = keeper.json("POST", &format!("/tenants/{T1}/clients"), introspector("seer")).await;
    assert_eq!(
        made.status, 201,
        "who holds the APIs gives the right to look into their tokens: {}",
        made.body
    );
    let mut alice = user(&app, ALICE).await;
    alice.administrator_since = Some(app.clock.now());
    app.store.commit(vec![Effect::PutUser(alice)]).await.unwrap();
    let t = format!("/tenants/{T1}");
    let admin_api = doorward_core::admin::API;
    let refused = [
        ("PATCH", format!("{t}/users/{}", user_id(BOB)), json!({"administrator": true})),
        ("PATCH", format!("{t}/users/{}", user_id(ALICE)), json!({"password": "taken over by the helper"})),
        ("PATCH", format!("{t}/users/{}", user_id(ALICE)), json!({"disabled": true})),
        ("DELETE", format!("{t}/users/{}", user_id(ALICE)), json!({})),
        ("PATCH", format!("{t}/clients/strong"), json!({"name": "Mine"})),
        ("DELETE", format!("{t}/clients/strong"), json!({})),
        ("POST", format!("{t}/clients"), introspector("mine")),
        ("PATCH", format!("{t}/clients/{WEB}"), json!({"introspects_all": true})),
        ("PATCH", format!("{t}/clients/seer"), json!({"introspects_all": false})),
        ("POST", format!("{t}/clients/seer/secrets"), json!({})),
        ("DELETE", format!("{t}/clients/seer"), json!({})),
        (
            "POST",
            format!("{t}/clients"),
            json!({"id": "x", "grant_types": ["client_credentials"], "apis": [admin_api],
            "scopes": "admin:keys.write", "secret": "generate"}),
        ),
        ("POST", format!("{t}/roles"), json!({"id": "r", "permissions": ["admin:keys.read"]})),
        ("POST", format!("{t}/roles"), json!({"id": "r", "permissions": ["admin:*"]})),
    ];
    for (method, path, body) in refused {
        let reply = admin.json(method, &path, body.clone()).await;
        assert_eq!(reply.status, 403, "{method} {path} {body}: {}", reply.body);
    }
    assert!(app.events().await.iter().filter(|event| event.kind == EventKind::AdminDenied).count() >= 9);
    let allowed = [
        ("PATCH", format!("{t}/users/{}", user_id(BOB)), json!({"locked": true})),
        ("PATCH", format!("{t}/clients/{WEB}"), json!({"name": "Web"})),
        ("POST", format!("{t}/roles"), json!({"id": "r", "permissions": ["admin:users.read", "orders:*"]})),
    ];
    for (method, path, body) in allowed {
        let reply = admin.json(method, &path, body.clone()).await;
        assert!(reply.status < 300, "{method} {path} {body}: {}", reply.body);
    }
}

#[tokio::test]
async fn tenants_are_made_by_who_administers_the_server_only() {
    let app = TestApp::new().await;
    let chief = Admin::of_tenant(&app).await;
    let boss = Admin::of_server(&app).await;
    let t3 = json!({"id": "t3", "name": "Third", "settings": {"locale": "de"}});
    assert_eq!(chief.json("POST", "/tenants", t3.clone()).await.status, 403);
    assert_eq!(
        chief.json("PUT", "/tenants/t3", t3.clone()).await.status,
        404,
        "it looks like any foreign one"
    );
    let made = boss.json("POST", "/tenants", t3).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["settings"]["locale"], "de");
    let keys = app.store.keys(&TenantId::from("t3")).await.unwrap();
    assert!(!keys.is_empty(), "it can sign from its first moment on");
    let put = boss.json("PUT", "/tenants/t4", json!({"id": "t4", "name": "Fourth"})).await;
    assert_eq!(put.status, 201, "{}", put.body);
    let patched = boss.json("PATCH", "/tenants/t3", json!({"disabled": true})).await;
    assert_eq!((patched.status, &patched.json()["disabled"]), (200, &json!(true)));
    let back = boss.json("PATCH", "/tenants/t3", json!({"disabled": null})).await;
    assert_eq!((back.status, &back.json()["disabled"]), (200, &json!(false)));
    let nested = boss.json("PATCH", "/tenants/t3", json!({"users": []})).await;
    assert_eq!((nested.status, pointers(&nested)), (400, vec!["/users".to_owned()]));
    let seen = |reply: doorward_tests::Reply| -> Vec<String> {
        let items = reply.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(seen(chief.get("/tenants").await), [T1]);
    assert_eq!(seen(boss.get("/tenants").await), [T1, T2, "t3", "t4"]);
}

#[tokio::test]
async fn members_of_a_context_come_with_their_roles() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let t = format!("/tenants/{T1}");
    for (list, object) in [
        ("roles", json!({"id": "clerk", "permissions": ["orders:read"]})),
        ("contexts", json!({"id": "project/p-1"})),
    ] {
        assert_eq!(admin.json("POST", &format!("{t}/{list}"), object).await.status, 201);
    }
    let member = format!("{t}/contexts/project/p-1/members/{}", user_id(BOB));
    let put = admin.json("PUT", &member, json!({"roles": ["clerk"]})).await;
    assert_eq!(put.status, 201, "{}", put.body);
    assert_eq!(put.json()["user"], json!(user_id(BOB)));
    let read = admin.get(&member).await;
    assert_eq!((read.status, &read.json()["roles"]), (200, &json!(["clerk"])), "{}", read.body);
    let of_context = admin.get(&format!("{t}/contexts/project/p-1/members")).await.json();
    let of_user = admin.get(&format!("{t}/users/{}/memberships", user_id(BOB))).await.json();
    assert_eq!(of_context["items"], of_user["items"]);
    assert_eq!(of_user["items"][0]["context"], "project/p-1");
    let patched = admin.json("PATCH", &member, json!({"roles": []})).await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    assert_eq!(admin.send("DELETE", &member, &[], "").await.status, 204);
    assert_eq!(admin.get(&member).await.status, 404);
    let nobody =
        admin.json("PUT", &format!("{t}/contexts/project/p-1/members/usr_nobody000"), json!({})).await;
    assert_eq!((nobody.status, pointers(&nobody)), (400, vec!["/user".to_owned()]));
}

/// Where whoever administers the server lives, their second factor and the guesses at their password are not weakened by who holds less.
#[tokio::test]
async fn the_sign_in_of_server_administrators_is_weakened_by_nobody_who_holds_less() {
    let app = TestApp::new().await;
    let (chief, boss) = (Admin::of_tenant(&app).await, Admin::of_server(&app).await);
    let path = format!("/tenants/{T1}");
    let put = async |by: &Admin<'_>, settings: Value| {
        by.json("PATCH", &path, json!({ "settings": settings })).await.status
    };
    let weaker =
        [json!({"second_factor": "off"}), json!({"throttle_limit": 100}), json!({"throttle_window_s": 60})];
    let back = json!({"second_factor": "optional", "throttle_limit": 10, "throttle_window_s": 900});
    for settings in &weaker {
        assert_eq!(put(&chief, settings.clone()).await, 200, "nobody lives there: {settings}");
    }
    assert_eq!(put(&chief, back.clone()).await, 200);
    let administrator = User { administrator_since: Some(app.clock.now()), ..user(&app, ALICE).await };
    app.store.commit(vec![Effect::PutUser(administrator)]).await.unwrap();
    for settings in &weaker {
        assert_eq!(put(&chief, settings.clone()).await, 403, "{settings}");
    }
    let stronger = json!({"second_factor": "required", "throttle_limit": 5, "throttle_window_s": 3600, "accent": "#123456"});
    assert_eq!(put(&chief, stronger).await, 200);
    assert_eq!(
        put(&chief, json!({"throttle_limit": 10, "second_factor": "administrators"})).await,
        200,
        "as it comes"
    );
    assert_eq!(put(&chief, json!({"second_factor": "optional"})).await, 403);
    for settings in &weaker {
        assert_eq!(put(&boss, settings.clone()).await, 200, "{settings}");
    }
    assert_eq!(put(&chief, json!({"accent": "#654321"})).await, 200, "what is weak may stay");
}
