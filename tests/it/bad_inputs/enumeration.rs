//! Bad inputs: finding out who has an account (OWASP ASVS 5.0, 6.3.8).

use std::time::{Duration, Instant};

use doorward_core::Effect;
use doorward_core::model::{Credential, User};
use doorward_tests::{ALICE, BOB, MALLORY, PASSWORD, Page, Reply, T1, WEB, user_id};

use super::account_lifecycle::{open_sign_up, sign_up};
use super::compat_dialects::{by_password, theirs};
use super::steps::{put, signed_in};
use super::{Case, json, page, rows, status};

rows![fresh en_001, shared en_002, fresh en_005, fresh en_006, shared en_007, shared en_009, fresh en_010];

async fn guess(case: &Case, name: &str, password: &str) -> Reply {
    let browser = case.app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    browser.submit(&page, &[("username", name), ("password", password), ("action", "sign-in")]).await
}

/// What a reader can tell apart, line by line: all but what is random, and what they typed themselves.
fn told(reply: &Reply, name: &str) -> Vec<String> {
    let mut body = reply.body.clone();
    let page = Page::of(reply.clone());
    for value in ["request", "form"].into_iter().filter_map(|field| page.field(field)) {
        body = body.replace(value, "");
    }
    // How much is left of the caller's own quota says nothing of anybody else.
    let headers = reply.headers.iter().filter(|(name, _)| *name != "set-cookie" && *name != "ratelimit");
    let headers = headers.map(|(name, value)| format!("{name}: {value:?}"));
    let lines = body.lines().map(|line| line.replace(&format!("value=\"{name}\""), "value=\"NAME\""));
    [reply.status.to_string()].into_iter().chain(headers).chain(lines).collect()
}

#[track_caller]
fn assert_same(left: &[String], right: &[String], what: &str) {
    let differ: Vec<_> = left.iter().zip(right).filter(|(left, right)| left != right).collect();
    assert!(differ.is_empty() && left.len() == right.len(), "{what}: {differ:#?}");
}

/// Unknown, wrong, disabled, locked: one answer, for the same work, by construction: each is one verification of one hash of the same
/// cost. Another system's hash costs what it costs: no refusal comes sooner than the slowest of them did lately.
async fn en_001(case: &Case) {
    let change = async |name: &str, change: fn(User) -> User| {
        let found = case.app.store.user(&T1.into(), &user_id(name).into()).await.expect("read");
        put(&case.app, vec![Effect::PutUser(change(found.expect("they exist").user))]).await;
    };
    change(BOB, |user| User { disabled_at: Some(user.created_at), ..user }).await;
    change(MALLORY, |user| User { locked_at: Some(user.created_at), ..user }).await;
    let first = guess(case, "nobody", "wrong password").await;
    let expected = told(&first, "nobody");
    let rows = [
        ("nobody-else", PASSWORD),
        ("not a name \u{202e}", PASSWORD),
        ("nobody@example.com", "wrong password"),
        (ALICE, "wrong password"),
        (BOB, PASSWORD),
        (BOB, "wrong password"),
        (MALLORY, PASSWORD),
        (MALLORY, "wrong password"),
        (ALICE, ""),
    ];
    for (name, password) in rows {
        let pool = &case.app.app.passwords;
        let before = pool.verified();
        let reply = case.expect(page(200), guess(case, name, password)).await;
        assert_eq!(pool.verified() - before, 1, "{name}");
        assert_same(&told(&reply, name), &expected, &format!("{name} {password}"));
    }
    // Nobody's password is another system's so far; once one was tried, every refusal takes as long.
    let owed = || case.app.app.passwords.owed(Duration::ZERO);
    assert_eq!(owed(), Duration::ZERO);
    let foreign = Credential {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        kind: "password".to_owned(),
        // Of bcrypt, 1024 rounds: some three times the work of ours.
        data: "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        created_at: case.app.clock.now(),
    };
    put(&case.app, vec![Effect::PutCredential(foreign)]).await;
    case.expect(page(200), guess(case, ALICE, "wrong password")).await;
    let least = owed();
    assert!(least > Duration::ZERO);
    for (name, password) in [("nobody", "wrong password"), (MALLORY, PASSWORD), (ALICE, "wrong password")] {
        let began = Instant::now();
        case.expect(page(200), guess(case, name, password)).await;
        assert!(
            began.elapsed() >= least,
            "{name}: {:?}, and {least:?} is what the other took",
            began.elapsed()
        );
    }
}

/// There is no page that only asks for the name; `login_hint` fills it in, known or not.
async fn en_002(case: &Case) {
    let page_for = async |hint: &str| {
        let browser = case.app.browser();
        let reply = case.expect(page(200), browser.authorize(WEB, &[("login_hint", hint)])).await;
        assert!(reply.body.contains("name=\"password\""), "{}", reply.body);
        told(&reply, hint)
    };
    assert_same(&page_for("alice").await, &page_for("nobody").await, "login_hint");
}

/// Whoever signs up with an address that has an account is told what everybody is; its owner gets a mail that says so.
async fn en_005(case: &Case) {
    open_sign_up(case, &[]).await;
    let free = sign_up(&case.app, "free@example.net").await;
    let taken = case.expect(status(303), sign_up(&case.app, "Alice@example.com")).await;
    assert_eq!((taken.status, &taken.body), (free.status, &free.body));
    let headers = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        headers.remove("ratelimit");
        headers
    };
    assert_eq!(headers(&taken), headers(&free));
    let mails = case.app.mails().await;
    let of_alice = mails.iter().find(|mail| mail.kind == "sign_up_known").expect("a mail to the owner");
    assert_eq!((of_alice.to.as_str(), &of_alice.link), ("Alice@example.com", &None));
    assert!(of_alice.text.contains("already have an account"), "{}", of_alice.text);
}

/// Locked: the right password and a wrong one get one answer, and the person hears why by mail. Slowed: the right password and a
/// wrong one, an account and none, get one answer, and nothing is looked at.
async fn en_006(case: &Case) {
    let bob = case.app.store.user(&T1.into(), &user_id(BOB).into()).await.expect("read").expect("there").user;
    let locked_at = Some(case.app.clock.now());
    put(&case.app, vec![Effect::PutUser(User { locked_at, ..bob })]).await;
    let wrong = case.expect(page(200), guess(case, BOB, "wrong password")).await;
    assert!(case.app.mails().await.is_empty(), "of a guess nobody hears");
    let right = case.expect(page(200), guess(case, BOB, PASSWORD)).await;
    assert_same(&told(&right, BOB), &told(&wrong, BOB), "locked");
    let nobody = guess(case, "nobody-else", PASSWORD).await;
    assert_same(&told(&nobody, "nobody-else"), &told(&wrong, BOB), "locked, and nobody");
    let mails = case.app.mails().await;
    let heard: Vec<_> = mails.iter().map(|mail| (mail.kind, mail.to.as_str())).collect();
    assert_eq!(heard, [("account_closed", "bob@example.com")]);
    let mut answers = Vec::new();
    for (name, last) in [(ALICE, PASSWORD), (ALICE, "wrong password"), ("nobody", PASSWORD)] {
        for _ in 0..10 {
            guess(case, name, "wrong password").await;
        }
        let before = case.app.app.passwords.verified();
        let reply = case.expect(status(429), guess(case, name, last)).await;
        assert_eq!(case.app.app.passwords.verified(), before, "{name}");
        answers.push(told(&reply, name));
    }
    for answer in &answers[1..] {
        assert_same(answer, &answers[0], "slowed");
    }
}

async fn en_007(case: &Case) {
    en_002(case).await;
    let signed_in = super::steps::signed_in(case, ALICE).await;
    let known = signed_in.authorize(WEB, &[("login_hint", "bob"), ("prompt", "none")]).await;
    let unknown = signed_in.authorize(WEB, &[("login_hint", "nobody"), ("prompt", "none")]).await;
    assert_eq!((known.status, known.param("error")), (unknown.status, unknown.param("error")));
}

/// Lists of the admin API count nothing: who may see a page learns no total.
async fn en_009(case: &Case) {
    let admin = crate::admin::Admin::with(&case.app, "watcher", "admin:users.read admin:clients.read").await;
    for list in ["users", "clients"] {
        let reply = admin.get(&format!("/tenants/{}/{list}?limit=1", doorward_tests::T1)).await;
        let members: Vec<String> = reply.json().as_object().expect("a page").keys().cloned().collect();
        assert_eq!(members, ["items", "next"]);
        assert!(reply.headers.keys().all(|name| !name.as_str().contains("count")), "{list}");
    }
}

/// The password grant at Smartenit's contract: unknown, wrong, off or with a second factor, in one answer. (Magic's: CI-003, MCS-07.)
async fn en_010(case: &Case) {
    theirs(case).await;
    case.app.change_user(BOB, |user| user.disabled_at = Some(user.created_at)).await;
    let (_device, _codes) = signed_in(case, MALLORY).await.enrol(&case.app).await;
    let seen = |reply: &Reply| {
        // How much is left of the caller's own quota says nothing of anybody else.
        let headers =
            reply.headers.iter().filter(|(name, _)| *name != "ratelimit" && *name != "x-request-id");
        let headers = headers.map(|(name, value)| format!("{name}: {value:?}"));
        [reply.status.to_string(), reply.body.clone()].into_iter().chain(headers).collect::<Vec<_>>()
    };
    let refused = || json(400, "invalid_grant").event("token.password");
    let first = seen(&case.expect(refused(), by_password(case, "nobody", PASSWORD)).await);
    for (user, password) in [(ALICE, "wrong"), (BOB, PASSWORD), (BOB, "wrong"), (MALLORY, PASSWORD)] {
        let other = case.expect(refused(), by_password(case, user, password)).await;
        assert_same(&first, &seen(&other), &format!("{user}: {password}"));
    }
}
