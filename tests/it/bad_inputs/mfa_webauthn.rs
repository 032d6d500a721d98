//! Bad inputs: second factors (RFC 6238, 5.2; OWASP ASVS 5.0, 6.5). Rows of passkeys wait.

use doorward_core::Effect;
use doorward_core::login::second_factor::{TOTP, Totp};
use doorward_core::model::Credential;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{ALICE, Authenticator, BOB, Browser, Page, Reply, T1, WEB, encode, request, user_id};
use doorward_web::edge::EdgeRequest;
use doorward_web::manage::{Act, By, Manage};

use super::steps::{SESSION, is_signed_in, put, signed_in};
use super::{Case, page, rows, status};
use crate::mail::{go, path};

rows![
    fresh mf_001, fresh mf_002, fresh mf_004, fresh mf_005, fresh mf_006, fresh mf_009, fresh mf_010, fresh mf_011,
    fresh mf_024,
];

async fn enrolled(case: &Case, user: &str) -> (Authenticator, Vec<String>) {
    signed_in(case, user).await.enrol(&case.app).await
}

/// A second step that opens a session.
fn opens() -> super::expected::Expected {
    status(303).change("sessions", 1)
}

async fn verify(browser: &Browser<'_>, page: &Page, code: &str) -> Reply {
    browser.submit(page, &[("code", code), ("action", "verify")]).await
}

/// A code once.
async fn mf_001(case: &Case) {
    let (authenticator, _) = enrolled(case, ALICE).await;
    let code = authenticator.code(&case.app, 0);
    let (first, second) = (case.app.browser(), case.app.browser());
    let step = first.first_step(ALICE).await;
    case.expect(opens(), verify(&first, &step, &code)).await;
    let step = second.first_step(ALICE).await;
    case.expect(page(200).event("totp.replay"), verify(&second, &step, &code)).await;
    // Nor one from before it, which was never used.
    let step = second.first_step(ALICE).await;
    let earlier = authenticator.code(&case.app, -1);
    case.expect(page(200).event("totp.replay"), verify(&second, &step, &earlier)).await;
    assert!(!is_signed_in(&second).await);
}

/// A code once, however many bring it at once, over whichever nodes.
async fn mf_002(case: &Case) {
    let (authenticator, codes) = enrolled(case, ALICE).await;
    let nodes = nodes(&case.app).await;
    let code = authenticator.code(&case.app, 0);
    for fields in [[("code", code.as_str())], [("recovery", codes[0].as_str())]] {
        let mut requests = Vec::new();
        for _ in 0..8 {
            let browser = case.app.browser();
            let step = browser.first_step(ALICE).await;
            requests.push(second_step(&browser, &step, &fields));
        }
        let replies = at_once(&nodes, requests).await;
        let opened = replies.iter().filter(|reply| reply.status == 303).count();
        assert_eq!(opened, 1, "{fields:?}");
        case.app.advance_s(901);
    }
}

fn second_step(browser: &Browser<'_>, step: &Page, fields: &[(&str, &str)]) -> EdgeRequest {
    let cookies: Vec<String> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
    ];
    let hidden = step.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let form: Vec<(&str, &str)> =
        hidden.chain(fields.iter().copied()).chain([("action", "verify")]).collect();
    request("POST", "/second-factor", &headers, &encode(&form))
}

/// One step before and after count, for clocks that differ; no more.
async fn mf_004(case: &Case) {
    let (authenticator, _) = enrolled(case, ALICE).await;
    case.app.advance_s(300);
    for steps in [-2, 2] {
        let browser = case.app.browser();
        let step = browser.first_step(ALICE).await;
        let code = authenticator.code(&case.app, steps);
        case.expect(page(200).event("totp.wrong"), verify(&browser, &step, &code)).await;
    }
    for steps in [-1, 0, 1] {
        let browser = case.app.browser();
        let step = browser.first_step(ALICE).await;
        let code = authenticator.code(&case.app, steps);
        case.expect(opens(), verify(&browser, &step, &code)).await;
    }
}

/// Six ASCII digits, and plain spaces that do not count.
async fn mf_005(case: &Case) {
    let (authenticator, _) = enrolled(case, ALICE).await;
    let code = authenticator.code(&case.app, 0);
    let wide: String = code.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0)).collect();
    let arabic: String = code.chars().filter_map(|c| char::from_u32(u32::from(c) - 0x30 + 0x660)).collect();
    let bad = [
        String::new(),
        format!("{code}0"),
        format!("0{code}"),
        code[..5].to_owned(),
        wide,
        arabic,
        format!("{code}\t"),
        format!("{code}\u{a0}"),
        format!("+{code}"),
    ];
    for typed in &bad {
        let browser = case.app.browser();
        let step = browser.first_step(ALICE).await;
        case.expect(page(200).event("totp.wrong"), verify(&browser, &step, typed)).await;
    }
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    case.expect(opens(), verify(&browser, &step, &format!(" {} {} ", &code[..3], &code[3..]))).await;
}

/// A code is held against the seed of who showed the password; a seed opens in the row of its person only.
async fn mf_006(case: &Case) {
    let (of_alice, _) = enrolled(case, ALICE).await;
    let (of_bob, bobs_codes) = enrolled(case, BOB).await;
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    let code = of_bob.code(&case.app, 0);
    let own = of_alice.code(&case.app, 0);
    assert_ne!(code, own, "two seeds of this test make one code");
    case.expect(page(200).event("totp.wrong"), verify(&browser, &step, &code)).await;
    let recovery = [("recovery", bobs_codes[0].as_str()), ("action", "verify")];
    case.expect(page(200).event("recovery.wrong"), browser.submit(&step, &recovery)).await;
    // Bob's form with Alice's first step, and the other way round: one form's token does not fit the other browser.
    let bob = case.app.browser();
    let step_of_bob = bob.first_step(BOB).await;
    let mut mixed = step_of_bob.clone();
    mixed.hidden.retain(|(name, _)| name != "request");
    mixed.hidden.extend(step.field("request").map(|value| ("request".to_owned(), value.to_owned())));
    case.expect(page(403), verify(&bob, &mixed, &own)).await;
    // Bob's sealed seed moved into Alice's row does not open there: a fault, and no sign-in.
    let facts = |user: &str| {
        let needs = doorward_core::login::second_factor::reset::needs(&user_id(user).into());
        case.app.facts(needs)
    };
    let stolen = facts(BOB).await.factors.totp.expect("it is there");
    let mine = facts(ALICE).await.factors.totp.expect("it is there");
    let sealed = Totp::of(&stolen).expect("it is JSON").sealed;
    let data = serde_json::json!({ "sealed": sealed, "last_step": 0 }).to_string();
    put(
        &case.app,
        vec![Effect::UpgradeCredential {
            credential: Credential { data, ..mine.clone() },
            from: mine.data.clone(),
        }],
    )
    .await;
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    case.expect(page(503), verify(&browser, &step, &code)).await;
    assert_eq!(mine.kind, TOTP);
}

/// A recovery code once; what is stored of it is a hash.
async fn mf_009(case: &Case) {
    let (_, codes) = enrolled(case, ALICE).await;
    let used = [("recovery", codes[0].as_str()), ("action", "verify")];
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    case.expect(opens(), browser.submit(&step, &used)).await;
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    case.expect(page(200).event("recovery.wrong"), browser.submit(&step, &used)).await;
    let dump = case.app.dump().await;
    for code in &codes {
        for text in [code.clone(), code.replace('-', ""), code.replace('-', "").to_uppercase()] {
            assert!(!dump.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        }
    }
}

/// After the password alone nothing is signed in anywhere, whichever address is asked next.
async fn mf_010(case: &Case) {
    let (authenticator, _) = enrolled(case, ALICE).await;
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    assert!(!browser.cookies().contains_key(SESSION));
    for extra in [&[][..], &[("prompt", "none")], &[("acr_values", "urn:doorward:acr:password")]] {
        let reply = browser.authorize(WEB, extra).await;
        match reply.status {
            200 => assert!(reply.body.contains("action=\"/sign-in\""), "{}", reply.body),
            _ => assert_eq!(reply.param("error").as_deref(), Some("login_required")),
        }
    }
    assert!(!is_signed_in(&browser).await);
    // Nor does going on without a code, as if the recovery codes had been shown, or the consent page.
    for action in ["continue", "enrol"] {
        let reply = browser.submit(&step, &[("action", action), ("code", "123456")]).await;
        assert!(!is_signed_in(&browser).await, "{action}: {}", reply.body);
    }
    let mut consent = step.clone();
    consent.action = "/consent".to_owned();
    browser.submit(&consent, &[("action", "allow")]).await;
    assert!(!is_signed_in(&browser).await);
    assert_eq!(case.app.rows("grants").await, 0);
    let code = authenticator.code(&case.app, 0);
    case.expect(opens(), verify(&browser, &step, &code)).await;
}

/// A session fresh from a one-time link has shown that its person reads their mail: what needs two factors asks for the password,
/// and then for the code. So it is of one without a second factor, and of one who has shown it after the link.
async fn mf_011(case: &Case) {
    let (authenticator, _) = enrolled(case, ALICE).await;
    let manage = Manage::new(case.app.store.clone(), By::operator());
    let demand =
        serde_json::json!({ "id_token": { "acr": { "essential": true, "value": "urn:doorward:acr:mfa" } } });
    let demand = demand.to_string();
    let asked = [("claims", demand.as_str())];
    for name in [BOB, ALICE] {
        let link = manage.help(Some(T1.to_owned()), name, Act::SignInLink).await.expect("a link can be made");
        let browser = case.app.browser();
        let mut reply = go(&browser, &path(&link.expect("there is one").url)).await;
        if name == ALICE {
            assert!(!is_signed_in(&browser).await, "the link is no second factor");
            let code = authenticator.code(&case.app, 0);
            reply = case.expect(opens(), verify(&browser, &Page::of(reply), &code)).await;
            case.app.advance_s(30);
        }
        assert_eq!(reply.location(), "https://id.example/account", "{name}");
        assert!(is_signed_in(&browser).await, "{name}");
        let reply = case.expect(page(200), browser.authorize(WEB, &asked)).await;
        assert!(reply.body.contains("action=\"/sign-in\""), "{name}: {}", reply.body);
        let none = [asked[0], ("prompt", "none")];
        let reply = case.expect(status(303), browser.authorize(WEB, &none)).await;
        assert_eq!(reply.param("error").as_deref(), Some("login_required"), "{name}");
        // The password too: of her the code is enough then, he has none yet.
        let sign_in = Page::of(browser.authorize(WEB, &asked).await);
        let step = browser.submit(&sign_in, &doorward_tests::credentials(name)).await;
        if name == BOB {
            assert!(step.body.contains("otpauth://"), "{}", step.body);
            continue;
        }
        let code = authenticator.code(&case.app, 0);
        let consent = verify(&browser, &Page::of(step), &code).await;
        assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    }
}

/// A link that was used works no more.
async fn mf_024(case: &Case) {
    let manage = Manage::new(case.app.store.clone(), By::operator());
    let link = manage.set_up_link(Some(T1.to_owned())).await.expect("a link can be made");
    let target = link.url.strip_prefix("https://id.example").expect("it leads to us").to_owned();
    let browser = case.app.browser();
    let form = Page::of(browser.get(&target).await);
    let fields = [
        ("username", "root"),
        ("email", "root@example.com"),
        ("password", "rivers run uphill at night"),
        ("password_again", "rivers run uphill at night"),
    ];
    assert_eq!(browser.submit(&form, &fields).await.status, 303);
    case.expect(page(404), browser.get(&target)).await;
    let users = case.app.rows("users").await;
    case.expect(page(404), browser.submit(&form, &[("username", "root2"), fields[1], fields[2], fields[3]]))
        .await;
    assert_eq!(case.app.rows("users").await, users);
}
