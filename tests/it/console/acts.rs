//! What administrators do, and that the line shown for it does the same.

use doorward_core::Effect;
use doorward_core::model::{Actor, User};
use doorward_crypto::base64url;
use doorward_tests::{ALICE, BOB, Browser, Page, Reply, T1, TestApp, WEB, encode, user_id};

use super::{enter, enter_t2, give, open, world};
use crate::mail::go;

const BOBS: &str = "id=usr_bob-0001";

async fn bob(app: &TestApp) -> User {
    app.store.user(&T1.into(), &user_id(BOB).into()).await.expect("read").expect("there").user
}

/// The form that does it, of a page that asks.
pub fn deed(page: &Reply) -> Vec<(String, String)> {
    assert_eq!(page.status, 200, "{}", page.body);
    let rest = page.body.split_once("class=\"deed\"").expect("a form that does something").1;
    let html =
        format!("<form method=\"post\" action=\"/x\"{}", rest.split("</form>").next().expect("its end"));
    let reply = Reply { body: html, ..page.clone() };
    Page::of(reply).hidden
}

/// Ask for an act, and say yes.
pub async fn act(browser: &Browser<'_>, query: &str) -> Reply {
    let page = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
    let form = deed(&page);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post("/console/tenants/t1/act", &form).await
}

/// The command that a page shows.
fn shown(page: &Reply) -> String {
    let line = page.body.split_once("<code lang=\"en\">curl").expect("a call").1;
    format!("curl{}", line.split("</code>").next().expect("its end"))
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

#[tokio::test]
async fn a_person_is_locked_and_unlocked_and_the_event_names_who_did_it() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get("/console/tenants/t1/users/usr_bob-0001").await;
    assert!(page.body.contains("act=user-lock") && !page.body.contains("act=user-unlock"), "{}", page.body);
    let done = act(&browser, &format!("act=user-lock&{BOBS}")).await;
    assert_eq!(done.location(), "https://id.example/console/tenants/t1/users/usr_bob-0001?done=1");
    assert!(bob(&app).await.locked_at.is_some());
    let page = open(&browser, "/console/tenants/t1/users/usr_bob-0001?done=1").await;
    assert!(
        page.body.contains("Done.") && page.body.contains("Locked") && page.body.contains("act=user-unlock")
    );
    let told = app.events().await;
    let event = told.iter().rev().find(|event| event.kind.as_str() == "object.changed").expect("an event");
    assert_eq!(event.actor, Actor::User(user_id(ALICE).into()));
    assert_eq!(event.user, Some(user_id(BOB).into()));
    let trail = browser.get(&format!("/console/tenants/t1/events?actor={}", user_id(ALICE))).await;
    assert!(trail.body.contains("locked: true"), "{}", trail.body);
    let trail = browser.get(&format!("/console/tenants/t1/events?actor=user:{}", user_id(BOB))).await;
    assert!(!trail.body.contains("locked: true"), "{}", trail.body);
    act(&browser, &format!("act=user-unlock&{BOBS}")).await;
    assert!(bob(&app).await.locked_at.is_none());
}

#[tokio::test]
async fn the_line_for_curl_is_the_request_that_is_made() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get(&format!("/console/tenants/t1/act?act=user-lock&{BOBS}&version=1")).await;
    let line = shown(&page).replace("\\\n", "");
    let words = split(&line);
    assert_eq!(words[..4], ["curl", "-sS", "-X", "PATCH"]);
    assert_eq!(words[4], "https://id.example/admin/v1/tenants/t1/users/usr_bob-0001");
    // Pasted, with the token that the console itself uses.
    let sealed = base64url::decode(&browser.cookies()["__Host-c-t1"]).unwrap();
    let sealer = app.store.sealer(&T1.into()).await.unwrap();
    let kept = sealer.open(b"console\0tokens\0iss-t1", &sealed).expect("the cookie");
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    let (mut headers, mut body) = (Vec::new(), String::new());
    for pair in words[5..].chunks(2) {
        match pair[0].as_str() {
            "-H" => {
                let value = pair[1].replace("$TOKEN", kept["access"].as_str().unwrap());
                let (name, value) = value.split_once(": ").unwrap();
                headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
            "-d" => body.clone_from(&pair[1]),
            other => panic!("{other}"),
        }
    }
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = app.send("PATCH", "/admin/v1/tenants/t1/users/usr_bob-0001", &headers, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(bob(&app).await.locked_at.is_some());
}

/// The words of a line, as a shell reads them.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words
}

#[tokio::test]
async fn a_form_from_elsewhere_or_without_its_token_does_nothing() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get(&format!("/console/tenants/t1/act?act=user-disable&{BOBS}")).await;
    let form = deed(&page);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let without: Vec<_> = form.iter().copied().filter(|(name, _)| *name != "form").collect();
    let forged = [&without[..], &[("form", "AAAA")]].concat();
    let path = "/console/tenants/t1/act";
    let sent =
        |origin: &'static str| [("origin", origin), ("content-type", "application/x-www-form-urlencoded")];
    for (origin, form) in [
        ("https://evil.example", &form),
        ("null", &form),
        ("https://id.example", &without),
        ("https://id.example", &forged),
    ] {
        let reply = browser.send("POST", path, &sent(origin), &encode(form)).await;
        assert_eq!(reply.status, 403, "{origin}: {}", reply.body);
        assert!(bob(&app).await.disabled_at.is_none());
    }
    let other = app.browser();
    let reply = other.send("POST", path, &sent("https://id.example"), &encode(&form)).await;
    assert!(reply.location().contains("/authorize?"), "nobody is signed in there");
    assert!(bob(&app).await.disabled_at.is_none());
    assert_eq!(browser.get(&format!("{path}?act=user-disable&{BOBS}&form=x")).await.status, 200);
    assert!(bob(&app).await.disabled_at.is_none(), "asking changes nothing");
}

#[tokio::test]
async fn whoever_was_slower_sees_the_fresh_state() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let path = "/console/tenants/t1/users/usr_bob-0001";
    let page = browser.get(path).await;
    let link = page.body.split("act?act=user-lock").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let query = format!("act=user-lock{}", link.replace("&#38;", "&"));
    let mut faster = bob(&app).await;
    faster.profile.0.insert("nickname".to_owned(), "Robert".into());
    app.store.commit(vec![Effect::PutUser(faster)]).await.unwrap();
    let reply = act(&browser, &query).await;
    let at = reply.location();
    assert!(at.starts_with(&format!("https://id.example{path}?conflict=")), "{at}");
    let fresh = browser.get(at.strip_prefix("https://id.example").unwrap()).await;
    assert!(
        fresh.body.contains("Somebody was faster") && fresh.body.contains("role=\"alert\""),
        "{}",
        fresh.body
    );
    assert!(bob(&app).await.locked_at.is_none());
    // Anybody can write such an address: none of its words are shown.
    let spoofed = browser.get(&format!("{path}?conflict=Call%20555%20now")).await;
    assert!(
        spoofed.body.contains("Somebody was faster") && !spoofed.body.contains("555"),
        "{}",
        spoofed.body
    );
}

#[tokio::test]
async fn who_is_meant_is_asked_by_name() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let asked = browser.get(&format!("/console/tenants/t1/act?act=user-disable&{BOBS}")).await;
    assert!(asked.body.contains(" (bob) can do nothing any more"), "{}", asked.body);
    let back = "<a href=\"/console/tenants/t1/users/usr_bob-0001\"";
    assert!(asked.body.contains(back), "the way back to the person: {}", asked.body);
    // What cannot be is told in the API's words: nobody was faster.
    act(&browser, &format!("act=user-lock&{BOBS}")).await;
    let refused = act(&browser, &format!("act=user-reset-link&{BOBS}")).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("the person is disabled or locked"), "{}", refused.body);
    assert!(!refused.body.contains("Somebody was faster"), "{}", refused.body);
    // What is not there yet has no page to go back to.
    let making = browser.get("/console/tenants/t1/act?act=role-make&id=clerk").await;
    assert!(!making.body.contains("/roles/clerk\""), "{}", making.body);
}

#[tokio::test]
async fn nobody_does_what_they_may_not() {
    let app = world().await;
    // Reading is not writing.
    let _reader = give(&app, T1, BOB, 7, &["admin:users.read"]).await;
    let browser = enter(&app, BOB).await;
    let page = browser.get("/console/tenants/t1/users/usr_mallory-0001").await;
    assert!(page.status == 200 && !page.body.contains("act?act="), "{}", page.body);
    let refused = browser.get("/console/tenants/t1/act?act=user-lock&id=usr_mallory-0001").await;
    assert!(refused.status == 403 && refused.body.contains("admin:users.write"), "{}", refused.body);
    // Who may write people may not touch an administrator, nor give what they do not hold.
    let _writer = give(&app, T1, "mallory", 8, &["admin:users.write"]).await;
    let _strong = give(&app, T1, BOB, 9, &["admin:keys.write"]).await;
    let browser = enter(&app, "mallory").await;
    for query in ["act=user-lock&id=usr_alice-0001", "act=user-roles&id=usr_mallory-0001&role.role-9=on"] {
        let refused = act(&browser, query).await;
        assert_eq!(refused.status, 403, "{query}: {}", refused.body);
        assert!(refused.body.contains("role=\"alert\""), "{}", refused.body);
    }
    let alice = app.store.user(&T1.into(), &user_id(ALICE).into()).await.unwrap().unwrap().user;
    assert!(alice.locked_at.is_none());
    // Another tenant is nowhere.
    let amy = enter_t2(&app).await;
    let reply = amy.get(&format!("/t/t2/console/tenants/t1/act?act=user-lock&{BOBS}")).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn roles_are_made_changed_given_and_removed() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let made = act(&browser, "act=role-make&id=clerk&name=Clerk").await;
    assert_eq!(made.location(), "https://id.example/console/tenants/t1/roles/clerk?done=1");
    act(&browser, "act=role-permissions&id=clerk&permissions=orders%3Aread%0D%0Aorders%3Awrite").await;
    let role = app.store.role(&T1.into(), &"clerk".into()).await.unwrap().expect("it is there");
    let words: Vec<&str> = role.permissions.iter().map(|permission| permission.as_str()).collect();
    assert_eq!(words, ["orders:read", "orders:write"]);
    let wrong = act(&browser, "act=role-permissions&id=clerk&permissions=Nonsense").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("a permission is domain:action"), "what the API says: {}", wrong.body);
    act(&browser, &format!("act=user-roles&{BOBS}&role.clerk=on")).await;
    let page = browser.get("/console/tenants/t1/roles/clerk").await;
    assert!(page.body.contains("usr_bob-0001"), "{}", page.body);
    let gone = act(&browser, "act=role-remove&id=clerk").await;
    assert_eq!(gone.location(), "https://id.example/console/tenants/t1/roles?done=1");
    assert!(app.store.role(&T1.into(), &"clerk".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_that_is_switched_off_gets_nothing() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    act(&browser, "act=client-disable&id=web").await;
    let client = app.store.client(&T1.into(), &WEB.into()).await.unwrap().unwrap().client;
    assert!(client.disabled_at.is_some());
    let own = browser.get("/console/tenants/t1/clients/doorward-console").await;
    assert!(own.status == 200 && !own.body.contains("act?act="), "the console's own is nobody's to change");
    let asked = browser.get("/console/tenants/t1/act?act=client-disable&id=doorward-console").await;
    assert_eq!(asked.status, 404, "{}", asked.body);
    // Nor by the form of another one.
    let mut form = deed(&browser.get("/console/tenants/t1/act?act=client-enable&id=web").await);
    form.iter_mut().filter(|(name, _)| name == "id").for_each(|(_, id)| "doorward-console".clone_into(id));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = browser.post("/console/tenants/t1/act", &form).await;
    assert_eq!(refused.status, 404, "{}", refused.body);
}

#[tokio::test]
async fn a_person_is_helped_by_a_link_that_is_shown_once() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get("/console/tenants/t1/users/usr_bob-0001").await;
    for name in ["user-reset-link", "user-sign-in-link", "user-require-password", "user-reset-factor"] {
        assert!(page.body.contains(&format!("act={name}")), "{name}");
    }
    let done = act(&browser, &format!("act=user-sign-in-link&{BOBS}")).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let (_, rest) = done.body.split_once("https://id.example/sign-in/link?link=").expect("a link");
    let secret = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next().unwrap();
    let bobs = app.browser();
    assert_eq!(go(&bobs, &format!("/sign-in/link?link={secret}")).await.status, 303);
    assert!(bobs.get("/account").await.body.contains("bob"));
    act(&browser, &format!("act=user-require-password&{BOBS}")).await;
    assert!(bob(&app).await.password_due_at.is_some());
    let page = open(&browser, "/console/tenants/t1/users/usr_bob-0001?done=1").await;
    assert!(page.body.contains("New password required"), "{}", page.body);
}

/// Nobody is invited to press a button that can only fail.
#[tokio::test]
async fn what_is_not_there_is_not_acted_on() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    for asked in [
        "act=user-lock",
        "act=user-lock&id=",
        "act=user-lock&id=usr_nobody",
        "act=user-lock&id=%00",
        "act=client-disable&id=nothing",
        "act=role-remove&id=nothing",
        "act=role-permissions&id=nothing&permissions=a:b",
        "act=context-disable&id=project/nothing",
        "act=member-put&id=project/nothing&user=usr_bob-0001",
        "act=api-remove&id=https%3A%2F%2Fnothing.example",
        "act=sessions-end&id=usr_nobody",
    ] {
        let shown = browser.get(&format!("/console/tenants/t1/act?{asked}")).await;
        assert_eq!(shown.status, 404, "{asked}: {}", shown.body);
    }
    for page in ["users?q=%00", "events?user=%00", "clients?q=%00"] {
        assert_eq!(browser.get(&format!("/console/tenants/t1/{page}")).await.status, 404, "{page}");
    }
}

/// People are found in the trail by what they are called, and what cannot be asked for is said.
#[tokio::test]
async fn the_trail_is_asked_by_names() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    act(&browser, &format!("act=user-lock&{BOBS}")).await;
    // On PostgreSQL events have their numbers later.
    app.events().await;
    let rows = |body: &str| body.matches("object.changed").count();
    let by = async |query: &str| {
        browser.get(&format!("/console/tenants/t1/events?kind=object.changed&{query}")).await
    };
    for name in ["user=bob", "user=BOB", "user=bob%40example.com", "user=usr_bob-0001"] {
        assert_eq!(rows(&by(name).await.body), rows(&by("user=usr_bob-0001").await.body), "{name}");
    }
    assert!(rows(&by("user=bob").await.body) > rows(&by("user=nobody").await.body));
    assert_eq!(browser.get("/console/tenants/t1/events?kind=nope").await.status, 400);
}

#[tokio::test]
async fn somebody_is_invited_by_a_form() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get("/console/tenants/t1/users").await;
    assert!(page.body.contains("Invite somebody"), "{}", page.body);
    let asked = "act=invite&id=&email=dora%40example.net&way=mail&name=Dora";
    let shown = browser.get(&format!("/console/tenants/t1/act?{asked}")).await;
    assert!(shown.body.contains("/admin/v1/tenants/t1/invitations"), "{}", shown.body);
    let done = act(&browser, asked).await;
    assert_eq!(done.location(), "https://id.example/console/tenants/t1/users?done=1");
    assert_eq!(app.mails().await.last().expect("a mail").to, "dora@example.net");
    let page = browser.get("/console/tenants/t1/users").await;
    assert!(
        page.body.contains("Open invitations") && page.body.contains("dora@example.net"),
        "{}",
        page.body
    );
    let open = app.store.invitations(&"t1".into(), None, 10).await.expect("read");
    let id = doorward_core::login::invitation::id_of(open[0].key);
    let done = act(&browser, &format!("act=invitation-withdraw&id={id}")).await;
    assert_eq!(done.location(), "https://id.example/console/tenants/t1/users?done=1");
    let page = browser.get("/console/tenants/t1/users").await;
    assert!(!page.body.contains("Open invitations"), "{}", page.body);
    let wrong = act(&browser, "act=invite&id=&email=dora&way=link").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("/email"), "{}", wrong.body);
}

#[tokio::test]
async fn what_applications_name_is_not_removed_and_they_are_named() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = act(&browser, "act=api-remove&id=https%3A%2F%2Frs1.example").await;
    assert_eq!(page.status, 409, "{}", page.body);
    assert!(page.body.contains("Applications name it still."), "{}", page.body);
    assert!(page.body.contains("client rs1 (apis, introspects, scopes)"), "{}", page.body);
}
