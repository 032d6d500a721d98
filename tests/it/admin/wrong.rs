//! What is wrong with a request is told where it is, and nothing of a request is passed over.

use doorward_tests::{ALICE, BOB, T1, T2, TestApp, WEB, user_id};
use doorward_web::edge::Service;
use serde_json::{Value, json};

use super::{Admin, pointers};

const URI: &str = "https://a.example/cb";

fn path(rest: &str) -> String {
    format!("/tenants/{T1}/{rest}")
}

#[tokio::test]
async fn what_no_parser_reads_has_its_place_too() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let api = json!({"scopes": [{"name": "one:read"}, {"name": "two:read", "permission": "x"}]});
    let rows: Vec<(&str, &str, Value, &[&str])> = vec![
        ("PUT", "clients/c", json!({"redirect_uris": ["http://evil.example/cb"]}), &["/redirect_uris/0"]),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI, "http://a.example/cb", "nonsense"]}),
            &["/redirect_uris/1", "/redirect_uris/2"],
        ),
        ("PATCH", "clients/web", json!({"redirect_uris": [URI, "x"]}), &["/redirect_uris/1"]),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI, "https://a.example/cb?error=a"]}),
            &["/redirect_uris/1"],
        ),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI, "https://a.example/cb?a=b"], "legacy": ["prefix_redirects"]}),
            &["/redirect_uris/1"],
        ),
        (
            "PATCH",
            "clients/web",
            json!({"redirect_uris": ["https://a.example/cb?a=b"], "legacy": ["prefix_redirects"]}),
            &["/redirect_uris/0"],
        ),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI], "role_permissions": {"r": ["a:b", "x"]}}),
            &["/role_permissions/r/1"],
        ),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI], "role_permissions": {"nobody": ["a:b"]}}),
            &["/role_permissions/nobody"],
        ),
        ("PUT", "clients/c", json!({"redirect_uris": [URI], "jwks": {"keys": []}}), &["/jwks", "/jwks"]),
        (
            "PUT",
            "clients/c",
            json!({"redirect_uris": [URI], "jwks_uri": "https://a.example/k"}),
            &["/jwks_uri"],
        ),
        ("PUT", "clients/c", json!({"redirect_uris": [URI], "auth_method": "private_key_jwt"}), &["/jwks"]),
        ("PUT", "roles/r", json!({"permissions": ["a:b", "x"]}), &["/permissions/1"]),
        ("PUT", "apis/urn%3Aan%3Aapi", api, &["/scopes/1/permission"]),
        ("PATCH", "users/usr_bob-0001", json!({"user_name": null}), &["/user_name"]),
        ("PATCH", "issuers/iss-t1", json!({"url": null}), &["/url"]),
        ("POST", "invitations", json!({"email": "nonsense"}), &["/email"]),
    ];
    for (method, of, body, expected) in rows {
        let reply = admin.json(method, &path(of), body.clone()).await;
        assert_eq!(reply.status, 400, "{of} {body}: {}", reply.body);
        assert_eq!(pointers(&reply), expected, "{of} {body}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_context_that_would_move_is_told_once() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    for (id, parent) in [("a", None), ("b", Some("project/a")), ("c", Some("project/b")), ("d", None)] {
        let put = admin.json("PUT", &path(&format!("contexts/project/{id}")), json!({})).await;
        assert_eq!(put.status, 201, "{}", put.body);
        if let Some(parent) = parent {
            assert_eq!(
                admin.send("DELETE", &path(&format!("contexts/project/{id}")), &[], "").await.status,
                204
            );
            let put =
                admin.json("PUT", &path(&format!("contexts/project/{id}")), json!({"parent": parent})).await;
            assert_eq!(put.status, 201, "{}", put.body);
        }
    }
    for parent in
        [json!("project/d"), json!("project/c"), json!("project/b"), json!("project/nowhere"), Value::Null]
    {
        let moved = admin.json("PATCH", &path("contexts/project/b"), json!({"parent": parent})).await;
        assert_eq!(
            (moved.status, pointers(&moved)),
            (400, vec!["/parent".to_owned()]),
            "{parent}: {}",
            moved.body
        );
    }
}

#[tokio::test]
async fn what_another_tenant_has_is_taken() {
    let app = TestApp::new().await;
    let (server, tenant) = (Admin::of_server(&app).await, Admin::of_tenant(&app).await);
    for admin in [&server, &tenant] {
        let clash = admin.json("PUT", &path("issuers/iss-t2"), json!({"url": "https://id.example/zz"})).await;
        assert_eq!((clash.status, pointers(&clash)), (409, vec!["/id".to_owned()]), "{}", clash.body);
        assert_eq!(clash.text("type"), "urn:doorward:problem:taken");
        let clash = admin
            .json("POST", &path("issuers"), json!({"id": "iss-t2", "url": "https://id.example/zz"}))
            .await;
        assert_eq!((clash.status, pointers(&clash)), (409, vec!["/id".to_owned()]), "{}", clash.body);
    }
    let place = json!({"url": "https://id.example/t/t2"});
    let clash = server.json("PUT", &path("issuers/zz"), place.clone()).await;
    assert_eq!((clash.status, pointers(&clash)), (409, vec!["/url".to_owned()]), "{}", clash.body);
    assert_eq!(clash.text("type"), "urn:doorward:problem:taken");
    // Whoever has less learns nothing of where others are.
    let refused = tenant.json("PUT", &path("issuers/zz"), place).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!refused.text("detail").contains(T2), "{}", refused.body);
}

#[tokio::test]
async fn a_parameter_without_a_value_is_not_passed_over() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let record =
        json!({"type": "user", "external_id": "1", "external_version": 1, "user_name": "one"}).to_string();
    for query in ["dry_run", "dry_run=", "dry_run&", "dry_run=yes"] {
        let reply = admin
            .send(
                "PUT",
                &path(&format!("import?{query}")),
                &[("content-type", "application/x-ndjson")],
                &record,
            )
            .await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
        assert!(reply.text("detail").contains("dry_run"), "{query}: {}", reply.body);
    }
    assert_eq!(app.rows("users").await, 4);
    for query in ["users?limit=", "users?after", "events?user=", "events?kind"] {
        assert_eq!(admin.get(&path(query)).await.status, 400, "{query}");
    }
    assert_eq!(admin.get(&path("users?")).await.status, 200);
}

#[tokio::test]
async fn a_secret_is_made_only_where_there_is_none() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let wish = json!({"secret": "generate"});
    let kept = admin.json("PATCH", &path(&format!("clients/{WEB}")), wish.clone()).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    assert!(kept.json()["client_secret"].is_null(), "{}", kept.body);
    let secrets =
        async |id: &str| admin.get(&path(&format!("clients/{id}/secrets"))).await.json()["items"].clone();
    assert_eq!(secrets(WEB).await.as_array().unwrap().len(), 1);
    let put = admin.json("PUT", &path("clients/bare"), json!({"redirect_uris": [URI]})).await;
    assert_eq!(put.status, 201, "{}", put.body);
    let made = admin.json("PATCH", &path("clients/bare"), wish).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.text("client_secret").starts_with("dwk_"), "{}", made.body);
    assert_eq!(secrets("bare").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn null_puts_back_what_was_at_first_or_is_refused() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let bob = format!("users/{}", user_id(BOB));
    for member in ["password", "password_hash"] {
        let reply = admin.json("PATCH", &path(&bob), json!({ member: null })).await;
        assert_eq!((reply.status, pointers(&reply)), (400, vec![format!("/{member}")]), "{}", reply.body);
        assert_eq!(admin.get(&path(&bob)).await.json()["has_password"], true);
    }
    let of = format!("/tenants/{T1}");
    let set = json!({"settings": {"locale": "de", "throttle_limit": 7}, "name": "Other"});
    assert_eq!(admin.json("PATCH", &of, set).await.json()["settings"]["throttle_limit"], 7);
    let back = admin.json("PATCH", &of, json!({"settings": null, "name": null})).await;
    assert_eq!((back.status, back.json()["name"].clone()), (200, json!(T1)), "{}", back.body);
    let new = admin.json("PUT", "/tenants/fresh", json!({})).await.json();
    assert_eq!(back.json()["settings"], new["settings"]);
    for (list, body) in [
        ("clients/n", json!({"redirect_uris": [URI], "name": "N"})),
        ("roles/n", json!({"name": "N"})),
        ("contexts/project/n", json!({"name": "N"})),
        ("apis/urn%3Aan%3Aapi", json!({"name": "N"})),
    ] {
        let put = admin.json("PUT", &path(list), body).await;
        assert_eq!(put.status, 201, "{list}: {}", put.body);
        let back = admin.json("PATCH", &path(list), json!({"name": null})).await;
        assert_eq!(
            (back.status, back.json()["name"].clone()),
            (200, back.json()["id"].clone()),
            "{}",
            back.body
        );
    }
    let alice =
        admin.json("PATCH", &path(&format!("users/{}", user_id(ALICE))), json!({"profile": null})).await;
    assert!(alice.json()["profile"].as_object().is_none_or(serde_json::Map::is_empty), "{}", alice.body);
}

#[tokio::test]
async fn a_body_that_says_nothing_may_be_left_out_and_none_is_passed_over() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let made = admin.send("POST", &path(&format!("clients/{WEB}/secrets")), &[], "").await;
    assert_eq!(made.status, 201, "{}", made.body);
    let location = made.header("location").unwrap().split_once("/admin/v1").unwrap().1.to_owned();
    let read = admin.get(&location).await;
    assert_eq!((read.status, read.json()["id"].clone()), (200, made.json()["id"].clone()), "{}", read.body);
    assert!(read.json()["secret"].is_null(), "it is shown once");
    assert_eq!(admin.get(&location.replace("sec_", "sec_x")).await.status, 404);
    assert_eq!(admin.send("POST", &path("keys/rotate"), &[], "").await.status, 200);
    let pending =
        admin.json("POST", &path(&format!("clients/{WEB}/secrets")), json!({"state": "pending"})).await;
    let activate = format!("clients/{WEB}/secrets/{}/activate", pending.text("id"));
    let active = admin.send("POST", &path(&activate), &[], "").await;
    assert_eq!((active.status, active.text("state").as_str()), (200, "current"), "{}", active.body);
    // What must be said must be said.
    assert_eq!(admin.send("POST", &path("roles"), &[], "").await.status, 415);
    assert_eq!(admin.send("PATCH", &path(&format!("clients/{WEB}")), &[], "").await.status, 415);
    let bob = format!("users/{}", user_id(BOB));
    for act in ["reset-link", "sign-in-link", "require-password"] {
        let of = path(&format!("{bob}/{act}"));
        let unknown = admin.json("POST", &of, json!({"expires_in": 60})).await;
        assert_eq!(
            (unknown.status, pointers(&unknown)),
            (400, vec!["/expires_in".to_owned()]),
            "{}",
            unknown.body
        );
        assert_eq!(admin.send("POST", &of, &[], "no JSON").await.status, 400, "{act}");
        assert!(admin.json("POST", &of, json!({})).await.status < 300, "{act}");
    }
    let kept = admin.json("DELETE", &path(&bob), json!({"force": true})).await;
    assert_eq!((kept.status, pointers(&kept)), (400, vec!["/force".to_owned()]), "{}", kept.body);
}

#[tokio::test]
async fn what_is_there_against_expectation_is_told_so() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let new = [("if-none-match", "*")];
    assert_eq!(admin.send("PUT", &path("roles/r"), &new, "{}").await.status, 201);
    let there = admin.send("PUT", &path("roles/r"), &new, "{}").await;
    assert_eq!((there.status, there.text("detail").as_str()), (412, "there is such an object already"));
    let stale = admin.send("PUT", &path("roles/r"), &[("if-match", "\"9\"")], "{}").await;
    assert_eq!(
        (stale.status, stale.text("detail").as_str()),
        (412, "the object was changed since it was read")
    );
}

/// The largest lists that the API describes can be sent, and what cannot is told as everything else is.
#[tokio::test]
async fn a_body_has_a_size_that_its_lists_fit_in() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let service = app.server();
    for (of, limit) in [(path("roles/r"), 1 << 20), (path("import"), 1 << 20)] {
        assert_eq!(service.body_limit(&http::Method::PUT, &format!("/t/acme/admin/v1{of}")), limit, "{of}");
    }
    for other in ["/token", "/admin/v10/x", "/admin", "/sign-in"] {
        assert_eq!(service.body_limit(&http::Method::POST, other), 64 * 1024, "{other}");
    }
    let uri = |n: usize| format!("https://a.example/{n:0>2000}");
    let uris: Vec<String> = (0..100).map(uri).collect();
    let body = json!({"redirect_uris": uris, "post_logout_redirect_uris": uris});
    let put = admin.json("PUT", &path("clients/large"), body).await;
    assert_eq!(put.status, 201, "{}", put.body);
    let words = |count: usize| (0..count).map(|n| format!("a:b{n}")).collect::<Vec<_>>();
    assert_eq!(admin.json("PUT", &path("roles/r"), json!({"permissions": words(500)})).await.status, 201);
    let more = admin.json("PUT", &path("roles/r"), json!({"permissions": words(501)})).await;
    assert_eq!((more.status, pointers(&more)), (400, vec!["/permissions".to_owned()]), "{}", more.body);
}
