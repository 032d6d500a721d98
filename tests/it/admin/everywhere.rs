//! What holds at every list and of every object that has versions, whichever it is: generated from the table of routes.

use doorward_core::id::{AttemptId, InstallationId};
use doorward_core::model::Actor;
use doorward_crypto::digest::sha256;
use doorward_crypto::random::SystemRandom;
use doorward_store::webhooks::{Attempt, Next};
use doorward_tests::{ALICE, BOB, SPA, T1, T2, TestApp, WEB, user_id};
use doorward_web::admin::route::{Route, routes};
use doorward_web::worker::forget_events;
use serde_json::{Value, json};

use super::Admin;

/// A world in which every list has more than one row; answers the id of an installation.
async fn furnish(app: &TestApp, boss: &Admin<'_>) -> String {
    let t = format!("/tenants/{T1}");
    let put = async |path: &str, body: Value| {
        let reply = boss.json("PUT", &format!("{t}{path}"), body.clone()).await;
        assert!(reply.status < 300, "{path} {body}: {}", reply.body);
    };
    for name in ["a", "b", "c"] {
        put(&format!("/roles/{name}"), json!({"permissions": ["orders:read"]})).await;
        put(&format!("/issuers/{name}"), json!({"url": format!("https://{name}.example")})).await;
        put(&format!("/contexts/project/{name}"), json!({})).await;
        put(&format!("/contexts/project/a-{name}"), json!({"parent": "project/a"})).await;
        put(&format!("/contexts/project/{name}/members/{}", user_id(ALICE)), json!({"roles": ["a"]})).await;
    }
    put(&format!("/contexts/project/a/members/{}", user_id(BOB)), json!({})).await;
    for _ in 0..2 {
        let made = boss.json("POST", &format!("{t}/clients/{WEB}/secrets"), json!({})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(boss.json("POST", &format!("{t}/invitations"), json!({})).await.status, 200);
        app.tokens(WEB, &[]).await;
        app.tokens(SPA, &[]).await;
    }
    // Of a client's own people there are two.
    let browser = app.browser();
    browser.sign_in(BOB).await;
    browser.code(WEB, &[]).await.redeem(app).await;
    let mut installations = Vec::new();
    for extension in ["a", "b"] {
        put(&format!("/extensions/{extension}"), json!({"manifest": {"name": extension}})).await;
        let wish = json!({"extension": extension, "context": "project/a"});
        let made = boss.json("POST", &format!("{t}/installations"), wish).await;
        assert_eq!(made.status, 201, "{}", made.body);
        installations.push(made.text("id"));
    }
    let secrets = format!("{t}/installations/{}/secrets", installations[0]);
    assert_eq!(boss.json("POST", &secrets, json!({})).await.status, 201);
    let first = installations.swap_remove(0);
    told_in_vain(app, &first).await;
    let rotated = boss.json("POST", &format!("{t}/webhook-keys/rotate"), json!({})).await;
    assert_eq!(rotated.status, 201, "{}", rotated.body);
    first
}

/// Two attempts to tell the extension of an installation of something.
async fn told_in_vain(app: &TestApp, id: &str) {
    let wanted = [InstallationId::from(id)];
    for at in 0..2 {
        let claimed = app.store.claim_webhooks(&wanted, &format!("lease {at}")).await.unwrap().remove(0);
        let attempt = Attempt {
            id: AttemptId::new(app.clock.now(), &mut SystemRandom).0,
            tenant: T1.into(),
            installation: id.into(),
            number: 1,
            request_id: format!("request {at}"),
            at: app.clock.now(),
            duration_ms: 1,
            status: Some(500),
            error: None,
            answer: None,
        };
        let next = Next::Later(app.clock.now());
        app.store.turn_webhook(&claimed, &next, Some(&attempt), &[]).await.unwrap();
    }
}

/// A route's path in T1, of what there is there.
fn path_of(route: &Route, installation: &str) -> String {
    let id = match route.path {
        path if path.contains("/users/") => user_id(ALICE),
        path if path.contains("/installations/") => installation.to_owned(),
        path if path.contains("/clients/") => WEB.to_owned(),
        path if path.contains("/apis/") => "https%3A%2F%2Frs1.example".to_owned(),
        _ => "a".to_owned(),
    };
    let path = route.path.replace("{tenant}", T1).replace("{id}", &id).replace("{user}", &user_id(ALICE));
    path.replace("{type}", "project")
}

#[tokio::test]
async fn every_list_by_pages_of_one_is_the_list() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    let installation = furnish(&app, &boss).await;
    // On PostgreSQL events have their numbers later.
    app.events().await;
    let lists: Vec<&Route> = routes().filter(|route| route.method == "GET" && has(route, "limit")).collect();
    assert!(lists.len() >= 16, "{}", lists.len());
    for route in lists {
        let path = path_of(route, &installation);
        let whole = boss.get(&format!("{path}?limit=200")).await;
        assert_eq!(whole.status, 200, "{path}: {}", whole.body);
        let whole = whole.json();
        let wanted = whole["items"].as_array().unwrap();
        assert!(wanted.len() > 1 && whole["next"].is_null(), "{path}: {whole}");
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let reply = boss.get(&format!("{path}?limit=1{after}")).await;
            let page = reply.json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            let link = reply.header("link").unwrap();
            assert!(link.contains(next) && link.ends_with("rel=\"next\""), "{path}: {link}");
            after = format!("&after={next}");
            assert!(items.len() <= wanted.len(), "{path} goes on and on");
        }
        assert_eq!(&items, wanted, "{path}");
    }
    let below = boss.get(&format!("/tenants/{T1}/contexts?parent=project%2Fa")).await.json();
    let ids: Vec<&str> =
        below["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["project/a-a", "project/a-b", "project/a-c"]);
    let nowhere = boss.get(&format!("/tenants/{T1}/contexts?parent=project%2Fz")).await;
    assert_eq!(nowhere.status, 404, "{}", nowhere.body);
}

fn has(route: &Route, parameter: &str) -> bool {
    route.query.iter().any(|query| query.name == parameter)
}

#[tokio::test]
async fn every_object_with_a_version_is_changed_at_that_version_only() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    let installation = furnish(&app, &boss).await;
    let objects: Vec<&Route> = routes()
        .filter(|route| route.method == "GET")
        .filter(|route| routes().any(|other| other.path == route.path && other.method == "PUT"))
        .collect();
    assert_eq!(objects.len(), 10, "every kind");
    for route in objects {
        let path = path_of(route, &installation);
        let read = boss.get(&path).await;
        let etag = read.header("etag").unwrap_or_else(|| panic!("{path}: {}", read.body)).to_owned();
        assert_eq!(etag, format!("\"{}\"", read.json()["version"]), "{path}");
        for other in routes().filter(|other| other.path == route.path && other.method != "GET") {
            let body = if other.method == "DELETE" { String::new() } else { read.body.clone() };
            let stale = boss.send(other.method, &path, &[("if-match", "\"99\"")], &body).await;
            assert_eq!(stale.status, 412, "{} {path}: {}", other.method, stale.body);
        }
        assert_eq!(boss.get(&path).await.body, read.body, "{path}");
        let there = boss.send("PUT", &path, &[("if-none-match", "*")], &read.body).await;
        assert_eq!(there.status, 412, "{path}: {}", there.body);
        let same = boss.send("PUT", &path, &[("if-match", &etag)], &read.body).await;
        assert_eq!(same.status, 200, "{path}: {}", same.body);
    }
}

/// Each tenant's trail is kept as long as that tenant says.
#[tokio::test]
async fn the_trail_of_a_tenant_is_kept_as_it_says() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    for (tenant, name) in [(T1, BOB), (T2, "amy")] {
        let path = format!("/tenants/{tenant}/users/{}", user_id(name));
        assert_eq!(boss.json("PATCH", &path, json!({"locked": true})).await.status, 200);
    }
    let kept = json!({"settings": {"events_kept_s": 86_400}});
    assert_eq!(boss.json("PATCH", &format!("/tenants/{T1}"), kept).await.status, 200);
    app.events().await;
    app.advance_s(2 * 86_400);
    forget_events(&app.app).await.expect("events can be forgotten");
    let again = Admin {
        app: &app,
        token: super::token_of(&app, super::BOSS, "admin:server admin:events.read").await,
    };
    let trail = async |tenant: &str| again.get(&format!("/tenants/{tenant}/events?limit=200")).await.body;
    assert!(!trail(T1).await.contains(&user_id(BOB)) && trail(T2).await.contains(&user_id("amy")));
}

/// Where an answer to a client is kept: under a digest of who asked and of the key that they named.
fn kept_under(client: &str, name: &str) -> [u8; 32] {
    let who = serde_json::to_string(&Actor::Client(client.into())).unwrap();
    let mut text = Vec::new();
    for part in [who.as_str(), client, name] {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    sha256(&text)
}

/// What is kept for a repeat is nothing that whoever has the database can read.
#[tokio::test]
async fn a_kept_secret_is_sealed() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    let path = format!("/tenants/{T1}/clients/{WEB}/secrets");
    let mut sealed = Vec::new();
    for name in ["one", "two"] {
        let made = boss.send("POST", &path, &[("idempotency-key", name)], "{}").await;
        assert_eq!(made.status, 201, "{}", made.body);
        let key = kept_under(super::BOSS, name);
        let kept = app.store.kept_answer(&T1.into(), key).await.unwrap().expect("it is kept");
        let secret = made.text("secret");
        assert!(!kept.sealed.windows(secret.len()).any(|part| part == secret.as_bytes()));
        assert_eq!(kept.expires_at.since_ms(app.clock.now()), 86_400_000);
        sealed.push((key, kept));
    }
    // In another's place it opens nothing.
    let sealer = app.store.sealer(&T1.into()).await.unwrap();
    let opens = |key: &[u8; 32]| {
        sealer.open(&doorward_store::answers::answer_aad(&T1.into(), key), &sealed[0].1.sealed).is_ok()
    };
    assert!(opens(&sealed[0].0) && !opens(&sealed[1].0));
}
