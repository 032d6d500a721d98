//! Bad inputs: the session cookie (ASVS 7).

use std::net::{IpAddr, Ipv4Addr};

use doorward_tests::{ALICE, BOB, Browser, M2M, Page, RS1, Reply, WEB, credentials, request};
use doorward_web::edge::Service;

use super::steps::{OFFLINE, SESSION, apply_to, form, is_active, is_signed_in, signed_in, tokens};
use super::{Case, page, rows, status};

rows![
    shared se_003, shared se_004, shared se_006, shared se_007, shared se_008, fresh se_009, shared se_010,
    fresh se_013,
];

/// Every cookie of every answer: `__Host-`, Secure, HttpOnly, SameSite=Lax, the whole path, no domain.
async fn se_003(case: &Case) {
    let browser = case.app.browser();
    let sign_in = browser.get("/sign-in").await;
    let mut remember = credentials(ALICE).to_vec();
    remember.push(("remember", "on"));
    let first = browser.submit(&Page::of(sign_in.clone()), &remember).await;
    let account = browser.get("/account").await;
    let fields = [
        ("password", doorward_tests::PASSWORD),
        ("new_password", doorward_tests::PASSWORD),
        ("new_password_again", doorward_tests::PASSWORD),
    ];
    let changed = browser.submit(&form(account.clone(), "/account/password"), &fields).await;
    let account = browser.get("/account").await;
    let other = case.app.browser();
    let stranger = [
        other.authorize(WEB, &[]).await,
        other.get("/logout").await,
        other.get("/setup?link=x").await,
        other.get("/authorize").await,
    ];
    let out = browser.submit(&form(account, "/sign-out"), &[("action", "sign-out")]).await;
    let mut seen = Vec::new();
    for reply in [sign_in, first, changed, out].iter().chain(&stranger) {
        for cookie in reply.headers.get_all("set-cookie") {
            seen.push(assert_cookie(cookie.to_str().expect("a cookie is text")));
        }
    }
    for name in ["__Host-p", SESSION, "__Host-d-t1"] {
        assert!(seen.iter().any(|known| known == name), "{name} was never set: {seen:?}");
    }
}

#[track_caller]
fn assert_cookie(text: &str) -> String {
    let mut parts = text.split("; ");
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie is a pair");
    assert!(name.starts_with("__Host-"), "{text}");
    assert!(value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
    let mut attributes: Vec<&str> = parts.collect();
    attributes.retain(|attribute| !attribute.starts_with("Max-Age="));
    assert_eq!(attributes, ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"], "{text}");
    name.to_owned()
}

/// Whatever stands in the cookie, if it is not a session it is none.
async fn se_004(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let bob = signed_in(case, BOB).await;
    let good = browser.cookies().remove(SESSION).expect("there is a session");
    let of_bob = bob.cookies().remove(SESSION).expect("there is a session");
    let (head, tail) = good.split_at(good.len() / 2);
    let last = good.as_bytes()[good.len() - 1];
    let mut flipped = good.clone().into_bytes();
    *flipped.last_mut().expect("it is not empty") = if last == b'A' { b'B' } else { b'A' };
    let mut first = good.clone().into_bytes();
    first[0] = if first[0] == b'A' { b'B' } else { b'A' };
    let values: Vec<Vec<u8>> = vec![
        flipped,
        first,
        head.into(),
        tail.into(),
        format!("{good}A").into(),
        format!("{good}=").into(),
        format!("\"{good}\"").into(),
        format!("{} ", good.to_lowercase()).into(),
        format!("{head}{}", &of_bob[head.len()..]).into(),
        b"".to_vec(),
        b"0".to_vec(),
        b"null".to_vec(),
        vec![b'A'; 8 * 1024],
        vec![b'A'; good.len()],
        b"\xff\xfe\xc0\x80".to_vec(),
        [good.as_bytes(), b"\xff"].concat(),
        "\u{1F600}".as_bytes().to_vec(),
        b"' OR 1=1 --".to_vec(),
    ];
    for value in values {
        let cookie = [SESSION.as_bytes(), b"=", &value].concat();
        assert_no_session(case, &[&cookie]).await;
    }
    // Two that differ are none; a name that only looks alike is another.
    let both = format!("{SESSION}={good}; {SESSION}={of_bob}");
    assert_no_session(case, &[both.as_bytes()]).await;
    let (one, two) = (format!("{SESSION}={good}"), format!("{SESSION}={of_bob}"));
    assert_no_session(case, &[one.as_bytes(), two.as_bytes()]).await;
    for name in
        ["s-t1", "__host-s-t1", "__Secure-s-t1", "__Host-s-t1 x", "__Host-s-T1", "__Host-s-t2", "__Host-p"]
    {
        assert_no_session(case, &[format!("{name}={good}").as_bytes()]).await;
    }
    let junk = [&b"=;;;=, x; \xff=\xff; "[..], SESSION.as_bytes()].concat();
    assert_no_session(case, &[&junk]).await;
    assert!(is_signed_in(&browser).await, "the session itself is none the worse");
}

/// The authorization endpoint shows the sign-in page, and nothing was made.
async fn assert_no_session(case: &Case, cookies: &[&[u8]]) {
    for target in [doorward_tests::authorize_target(WEB, &[]), "/account".to_owned()] {
        let mut asked = request("GET", &target, &[], "");
        for cookie in cookies {
            let value = http::HeaderValue::from_bytes(cookie).expect("a header's value");
            asked.headers.append("cookie", value);
        }
        let expected = if target == "/account" { status(303) } else { page(200) };
        let reply = case.expect(expected, async { Reply::from(case.app.server().call(asked).await) }).await;
        match target.as_str() {
            "/account" => assert_eq!(reply.location(), "https://id.example/sign-in"),
            _ => assert!(reply.body.contains("action=\"/sign-in\"")),
        }
        assert!(
            !reply
                .headers
                .get_all("set-cookie")
                .iter()
                .any(|cookie| { cookie.to_str().is_ok_and(|text| text.starts_with(SESSION)) })
        );
    }
}

/// A session of one tenant is none in another, under whichever name.
async fn se_006(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let cookie = browser.cookies().remove(SESSION).expect("there is a session");
    let elsewhere = case.app.browser();
    elsewhere.set_cookie("__Host-s-t2", &cookie);
    elsewhere.set_cookie(SESSION, &cookie);
    let reply = case.expect(status(303), elsewhere.get("/t/t2/account")).await;
    assert_eq!(reply.location(), "https://id.example/t/t2/sign-in");
    let target = format!("/t/t2{}", doorward_tests::authorize_target(WEB, &[("prompt", "none")]));
    let reply = case.expect(status(303), elsewhere.get(&target)).await;
    assert_eq!(reply.param("error").as_deref(), Some("login_required"));
    // Nor do forms of one tenant's pages count at the other's.
    let form = Page::of(browser.get("/account").await);
    let reply = elsewhere.submit(&Page { action: "/t/t2/sign-out".to_owned(), ..form }, &[]).await;
    assert_ne!(reply.status, 500);
    assert!(is_signed_in(&browser).await);
}

/// Idle after half an hour, over after twelve; thirty days where the person ticked the box.
async fn se_007(case: &Case) {
    let idle = signed_in(case, ALICE).await;
    case.app.advance_s(29 * 60);
    assert!(is_signed_in(&idle).await);
    case.app.advance_s(29 * 60);
    assert!(is_signed_in(&idle).await, "looking is using");
    case.app.advance_s(31 * 60);
    assert!(!is_signed_in(&idle).await);
    let reply = idle.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(reply.param("error").as_deref(), Some("login_required"));

    let busy = signed_in(case, ALICE).await;
    let bound = tokens(case, &busy, WEB, &[]).await;
    let offline = tokens(case, &busy, WEB, &OFFLINE).await;
    for _ in 0..36 {
        case.app.advance_s(20 * 60);
        if !is_signed_in(&busy).await {
            break;
        }
    }
    assert!(!is_signed_in(&busy).await, "twelve hours are over");
    case.app.refresh(WEB, &bound.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert_eq!(case.app.refresh(WEB, &offline.text("refresh_token")).await.status, 200);

    let browser = case.app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let mut remember = credentials(ALICE).to_vec();
    remember.push(("remember", "on"));
    assert_eq!(browser.submit(&page, &remember).await.status, 303);
    case.app.advance_s(29 * 86_400);
    assert!(is_signed_in(&browser).await);
    case.app.advance_s(86_400 + 60);
    assert!(!is_signed_in(&browser).await);
}

/// Another network and a new browser version are no reason to sign anybody out: people move and update. Where a person signed in is
/// in the event and on the account page.
async fn se_008(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let cookie = format!("{SESSION}={}", browser.cookies()[SESSION]);
    for (address, agent) in
        [([203, 0, 113, 9], "Other/1.0"), ([198, 51, 100, 7], ""), ([192, 0, 2, 1], "Third/3")]
    {
        let headers = [("cookie", cookie.as_str()), ("user-agent", agent)];
        let mut asked = request("GET", "/account", &headers, "");
        asked.client_ip = IpAddr::V4(Ipv4Addr::from(address));
        let reply: Reply = case.app.server().call(asked).await.into();
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains("192.0.2.1"), "the address of the sign-in is shown");
    }
    assert!(is_signed_in(&browser).await);
}

/// Nothing on the disk opens anything: no cookie, code, token, secret or password stands there.
async fn se_009(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let all = tokens(case, &browser, WEB, &OFFLINE).await;
    let refreshed = case.app.refresh(WEB, &all.text("refresh_token")).await;
    let spent = browser.code(WEB, &[]).await;
    let form = [("grant_type", "client_credentials"), ("scope", "rs2:read")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let opaque = case.app.token_as(M2M, &form).await.text("access_token");
    case.flush().await;
    let mut secrets: Vec<String> = browser.cookies().into_values().collect();
    secrets.extend([
        all.text("access_token"),
        all.text("id_token"),
        all.text("refresh_token"),
        refreshed.text("refresh_token"),
        spent.code,
        opaque,
        doorward_tests::secret_of(WEB),
        doorward_tests::PASSWORD.to_owned(),
    ]);
    let dump = case.app.dump().await;
    assert!(contains(&dump, b"alice@example.com"), "the dump holds the rows");
    for secret in secrets.iter().filter(|secret| secret.len() >= 16) {
        assert!(!contains(&dump, secret.as_bytes()), "{secret} stands on the disk");
        // Nor its bytes, where it is an encoding of some.
        for decoded in [doorward_crypto::base64url::decode(secret)].into_iter().flatten() {
            let hex: String = decoded.iter().map(|byte| format!("{byte:02x}")).collect();
            let is_there = contains(&dump, &decoded) || contains(&dump, hex.as_bytes());
            assert!(!is_there, "the bytes of {secret} stand on the disk");
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// A token is no session, whatever kind it is.
async fn se_010(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let all = tokens(case, &browser, WEB, &OFFLINE).await;
    let code = browser.code(WEB, &[]).await.code;
    let short = browser.cookies();
    let device = short.get("__Host-d-t1").expect("there is a device cookie");
    for token in [
        all.text("access_token"),
        all.text("id_token"),
        all.text("refresh_token"),
        code,
        device.clone(),
        short["__Host-p"].clone(),
    ] {
        assert_no_session(case, &[format!("{SESSION}={token}").as_bytes()]).await;
    }
    // And a cookie is no token.
    let cookie = short[SESSION].clone();
    assert_eq!(case.app.userinfo(&cookie).await.status, 401);
    assert!(!is_active(case, RS1, &cookie).await);
}

/// Switched off: every session and token is dead from that commit on, and stays so when the person may come back.
async fn se_013(case: &Case) {
    for state in ["disabled", "locked"] {
        let browsers = [signed_in(case, ALICE).await, signed_in(case, ALICE).await];
        let all = tokens(case, &browsers[0], WEB, &OFFLINE).await;
        let page = Page::of(browsers[1].authorize(WEB, &[("prompt", "consent")]).await);
        let waiting = browsers[0].code(WEB, &[]).await;
        apply_to(&case.app, "users", ALICE, |user| user[state] = true.into())
            .await
            .expect("it can be applied");
        for browser in &browsers {
            assert_dead(browser).await;
        }
        let reply = browsers[1].submit(&page, &[("action", "allow")]).await;
        assert!(reply.status == 200 && reply.body.contains("action=\"/sign-in\""), "{}", reply.body);
        assert!(!is_active(case, RS1, &all.text("access_token")).await);
        assert_eq!(case.app.userinfo(&all.text("access_token")).await.status, 401);
        case.app.refresh(WEB, &all.text("refresh_token")).await.assert_error(400, "invalid_grant");
        waiting.redeem(&case.app).await.assert_error(400, "invalid_grant");
        let fresh = case.app.browser();
        let form = Page::of(fresh.get("/sign-in").await);
        let reply = fresh.submit(&form, &credentials(ALICE)).await;
        assert!(reply.status == 200 && !is_signed_in(&fresh).await, "{}", reply.body);
        apply_to(&case.app, "users", ALICE, |user| user[state] = false.into())
            .await
            .expect("it can be applied");
        if state == "disabled" {
            for browser in &browsers {
                assert_dead(browser).await;
            }
            case.app.refresh(WEB, &all.text("refresh_token")).await.assert_error(400, "invalid_grant");
        }
        case.app.advance_s(1);
        assert!(is_signed_in(&signed_in(case, ALICE).await).await);
    }
}

async fn assert_dead(browser: &Browser<'_>) {
    assert!(!is_signed_in(browser).await);
    let reply = browser.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(reply.param("error").as_deref(), Some("login_required"));
}
