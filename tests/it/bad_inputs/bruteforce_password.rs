//! Bad inputs: guessing passwords (OWASP ASVS 5.0, 6.1 to 6.3). The figures are the defaults: ten attempts at an account from one place in a
//! quarter of an hour, a hundred from all places, a hundred failures of one address in ten minutes.

use doorward_core::Effect;
use doorward_core::model::{Credential, EventKind};
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{
    ALICE, BOB, Browser, MALLORY, PASSWORD, Page, Reply, T1, credentials, encode, request, user_id,
};
use doorward_web::edge::{EdgeRequest, Service};
use doorward_web::manage::{By, Manage};
use serde_json::json;

use super::account_lifecycle::{open_sign_up, sign_up};
use super::case::counted;
use super::steps::{apply, apply_to, form, is_signed_in, put, signed_in};
use super::{Case, page, rows, status};
use crate::mail::link_of;

rows![
    fresh bf_001, fresh bf_002, fresh bf_003, fresh bf_004, fresh bf_005, fresh bf_006, fresh bf_007, fresh bf_010,
    fresh bf_012, fresh bf_013, fresh bf_014, fresh bf_016,
];

const LIMIT: usize = 10;

/// A guess from a browser of its own.
async fn guess(case: &Case, name: &str, password: &str) -> Reply {
    let browser = case.app.browser();
    try_in(&browser, name, password).await
}

async fn try_in(browser: &Browser<'_>, name: &str, password: &str) -> Reply {
    let page = Page::of(browser.get("/sign-in").await);
    browser.submit(&page, &[("username", name), ("password", password), ("action", "sign-in")]).await
}

/// A sign-in as it is sent, from an address of one's choice.
async fn sign_in_request(case: &Case, name: &str, password: &str, address: [u8; 4]) -> EdgeRequest {
    let browser = case.app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let cookies: Vec<String> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
    ];
    let hidden = page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields = [("username", name), ("password", password), ("action", "sign-in")];
    let form: Vec<(&str, &str)> = hidden.chain(fields).collect();
    EdgeRequest { client_ip: address.into(), ..request("POST", "/sign-in", &headers, &encode(&form)) }
}

/// Ten wrong ones, then nothing for a while, not even the right one; it is told in the audit trail.
async fn bf_001(case: &Case) {
    for _ in 0..LIMIT {
        case.expect(page(200).event("sign_in.failed"), guess(case, ALICE, "wrong password")).await;
    }
    let locked = case.expect(page(429).event("sign_in.throttled"), guess(case, ALICE, PASSWORD)).await;
    assert!(locked.header("retry-after").is_some());
    let events = case.app.events().await;
    let event = events.iter().find(|event| event.kind == EventKind::SignInThrottled).expect("an event");
    assert_eq!(event.user, Some(user_id(ALICE).into()));
    case.app.advance_s(901);
    case.expect(status(303).change("sessions", 1), guess(case, ALICE, PASSWORD)).await;
}

/// A hundred at once count as a hundred: ten are looked at.
async fn bf_002(case: &Case) {
    let nodes = nodes(&case.app).await;
    let mut requests = Vec::new();
    for _ in 0..100 {
        requests.push(sign_in_request(case, ALICE, "wrong password", [198, 51, 100, 1]).await);
    }
    let before = case.app.app.passwords.verified();
    let replies = at_once(&nodes, requests).await;
    let told = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
    assert!(told(200) <= LIMIT && told(200) + told(429) + told(503) == 100, "{} {}", told(200), told(429));
    let verified = case.app.app.passwords.verified() - before;
    assert!(verified <= LIMIT as u64, "{verified} passwords were looked at");
    case.expect(status(429), guess_from(case, ALICE, PASSWORD, [198, 51, 100, 1])).await;
}

async fn guess_from(case: &Case, name: &str, password: &str, address: [u8; 4]) -> Reply {
    let asked = sign_in_request(case, name, password, address).await;
    case.app.server().call(asked).await.into()
}

/// One account, however it is written.
async fn bf_003(case: &Case) {
    let names = [
        "alice",
        "ALICE",
        " alice ",
        "Alice@Example.com",
        "alice@example.com",
        "\u{ff41}lice",
        "aLiCe",
        "alice",
        "ALICE@EXAMPLE.COM",
        "alice",
    ];
    for name in names {
        assert_eq!(guess(case, name, "wrong password").await.status, 200, "{name}");
    }
    for name in names {
        let told = guess(case, name, PASSWORD).await.status;
        // A form that names nobody is nobody, and counts for itself.
        assert!(told == 429 || (name.starts_with('\u{ff41}') && told == 200), "{name}: {told}");
    }
}

/// Ours: the account page counts for itself, and as strictly; who guesses at the sign-in page keeps nobody from changing their password.
async fn bf_004(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let change = async |current: &str| {
        let account = form(browser.get("/account").await, "/account/password");
        let new = "rivers run uphill at night";
        let fields = [("password", current), ("new_password", new), ("new_password_again", new)];
        browser.submit(&account, &fields).await.status
    };
    let manage = async |password: &str| {
        let form = Page::of(browser.get("/account/second-factor").await);
        browser.submit(&form, &[("password", password), ("action", "begin")]).await.status
    };
    // The two places where somebody signed in shows their password share their count.
    for at in 0..LIMIT / 2 {
        assert_eq!((change("wrong password").await, manage("wrong password").await), (400, 400), "{at}");
    }
    assert_eq!((change(PASSWORD).await, manage(PASSWORD).await), (429, 429));
    assert_eq!(guess(case, ALICE, PASSWORD).await.status, 303);
    case.app.advance_s(901);
    for _ in 0..LIMIT {
        assert_eq!(guess(case, ALICE, "wrong password").await.status, 200);
    }
    assert_eq!(guess(case, ALICE, PASSWORD).await.status, 429);
    assert_eq!(change(PASSWORD).await, 303);
}

/// Whoever guesses, from however many places, does not lock the person out of the browser that they use.
async fn bf_005(case: &Case) {
    let home = signed_in(case, ALICE).await;
    for address in 1..=12 {
        for _ in 0..LIMIT {
            guess_from(case, ALICE, "wrong password", [203, 0, 113, address]).await;
        }
    }
    case.expect(status(429), guess_from(case, ALICE, PASSWORD, [203, 0, 113, 99])).await;
    let out = form(home.get("/account").await, "/sign-out");
    home.submit(&out, &[("action", "sign-out")]).await;
    assert!(!is_signed_in(&home).await);
    case.expect(status(303).change("sessions", 1), try_in(&home, ALICE, PASSWORD)).await;
    // A lock is soft: it passes by itself, and nothing of hers ended.
    case.app.advance_s(901);
    case.expect(status(303).change("sessions", 1), guess(case, ALICE, PASSWORD)).await;
}

/// User names and addresses share one namespace, in which no user name looks like an address: by no door does anybody get a name under
/// which somebody else signs in.
async fn bf_006(case: &Case) {
    let app = &case.app;
    for person in [
        json!({ "user_name": "alice@example.com" }),
        json!({ "user_name": "nobody@example.net" }),
        json!({ "user_name": "eve", "email": "ALICE@example.com" }),
        json!({ "user_name": "eve", "email": "alice@example.com", "email_verified": true }),
    ] {
        let refused = apply(app, json!({ "users": [person] })).await;
        assert!(refused.is_err(), "{person}: {refused:?}");
    }
    open_sign_up(case, &[]).await;
    let own = "the attacker's own passphrase";
    // Signing up with what is another's name or address: the page says nothing, and no mail brings a way to an account.
    for taken in ["Alice@example.com", "MALLORY@EXAMPLE.COM"] {
        assert_eq!(sign_up(app, taken).await.status, 303);
        let mail = app.mails().await.last().expect("a mail").clone();
        assert_eq!((mail.kind, mail.link), ("sign_up_known", None), "{taken}");
    }
    // Signing up with an address of one's own, and another's name or address as user name.
    assert_eq!(sign_up(app, "eve@evil.example").await.status, 303);
    let link = link_of(app.mails().await.last().expect("a mail"));
    let people = app.rows("users").await;
    for (taken, status) in [
        ("alice", 409),
        ("ALICE", 409),
        ("alice@example.com", 400),
        ("eve@evil.example", 400),
        ("eve@x.example", 400),
    ] {
        let browser = app.browser();
        let joining = Page::of(browser.get(&link).await);
        let fields = [("username", taken), ("password", own), ("password_again", own)];
        let refused = browser.submit(&joining, &fields).await;
        assert_eq!(refused.status, status, "{taken}: {}", refused.body);
    }
    assert_eq!(app.rows("users").await, people);
    // Who has an account asks for an address that is another's: no mail offers to make it theirs.
    let mallory = signed_in(case, MALLORY).await;
    let page = form(mallory.get("/account/email").await, "/account/email");
    let fields = [("email", "Bob@example.com"), ("password", PASSWORD), ("action", "change")];
    mallory.submit(&page, &fields).await;
    let mails = app.mails().await;
    assert!(!mails.iter().any(|mail| mail.kind == "address_confirm"), "{mails:?}");
    // So each of these names opens the account that it opened before, by its password and by no other.
    for (name, whose) in [
        ("alice@example.com", user_id(ALICE)),
        ("alice", user_id(ALICE)),
        ("mallory@example.com", user_id(MALLORY)),
    ] {
        let found = app.store.user_by_name(&T1.into(), name).await.expect("read").expect("there");
        assert_eq!(found.user.id.as_str(), whose, "{name}");
        assert_eq!(guess(case, name, own).await.status, 200, "{name}");
        assert_eq!(guess(case, name, PASSWORD).await.status, 303, "{name}");
    }
}

/// One password at very many accounts: a hundred are tried, the rest waits, and it is told.
async fn bf_007(case: &Case) {
    let browser = case.app.browser();
    let form = Page::of(browser.get("/sign-in").await);
    let before = case.app.app.passwords.verified();
    let mut slowed = 0;
    for at in 0..400 {
        let name = format!("person-{at}");
        let fields = [("username", name.as_str()), ("password", "Summer2026!"), ("action", "sign-in")];
        let status = browser.submit(&form, &fields).await.status;
        assert!(status == 200 || status == 429, "{status}");
        slowed += usize::from(status == 429);
    }
    assert_eq!((slowed, case.app.app.passwords.verified() - before), (300, 100));
    let events = case.new_events().await;
    let told: Vec<_> = events.iter().filter(|event| event.kind == EventKind::SignInSprayed).collect();
    assert_eq!(told.len(), 1, "it is told once");
    assert_eq!((told[0].address.as_str(), told[0].data.as_str()), ("192.0.2.1", r#"{"names":20}"#));
    assert_eq!(counted("sign_in.throttled", &events), 300);
    // Others are not touched, nor is who has signed in here before.
    assert_eq!(guess_from(case, BOB, PASSWORD, [198, 51, 100, 9]).await.status, 303);
}

/// Known ones, easy ones, and names: refused with the reason, wherever a password is chosen.
async fn bf_010(case: &Case) {
    let bad = [
        ("baseball", "tried first"),
        ("password1", "tried first"),
        ("iloveyou", "tried first"),
        ("Passw0rd!", "tried first"),
        ("qwertyuiop", "tried first"),
        ("Summer2026!", "tried first"),
        ("abcabcabcabc", "easy to guess"),
        ("alice-and-the-rabbit", "must not hold your name"),
        ("the tenant t1 is mine", "must not hold your name"),
        ("short", "too short"),
    ];
    let browser = signed_in(case, ALICE).await;
    for (password, reason) in bad {
        let account = form(browser.get("/account").await, "/account/password");
        let fields = [("password", PASSWORD), ("new_password", password), ("new_password_again", password)];
        let reply = case.expect(page(400), browser.submit(&account, &fields)).await;
        assert!(reply.body.contains(reason), "{password}: {}", reply.body);
    }
    let manage = Manage::new(case.app.store.clone(), By::operator());
    let link = manage.set_up_link(Some(T1.to_owned())).await.expect("a link can be made");
    let target = link.url.strip_prefix("https://id.example").expect("it leads to us").to_owned();
    let stranger = case.app.browser();
    for (password, reason) in bad.iter().filter(|(password, _)| !password.contains("alice")) {
        let form = Page::of(stranger.get(&target).await);
        let fields = [
            ("username", "root"),
            ("email", "root@example.com"),
            ("password", password),
            ("password_again", password),
        ];
        let reply = case.expect(page(400), stranger.submit(&form, &fields)).await;
        assert!(reply.body.contains(reason), "{password}: {}", reply.body);
    }
    for password in ["password1", "alice-and-the-rabbit", "Passw0rd!"] {
        let refused = apply_to(&case.app, "users", ALICE, |user| user["password"] = password.into()).await;
        assert!(refused.is_err_and(|why| why.contains("password")), "{password}");
    }
    // Long ones, spaces and any script are fine.
    let long = "Ü ber den Wolken, und die Freiheit? grenzenlos 🦊 ".repeat(3);
    let account = form(browser.get("/account").await, "/account/password");
    let fields = [("password", PASSWORD), ("new_password", &*long), ("new_password_again", &*long)];
    assert_eq!(browser.submit(&account, &fields).await.status, 303);
    case.expect(status(303).change("sessions", 1), guess(case, ALICE, &long)).await;
}

/// Every byte counts.
async fn bf_012(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let head = "seventy-two bytes are where bcrypt stops, and this one is longer than so";
    assert_eq!(head.len(), 72);
    let (right, wrong) = (format!("{head} many"), format!("{head} mans"));
    let account = form(browser.get("/account").await, "/account/password");
    let fields = [("password", PASSWORD), ("new_password", &*right), ("new_password_again", &*right)];
    assert_eq!(browser.submit(&account, &fields).await.status, 303);
    for other in [wrong.as_str(), head, &format!("{right} ")] {
        case.expect(page(200).event("sign_in.failed"), guess(case, ALICE, other)).await;
    }
    case.expect(status(303).change("sessions", 1), guess(case, ALICE, &right)).await;
}

/// No password is none, and is looked at like any other.
async fn bf_013(case: &Case) {
    let before = case.app.app.passwords.verified();
    for password in ["", " "] {
        case.expect(page(200).event("sign_in.failed"), guess(case, ALICE, password)).await;
    }
    assert_eq!(case.app.app.passwords.verified() - before, 2);
}

/// A stored text that is no hash fits nothing, and is told.
async fn bf_014(case: &Case) {
    for data in ["", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "p\u{e4}ssw\u{f6}rd", "$9z$what", "{SSHA9}x"] {
        let user = case.app.store.user(&T1.into(), &user_id(ALICE).into()).await.expect("read");
        let credential = user.and_then(|found| found.password).expect("she has a password");
        put(&case.app, vec![Effect::PutCredential(Credential { data: data.to_owned(), ..credential })]).await;
        case.expect(page(200), guess(case, ALICE, PASSWORD)).await;
        let told = case.app.events().await.into_iter().filter(|event| event.kind == EventKind::HashInvalid);
        assert!(told.count() >= 1, "{data}");
    }
}

/// The current password first, of a session that stands.
async fn bf_016(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let new = "rivers run uphill at night";
    let page_of = async || form(browser.get("/account").await, "/account/password");
    for current in ["", "wrong password"] {
        let fields = [("password", current), ("new_password", new), ("new_password_again", new)];
        case.expect(page(400), browser.submit(&page_of().await, &fields)).await;
    }
    let fields = [("new_password", new), ("new_password_again", new)];
    case.expect(page(400), browser.submit(&page_of().await, &fields)).await;
    // A session that is over: the sign-in page, whatever the form says.
    let stale = page_of().await;
    case.app.advance_s(31 * 60);
    let fields = [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    let reply = case.expect(status(303), browser.submit(&stale, &fields)).await;
    assert_eq!(reply.location(), "https://id.example/sign-in");
    // And one that another person's browser shows.
    let other = case.app.browser();
    let reply = other.post("/account/password", &fields).await;
    assert_eq!((reply.status, reply.location().as_str()), (303, "https://id.example/sign-in"));
    let browser = case.app.browser();
    let form = Page::of(browser.get("/sign-in").await);
    assert_eq!(browser.submit(&form, &credentials(ALICE)).await.status, 303, "the password is what it was");
}
