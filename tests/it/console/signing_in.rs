//! Who comes in: the console is a client of its own server, and holds every request against what its person may do now.

use doorward_core::Effect;
use doorward_tests::{ALICE, BOB, Page, T1, credentials, user_id};

use super::{enter, enter_t2, give, open, world};

#[tokio::test]
async fn nobody_is_sent_to_sign_in_and_comes_back_to_the_page_they_asked_for() {
    let app = world().await;
    let browser = app.browser();
    let reply = browser.get("/console/tenants/t1/users?q=al").await;
    assert_eq!(reply.status, 303);
    let at = reply.location();
    for part in [
        "https://id.example/authorize?",
        "client_id=doorward-console",
        "code_challenge_method=S256",
        "admin%3Aserver",
    ] {
        assert!(at.contains(part), "{at}");
    }
    assert!(!at.contains("doorward-console%2F") && !at.contains("users%3Fq"), "the way back is sealed: {at}");
    let page = Page::of(open(&browser, "/console/tenants/t1/users?q=al").await);
    let signed_in = browser.submit(&page, &credentials(ALICE)).await;
    let callback = signed_in.location();
    assert!(callback.starts_with("https://id.example/console/callback?"), "no consent page: {callback}");
    let back = browser.get(callback.strip_prefix("https://id.example").unwrap()).await;
    assert_eq!(back.location(), "https://id.example/console/tenants/t1/users?q=al");
    let cookie = back.headers.get_all("set-cookie").iter().find_map(|value| value.to_str().ok()).unwrap();
    assert!(cookie.starts_with("__Host-c-t1=") && cookie.len() < 4096, "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let list = browser.get("/console/tenants/t1/users?q=al").await;
    assert_eq!(list.status, 200);
    assert!(list.body.contains("alice@example.com") && !list.body.contains("mallory@example.com"));
}

#[tokio::test]
async fn its_registration_follows_the_tenants_issuers_and_is_nobodys_to_configure() {
    let app = world().await;
    enter(&app, ALICE).await;
    let registered = |client: &doorward_core::model::Client| {
        client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect::<Vec<_>>()
    };
    let id = "doorward-console".into();
    let client = app.store.client(&T1.into(), &id).await.unwrap().expect("it is there").client;
    assert_eq!(registered(&client), ["https://id.example/console/callback"]);
    let mut issuer = app.store.issuers_of(&T1.into()).await.unwrap().remove(0);
    issuer.id = "another".into();
    issuer.url = "https://other.example/x".to_owned();
    issuer.version = 0;
    // Spoilt, and out of date.
    let spoilt = doorward_core::model::Client {
        scopes: Default::default(),
        disabled_at: Some(app.clock.now()),
        ..client
    };
    app.store.commit(vec![Effect::PutIssuer(issuer), Effect::PutClient(spoilt)]).await.unwrap();
    app.store.refresh().await.unwrap();
    let before = app.events().await.len();
    enter(&app, ALICE).await;
    let client = app.store.client(&T1.into(), &id).await.unwrap().expect("it is there").client;
    let mut uris = registered(&client);
    uris.sort();
    assert_eq!(uris, ["https://id.example/console/callback", "https://other.example/x/console/callback"]);
    assert_eq!(client.disabled_at, None);
    assert!(
        app.store.clients_page(&T1.into(), "", "", 100).await.unwrap().iter().all(|client| client.id != id)
    );
    let told = app.events().await.split_off(before);
    assert!(
        told.iter().any(|event| event.kind.as_str() == "object.changed" && event.client == Some(id.clone()))
    );
}

#[tokio::test]
async fn who_administers_nothing_is_told_so() {
    let app = world().await;
    let browser = app.browser();
    browser.sign_in(BOB).await;
    let reply = open(&browser, "/console").await;
    assert_eq!(reply.status, 403);
    assert!(
        reply.body.contains("Nothing to administer") && reply.body.contains("bob Adams"),
        "{}",
        reply.body
    );
    assert!(!reply.body.contains("alice"), "nothing else is shown");
}

#[tokio::test]
async fn a_role_that_is_taken_is_missed_at_the_next_click() {
    let app = world().await;
    let take = give(&app, T1, BOB, 7, &["admin:users.read", "admin:roles.read"]).await;
    let browser = enter(&app, BOB).await;
    assert_eq!(browser.get("/console/tenants/t1/users").await.status, 200);
    let clients = browser.get("/console/tenants/t1/clients").await;
    assert_eq!(clients.status, 403, "a permission that the role lacks");
    assert!(clients.body.contains("admin:clients.read"), "{}", clients.body);
    let overview = "href=\"/console/tenants/t1\">Overview</a>";
    assert_eq!(
        clients.body.matches(overview).count(),
        2,
        "in the list of sections, and below: {}",
        clients.body
    );
    app.store.commit(vec![take]).await.unwrap();
    assert_eq!(browser.get("/console/tenants/t1/users").await.status, 403);
}

#[tokio::test]
async fn whoever_is_disabled_or_signed_out_elsewhere_is_out() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let id = user_id(ALICE).into();
    for session in app.store.sessions_of(&T1.into(), &id).await.unwrap() {
        let end = Effect::EndSession { tenant: T1.into(), id: session.id, now: app.clock.now() };
        app.store.commit(vec![end]).await.unwrap();
    }
    let reply = browser.get("/console/tenants/t1/users").await;
    assert!(reply.status == 303 && reply.location().contains("/authorize?"), "{}", reply.body);
    assert_eq!(open(&browser, "/console").await.status, 200, "the sign-in page");
    assert!(open(&browser, "/console").await.body.contains("name=\"password\""));
}

#[tokio::test]
async fn tokens_are_renewed_and_what_a_browser_keeps_is_good_at_its_own_issuer_only() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let before = browser.cookies()["__Host-c-t1"].clone();
    app.advance_s(700);
    let reply = browser.get("/console/tenants/t1/users").await;
    assert_eq!(reply.status, 200, "the access token was renewed");
    assert_ne!(browser.cookies()["__Host-c-t1"], before);
    // The same tokens under the other tenant's name, and spoilt.
    let kept = browser.cookies()["__Host-c-t1"].clone();
    let other = app.browser();
    other.set_cookie("__Host-c-t2", &kept);
    assert_eq!(other.get("/t/t2/console/tenants/t2/users").await.status, 303);
    let other = app.browser();
    other.set_cookie("__Host-c-t1", &kept.replace(&kept[20..30], "AAAAAAAAAA"));
    assert_eq!(other.get("/console/tenants/t1/users").await.status, 303);
}

#[tokio::test]
async fn a_code_of_another_browser_or_with_a_foreign_state_signs_nobody_in() {
    let app = world().await;
    let (mallory, alice) = (app.browser(), app.browser());
    mallory.sign_in("mallory").await;
    let asked = mallory.get("/console").await.location();
    let callback = mallory.get(asked.strip_prefix("https://id.example").unwrap()).await.location();
    let target = callback.strip_prefix("https://id.example").unwrap();
    alice.sign_in(ALICE).await;
    let forced = alice.get(target).await;
    assert_eq!(forced.status, 400, "begun in another browser: {}", forced.body);
    assert!(!alice.cookies().contains_key("__Host-c-t1"));
    let mixed =
        mallory.get(&target.replace("iss=https%3A%2F%2Fid.example", "iss=https%3A%2F%2Fevil.example")).await;
    assert_eq!(mixed.status, 400);
    assert!(!mallory.cookies().contains_key("__Host-c-t1"));
}

#[tokio::test]
async fn a_tenants_administrator_sees_no_trace_of_other_tenants() {
    let app = world().await;
    let browser = enter_t2(&app).await;
    let own = browser.get("/t/t2/console/tenants/t2/users").await;
    assert!(own.body.contains("amy@example.com"));
    for path in ["", "/users", "/clients", "/events", "/users/usr_alice-0001", "/keys", "/roles"] {
        let other = browser.get(&format!("/t/t2/console/tenants/t1{path}")).await;
        let nowhere = browser.get(&format!("/t/t2/console/tenants/nowhere{path}")).await;
        assert_eq!((other.status, nowhere.status), (404, 404), "{path}");
        let way = "href=\"https://id.example/t/t2/console\">Back to administration</a>";
        assert!(nowhere.body.contains(way), "{}", nowhere.body);
        assert!(!other.body.contains("Tenant t1"), "{path}");
    }
    assert_eq!(browser.get("/t/t2/console/tenants").await.status, 404);
    for path in ["", "/users", "/clients", "/events", "/apis", "/keys", "/roles", "/contexts"] {
        let page = browser.get(&format!("/t/t2/console/tenants/t2{path}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        // As a word: what is drawn by chance may have it within.
        let mut words = page.body.split(|letter: char| !letter.is_alphanumeric() && !"-_".contains(letter));
        assert!(words.all(|word| word != "t1") && !page.body.contains("Tenants"), "{path}: {}", page.body);
    }
    // Whoever administers the server sees both.
    let browser = enter(&app, ALICE).await;
    let tenants = browser.get("/console/tenants").await;
    assert!(tenants.body.contains("Tenant t1") && tenants.body.contains("Tenant t2"));
    assert!(browser.get("/console/tenants/t2/users").await.body.contains("amy@example.com"));
}

#[tokio::test]
async fn signing_out_ends_what_the_console_holds() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get("/console/tenants/t1").await;
    let form =
        page.body.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let kept = browser.cookies()["__Host-c-t1"].clone();
    let stale = browser.post("/console/sign-out", &[("form", "x")]).await;
    assert_eq!(stale.location(), "https://id.example/logout", "the question");
    let reply = browser.post("/console/sign-out", &[("form", form)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.body.contains("You are signed out"));
    browser.set_cookie("__Host-c-t1", &kept);
    assert_eq!(browser.get("/console/tenants/t1").await.status, 303, "its tokens are dead");
    assert_eq!(app.rows("grants").await, 1);
}
