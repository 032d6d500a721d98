//! What administrators see.

use doorward_core::Effect;
use doorward_core::model::User;
use doorward_tests::{ALICE, BOB, M2M, T1, WEB, basic, secret_of, user_id};

use super::{enter, world};

fn form_of(body: &str) -> String {
    let found = body.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    found.expect("a form").to_owned()
}

#[tokio::test]
async fn every_page_of_a_tenant_opens() {
    let app = world().await;
    app.tokens(WEB, &[]).await;
    let browser = enter(&app, ALICE).await;
    for (path, shows) in [
        ("", "https://id.example"),
        ("/users", "alice@example.com"),
        ("/users/usr_alice-0001", "Client web"),
        ("/users/usr_alice-0001/grants", "rs1:read"),
        ("/roles", "There are none"),
        ("/contexts", "There are none"),
        ("/clients", "client_credentials"),
        ("/clients/web", "https://app.example/cb2"),
        ("/clients/web/grants", "rs1:read"),
        ("/apis", "urn:doorward:admin"),
        ("/apis/https%3A%2F%2Frs1.example", "read your things"),
        ("/keys", "EdDSA"),
        ("/events", "session.signed_in"),
        ("/events?user=usr_alice-0001&kind=code.redeemed", "code.redeemed"),
    ] {
        let page = browser.get(&format!("/console/tenants/t1{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(page.body.contains(shows), "{path} does not show {shows}: {}", page.body);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    for path in [
        "/users/usr_nobody-0001",
        "/clients/none",
        "/apis/x",
        "/grants/1",
        "/grants/x",
        "/roles/x",
        "/contexts/a%2Fb",
        "/x",
    ] {
        assert_eq!(browser.get(&format!("/console/tenants/t1{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn who_may_see_nothing_of_the_tenant_itself_is_shown_the_way_to_what_they_may() {
    let app = world().await;
    let _role = super::give(&app, T1, BOB, 7, &["admin:users.read"]).await;
    let browser = enter(&app, BOB).await;
    let page = browser.get("/console/tenants/t1").await;
    let main = page.body.split("<h1>").nth(1).expect("a heading");
    assert!(main.contains("href=\"/console/tenants/t1/users\""), "{main}");
    assert!(!main.contains("/console/tenants/t1/clients"), "{main}");
}

#[tokio::test]
async fn a_date_that_is_none_is_told_and_no_file_is_made_of_it() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    for path in ["/events?from=yesterday", "/events.ndjson?to=26.11.2026"] {
        let page = browser.get(&format!("/console/tenants/t1{path}")).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(
            page.body.contains("role=\"alert\"") && page.body.contains("could not be read"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn people_clients_and_tokens_are_found_by_what_one_has_of_them() {
    let app = world().await;
    let tokens = app.tokens(WEB, &[("scope", "openid offline_access rs1:read")]).await;
    let own = app
        .post_form(
            "/token",
            &[("grant_type", "client_credentials"), ("scope", "rs1:read")],
            &[("authorization", &basic(M2M, &secret_of(M2M)))],
        )
        .await;
    let opaque = app
        .post_form(
            "/token",
            &[("grant_type", "client_credentials"), ("scope", "rs2:read")],
            &[("authorization", &basic(M2M, &secret_of(M2M)))],
        )
        .await;
    let browser = enter(&app, ALICE).await;
    // Readers go by numbers, which a worker gives on PostgreSQL.
    app.events().await;
    let form = form_of(&browser.get("/console/tenants/t1").await.body);
    let find = async |typed: &str| {
        browser.post("/console/tenants/t1/find", &[("form", &form), ("find", typed)]).await
    };
    for (typed, leads) in [
        ("Alice", "/users/usr_alice-0001"),
        (" alice@example.com ", "/users/usr_alice-0001"),
        ("usr_bob-0001", "/users/usr_bob-0001"),
        (WEB, "/clients/web"),
        (own.text("access_token").as_str(), "/clients/m2m"),
        (opaque.text("access_token").as_str(), "/clients/m2m"),
    ] {
        let found = find(typed).await;
        assert_eq!(found.location(), format!("https://id.example/console/tenants/t1{leads}"), "{typed}");
    }
    for token in [tokens.text("access_token"), tokens.text("refresh_token")] {
        let found = find(&token).await.location();
        assert!(found.starts_with("https://id.example/console/tenants/t1/grants/"), "{found}");
        let grant = browser.get(found.strip_prefix("https://id.example").unwrap()).await;
        for shows in ["alice Adams", ">web<", "code.redeemed", "rs1:read"] {
            assert!(grant.body.contains(shows), "{shows}: {}", grant.body);
        }
    }
    let garbage = "dwr_0123456789012345678901234567890123456789012345678901234567";
    let nothing = find(garbage).await;
    assert_eq!(nothing.status, 404);
    assert!(!nothing.body.contains(garbage), "what may be a token is not written into a link");
    for (form, headers) in [("x", "https://id.example"), (form.as_str(), "https://evil.example")] {
        let headers = [("origin", headers), ("content-type", "application/x-www-form-urlencoded")];
        let body = doorward_tests::encode(&[("form", form), ("find", "alice")]);
        let refused = browser.send("POST", "/console/tenants/t1/find", &headers, &body).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
    }
}

#[tokio::test]
async fn lists_go_on_by_key_and_show_everybody_once() {
    let app = world().await;
    let alice: User = app.store.user(&T1.into(), &user_id(ALICE).into()).await.unwrap().unwrap().user;
    let person = |number: usize| {
        let name = format!("p{number:03}");
        let mut user = User { version: 0, administrator_since: None, ..alice.clone() };
        user.id = format!("usr_{name}-0001").into();
        user.user_name.clone_from(&name);
        user.email = Some(format!("{name}@example.com"));
        user.email_key = user.email.clone();
        user.user_name_key = name;
        Effect::PutUser(user)
    };
    app.store.commit((0..120).map(person).collect()).await.unwrap();
    let browser = enter(&app, ALICE).await;
    let mut path = "/console/tenants/t1/users?q=p".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = browser.get(&path).await;
        let rows = page.body.split("<tr><th scope=\"row\"><a href=\"").skip(1);
        seen.extend(rows.map(|row| row.split('"').next().unwrap().to_owned()));
        pages += 1;
        let Some((before, _)) = page.body.split_once("\">Next page</a>") else { break };
        let href = before.rsplit("href=\"").next().unwrap();
        path = href.replace("&#38;", "&");
        assert!(pages < 5, "{path}");
    }
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), unique.len(), pages), (120, 120, 3));
}

#[tokio::test]
async fn the_audit_trail_is_filtered_and_exported_as_json_lines() {
    let app = world().await;
    app.tokens(WEB, &[]).await;
    let bob = app.browser();
    bob.sign_in(BOB).await;
    let browser = enter(&app, ALICE).await;
    app.events().await;
    let lines = async |query: &str| {
        let reply = browser.get(&format!("/console/tenants/t1/events.ndjson{query}")).await;
        assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
        let lines =
            reply.body.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines.collect::<Vec<_>>()
    };
    let all = lines("").await;
    assert!(all.len() > 5);
    let seqs: Vec<i64> = all.iter().map(|line| line["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|a, b| a > b), "the latest first");
    let of_bob = lines("?user=usr_bob-0001").await;
    assert_eq!(of_bob.len(), 1);
    assert_eq!(of_bob[0]["kind"], "session.signed_in");
    let of_web = lines("?client=web").await;
    assert!(!of_web.is_empty() && of_web.iter().all(|line| line["client"] == "web"));
    let redeemed = lines("?kind=code.redeemed&from=2026-01-01&to=2026-01-02").await;
    assert!(!redeemed.is_empty() && redeemed.iter().all(|line| line["kind"] == "code.redeemed"));
    assert!(lines("?to=2025-12-31").await.is_empty());
    assert!(lines("?from=2026-01-02").await.is_empty());
    let later = lines(&format!("?before={}", seqs[2])).await;
    assert_eq!(later.len(), all.len() - 3);
}
