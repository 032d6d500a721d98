//! Bad inputs: the admin API.

use doorward_core::admin::API;
use doorward_core::id::TenantId;
use doorward_core::model::{Event, EventKind};
use doorward_tests::{ALICE, M2M, SPA, T1, WEB, secret_of, user_id};
use doorward_web::admin::route::routes;
use doorward_web::manage::{By, Manage};
use serde_json::json;

use super::{Case, rows};
use crate::admin::{Admin, every_scope, pointers};

rows![
    fresh ad_001, fresh ad_004, fresh ad_005, fresh ad_008, fresh ad_011, fresh ad_013, fresh ad_015, fresh ad_018,
    fresh ad_019, fresh ad_020, fresh ad_022, fresh ad_024, fresh ad_025,
];

/// A path of a route in T1, below the API.
fn path_of(pattern: &str) -> String {
    let id = match pattern {
        path if path.contains("/users/") => user_id(ALICE),
        path if path.contains("/clients/") => WEB.to_owned(),
        path if path.contains("/issuers/") => "iss-t1".to_owned(),
        _ => "1".to_owned(),
    };
    let path = pattern.replace("{tenant}", T1).replace("{id}", &id).replace("{user}", &user_id(ALICE));
    path.replace("{type}", "project").replace("{secret}", "s1").replace("{kid}", "k")
}

/// Who may only look at people changes nothing, anywhere.
async fn ad_001(case: &Case) {
    let admin = Admin::with(&case.app, "watcher", "admin:users.read").await;
    let rows = async || {
        let mut rows = case.app.store.counts().await.expect("rows can be counted");
        rows.retain(|(table, _)| *table != "events");
        rows
    };
    let before = rows().await;
    case.new_events().await;
    for route in routes().filter(|route| route.method != "GET") {
        let reply = admin.send(route.method, &path_of(route.path), &[], "{}").await;
        assert_eq!(reply.status, 403, "{} {}: {}", route.method, route.path, reply.body);
    }
    assert_eq!(rows().await, before);
    let events = case.new_events().await;
    assert!(events.iter().any(|event| event.kind == EventKind::AdminDenied));
    let refusals = |event: &&Event| matches!(event.kind, EventKind::AdminDenied | EventKind::Refusals);
    let others: Vec<&Event> = events.iter().filter(|event| !refusals(event)).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// A client's secret is in no answer but the one that made it.
async fn ad_004(case: &Case) {
    let admin = Admin::with(&case.app, "watcher", "admin:clients.read").await;
    for path in ["clients", "clients/web", "clients/m2m", "clients/web/secrets"] {
        let reply = admin.get(&format!("/tenants/{T1}/{path}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        for hidden in [secret_of(WEB).as_str(), secret_of(M2M).as_str(), "sha256", "client_secret\":", "hash"]
        {
            assert!(!reply.body.contains(hidden), "{path} tells {hidden}");
        }
    }
}

/// A person who looks at what they allowed learns nothing of the client but its name.
async fn ad_005(case: &Case) {
    let browser = case.app.browser();
    browser.sign_in(ALICE).await;
    browser.code(WEB, &[]).await.redeem(&case.app).await;
    let page = browser.get("/account").await;
    assert!(page.status == 200 && page.body.contains("Client web"));
    for hidden in [secret_of(WEB).as_str(), "client_secret", "sha256", "app.example/cb"] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
}

/// Who may look at everything sees no secret anywhere.
async fn ad_008(case: &Case) {
    let admin = Admin::with(&case.app, "auditor", &every_scope()).await;
    case.app.tokens(WEB, &[]).await;
    for route in routes().filter(|route| route.method == "GET") {
        let reply = admin.get(&path_of(route.path)).await;
        assert!([200, 404].contains(&reply.status), "{}: {}", route.path, reply.body);
        for hidden in
            ["argon2", "sha256:", "password_hash", "sealed", "secret_hash", "secret-of-", "dwr_", "dwc_"]
        {
            assert!(!reply.body.contains(hidden), "{} tells {hidden}", route.path);
        }
    }
}

/// No parameter makes the private part of a key come out.
async fn ad_011(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let keys = admin.get(&format!("/tenants/{T1}/keys")).await;
    for item in keys.json()["items"].as_array().expect("a list") {
        let members: Vec<&str> = item.as_object().expect("an object").keys().map(String::as_str).collect();
        let known =
            ["kid", "algorithm", "state", "created_at", "activated_at", "retired_at", "published_until"];
        assert!(members.iter().all(|member| known.contains(member)), "{members:?}");
    }
    for query in ["private=true", "fields=sealed", "include=private_jwk", "expand=all"] {
        assert_eq!(admin.get(&format!("/tenants/{T1}/keys?{query}")).await.status, 400, "{query}");
    }
}

/// What is no id is nobody's.
async fn ad_013(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let long = "9".repeat(6000);
    let ids = [
        "1e1",
        "%221%22",
        "-1",
        "0x1",
        "1.0",
        "99999999999999999999",
        "%C0%AF",
        "..",
        "%2e%2e",
        "a%00b",
        long.as_str(),
    ];
    for id in ids {
        for list in ["consents", "grants", "sessions"] {
            let reply = admin.send("DELETE", &format!("/tenants/{T1}/{list}/{id}"), &[], "").await;
            assert_eq!(reply.status, 404, "{list} {id}: {}", reply.body);
        }
        for list in ["users", "clients", "apis", "issuers", "roles", "keys"] {
            let method = if list == "keys" { "DELETE" } else { "GET" };
            let reply = admin.send(method, &format!("/tenants/{T1}/{list}/{id}"), &[], "").await;
            assert_eq!(reply.status, 404, "{list} {id}: {}", reply.body);
        }
    }
    let upper = user_id(ALICE).to_uppercase();
    assert_eq!(admin.get(&format!("/tenants/{T1}/users/{upper}")).await.status, 404);
}

/// Nothing that a search says is a pattern.
async fn ad_015(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let many = [
        "%25".repeat(2000),
        "%2A".repeat(2000),
        "(a%2B)%2B%24".repeat(500),
        "_".repeat(60),
        "%5C".repeat(2000),
    ];
    for q in many {
        for list in ["users", "clients"] {
            let reply = admin.get(&format!("/tenants/{T1}/{list}?q={q}")).await;
            assert!([200, 400].contains(&reply.status), "{}", reply.body);
            if reply.status == 200 {
                assert_eq!(reply.json()["items"], json!([]), "{list}");
            }
        }
    }
}

/// The link of the first administrator works once, for whoever has it, wherever they sit (decision 0011), and is in no log line, which
/// is looked at after this row: it knows the link, since it was sent. Where the link is shown is the program's: on a terminal, else in
/// a file of mode 0600.
async fn ad_018(case: &Case) {
    super::wire::shown_at_the_edge(
        include_str!("../../../crates/doorward/tests/it/serve.rs"),
        &[
            "the_first_start_makes_a_link_for_the_first_administrator",
            "every_file_and_folder_is_its_owners_alone",
        ],
    );
    let app = &case.app;
    let manage = Manage::new(app.store.clone(), By::operator());
    let link = manage.set_up_link(Some(T1.to_owned())).await.expect("a link can be made");
    let target = link.url.strip_prefix("https://id.example").expect("the issuer's").to_owned();
    let form = [
        ("username", "first"),
        ("email", ""),
        ("password", "nine grey herons waiting"),
        ("password_again", "nine grey herons waiting"),
    ];
    let (one, two) = (app.browser(), app.browser());
    let pages = [one.get(&target).await, two.get(&target).await].map(doorward_tests::Page::of);
    let administrators = async || {
        let people = app.store.users(&TenantId::from(T1), None, 100).await.expect("people can be read");
        people.iter().filter(|found| found.user.administrator_since.is_some()).count()
    };
    let before = administrators().await;
    assert_eq!(one.submit(&pages[0], &form).await.status, 303);
    assert_eq!(administrators().await, before + 1);
    let second = two.submit(&pages[1], &[("username", "second"), form[1], form[2], form[3]]).await;
    assert_eq!((second.status, administrators().await), (404, before + 1), "the second use makes nobody");
    assert_eq!(app.browser().get(&target).await.status, 404);
    // By two at once it is used once as well.
    let link = manage.set_up_link(Some(T1.to_owned())).await.expect("another can be made");
    let target = link.url.strip_prefix("https://id.example").expect("the issuer's").to_owned();
    let pages = [one.get(&target).await, two.get(&target).await].map(doorward_tests::Page::of);
    let (third, fourth) = (
        [("username", "third"), form[1], form[2], form[3]],
        [("username", "fourth"), form[1], form[2], form[3]],
    );
    let (third, fourth) = tokio::join!(one.submit(&pages[0], &third), two.submit(&pages[1], &fourth));
    let mut statuses = [third.status, fourth.status];
    statuses.sort_unstable();
    assert_eq!((statuses, administrators().await), ([303, 404], before + 2));
    let secret = target.split_once("link=").expect("a link").1;
    let known = app.journal().iter().any(|exchange| exchange.carried().iter().any(|known| known == secret));
    assert!(known, "the scan looks for it");
}

/// Rules are asked of the client as it will be, whatever the way there.
async fn ad_019(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    for (client, change, at) in [
        (SPA, json!({"grant_types": ["authorization_code", "client_credentials"]}), "/grant_types"),
        (SPA, json!({"introspects_all": true}), "/introspects"),
        (SPA, json!({"require_pkce": false}), "/require_pkce"),
        (M2M, json!({"auth_method": "none", "also_auth_methods": []}), "/grant_types"),
        (WEB, json!({"redirect_uris": []}), "/grant_types"),
    ] {
        let reply = admin.json("PATCH", &format!("/tenants/{T1}/clients/{client}"), change.clone()).await;
        assert_eq!(reply.status, 400, "{client} {change}: {}", reply.body);
        assert!(pointers(&reply).iter().any(|pointer| pointer == at), "{change}: {}", reply.body);
    }
}

/// What is left out has its default before the rules are asked.
async fn ad_020(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    for client in [
        json!({"id": "a"}),
        json!({"id": "a", "auth_method": "none"}),
        json!({"id": "a", "auth_method": "private_key_jwt", "redirect_uris": ["https://a.example/cb"]}),
        json!({"id": "a", "scopes": "admin:users.read", "grant_types": ["client_credentials"]}),
    ] {
        let reply = admin.json("POST", &format!("/tenants/{T1}/clients"), client.clone()).await;
        assert_eq!(reply.status, 400, "{client}: {}", reply.body);
    }
}

/// Who may look at roles sees roles, and nobody who has them.
async fn ad_022(case: &Case) {
    let chief = Admin::of_tenant(&case.app).await;
    let t = format!("/tenants/{T1}");
    assert_eq!(chief.json("POST", &format!("{t}/roles"), json!({"id": "clerk"})).await.status, 201);
    let alice = format!("{t}/users/{}", user_id(ALICE));
    assert_eq!(chief.json("PATCH", &alice, json!({"roles": ["clerk"]})).await.status, 200);
    let admin = Admin::with(&case.app, "watcher", "admin:roles.read").await;
    for path in [format!("{t}/roles"), format!("{t}/roles/clerk")] {
        let reply = admin.get(&path).await;
        assert!(reply.status == 200 && !reply.body.contains(ALICE), "{}", reply.body);
    }
    for path in [alice, format!("{t}/users"), format!("{t}/users/{}/memberships", user_id(ALICE))] {
        assert_eq!(admin.get(&path).await.status, 403, "{path}");
    }
}

/// A role that holds more than the caller is neither changed nor removed.
async fn ad_024(case: &Case) {
    let chief = Admin::of_tenant(&case.app).await;
    let t = format!("/tenants/{T1}");
    let role = json!({"id": "keeper", "permissions": ["admin:keys.write"]});
    assert_eq!(chief.json("POST", &format!("{t}/roles"), role).await.status, 201);
    let admin =
        Admin::with(&case.app, "helper", "admin:roles.write admin:users.write admin:apis.write").await;
    let path = format!("{t}/roles/keeper");
    assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 403);
    assert_eq!(admin.json("PATCH", &path, json!({"permissions": []})).await.status, 403);
    let give = json!({"roles": ["keeper"]});
    assert_eq!(admin.json("PATCH", &format!("{t}/users/{}", user_id(ALICE)), give).await.status, 403);
    let api = doorward_wire::percent::encode(API);
    assert_eq!(admin.send("DELETE", &format!("{t}/apis/{api}"), &[], "").await.status, 404, "it is built in");
    assert_eq!(admin.json("PUT", &format!("{t}/apis/{api}"), json!({"id": API})).await.status, 400);
}

/// A tenant has no setting that names a file: one that exists and one that does not are refused alike.
async fn ad_025(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    for member in ["key_file", "template_dir", "logo"] {
        let told = async |file: &str| {
            let settings = json!({ "settings": { member: file } });
            let reply = admin.json("PATCH", &format!("/tenants/{T1}"), settings).await;
            assert_eq!(reply.status, 400, "{}", reply.body);
            reply.text("detail")
        };
        assert_eq!(told("/etc/passwd").await, told("../../nothing/is/here").await, "{member}");
    }
    let unknown = json!({"id": "x", "redirect_uris": ["file:///etc/passwd"]});
    assert_eq!(admin.json("POST", &format!("/tenants/{T1}/clients"), unknown).await.status, 400);
}
