//! One of every page, in every state that looks different.

use crate::page::scope_text::ScopeLine;
use crate::page::text::Texts;
use crate::page::view::demo::{
    DemoError, DemoHome, DemoMail, DemoMailRow, DemoMails, DemoSignedIn, DemoToken,
};
use crate::page::view::demo_extension::DemoExtension;
use crate::page::view::demo_fragment::DemoFragment;
use crate::page::view::demo_refusal::{self, DemoRefusal};
use crate::page::view::demo_sequence::{DemoExchange, DemoSequence, DemoStep};
use crate::page::view::error::SignedInAs;
use crate::page::view::*;

/// Name and page. `fill` makes each text of people and operators out of an ordinary one.
pub fn all(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let mut pages = signing_in(texts, fill);
    pages.extend(leaving(texts, fill));
    pages.extend(setting_up(texts, fill));
    pages.extend(forgotten(texts, fill));
    pages.extend(mails(texts, fill));
    pages.extend(demo(texts, fill));
    pages.extend(super::console::all(texts, &frame(texts, fill), fill));
    pages.extend(super::extension_samples::all(texts, fill));
    pages.extend(super::installing_samples::all(texts, fill));
    pages.extend(super::factor_samples::all(texts, fill));
    pages.extend(super::help_samples::all(texts, fill));
    pages.push(("account".to_owned(), Box::new(account(texts, fill))));
    let mut bad = account(texts, fill);
    bad.applications.clear();
    bad.sessions.truncate(1);
    bad.notice = None;
    bad.email_verified = false;
    bad.second_factor = Some(true);
    bad.password_problem = Some(PasswordProblem::WrongCurrent);
    pages.push(("account-password-wrong".to_owned(), Box::new(bad)));
    for kind in ErrorKind::ALL {
        let page = ErrorPage {
            frame: frame(texts, fill),
            kind,
            detail: (kind != ErrorKind::NotFound)
                .then(|| fill("invalid_request: redirect_uri is not registered for this client")),
            incident: fill("7QK2-M4XB"),
            request_id: fill("01JDJ8Z3K5T9W2"),
            back: (kind == ErrorKind::RequestExpired).then(|| (fill("Orders"), link(fill))),
            console: (kind == ErrorKind::NotFound).then(|| "https://id.example/console".to_owned()),
            signed_in: (kind == ErrorKind::NotInstalled).then(|| SignedInAs {
                request: fill("sealed"),
                form: fill("csrf"),
                name: fill("Alice Adams"),
                user_name: fill("alice"),
            }),
        };
        pages.push((format!("error-{kind:?}").to_lowercase(), Box::new(page)));
    }
    pages
}

/// The account page with everything on it.
pub fn account(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Account {
    let session = |id: &str, agent: Option<&str>, hours: i64| SessionRow {
        id: fill(id),
        user_agent: agent.map(fill),
        address: Some(fill("2001:db8::17")),
        since: NOW - 3_600 * (hours + 26),
        last_used: NOW - 3_600 * hours,
        is_current: hours == 0,
    };
    Account {
        frame: frame(texts, fill),
        form: fill("csrf"),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
        has_extensions: true,
        email: Some(fill("alice@example.com")),
        email_verified: true,
        offers_email: true,
        locale: Some("de-DE".to_owned()),
        password_min_length: 12,
        password_problem: None,
        second_factor: Some(false),
        notice: Some(AccountNotice::ApplicationRevoked),
        sessions: vec![
            session("s1", Some("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"), 0),
            session("s2", Some("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"), 5),
            session("s3", None, 290),
        ],
        applications: vec![
            ApplicationRow {
                id: fill("c1"),
                client: fill("Order Desk"),
                client_host: Some(fill("orders.example.com")),
                installed_in: Some(fill("North Ltd.")),
                scopes: scopes(fill),
                since: NOW - 86_400 * 40,
                last_used: Some(NOW - 7_200),
                is_offline: true,
            },
            ApplicationRow {
                id: fill("c2"),
                client: fill("Calendar"),
                client_host: None,
                installed_in: None,
                scopes: vec![ScopeLine::named("openid")],
                since: NOW - 86_400,
                last_used: None,
                is_offline: false,
            },
        ],
    }
}

fn mails(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let row =
        |number| DemoMailRow { number, to: fill("alice@example.com"), subject: fill("Your new password") };
    let shown = DemoMail {
        number: 0,
        from: fill("Demo <doorward@localhost>"),
        to: fill("alice@example.com"),
        subject: fill("Your new password"),
        paragraphs: vec![fill("Hello Alice,"), fill("choose it here.")],
        link: Some(link(fill)),
    };
    let none = DemoMails { frame: frame(texts, fill), mails: Vec::new(), shown: None };
    let some = DemoMails { mails: vec![row(1), row(0)], shown: Some(shown), ..none.clone() };
    vec![("demo-mails".into(), Box::new(some)), ("demo-mails-none".into(), Box::new(none))]
}

fn forgotten(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let forgot =
        Forgot { frame: frame(texts, fill), form: fill("csrf"), user_name: fill("alice"), is_sent: false };
    let reset = ResetPassword {
        frame: frame(texts, fill),
        link: fill("dwp_secret"),
        form: fill("csrf"),
        works: true,
        user_name: fill("alice"),
        password_min_length: 12,
        problem: None,
    };
    let spent = ResetPassword { works: false, ..reset.clone() };
    let short =
        ResetPassword { problem: Some(ResetProblem::Password(PasswordProblem::TooShort)), ..reset.clone() };
    let stale = ResetPassword { problem: Some(ResetProblem::Stale), ..reset.clone() };
    vec![
        ("forgot-sent".into(), Box::new(Forgot { is_sent: true, ..forgot.clone() })),
        ("forgot".into(), Box::new(forgot)),
        ("reset-password".into(), Box::new(reset)),
        ("reset-password-short".into(), Box::new(short)),
        ("reset-password-stale".into(), Box::new(stale)),
        ("reset-password-spent".into(), Box::new(spent)),
    ]
}

fn signing_in(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let sign_in = SignIn {
        frame: frame(texts, fill),
        client: Some(fill("Order Desk")),
        request: fill("sealed"),
        form: fill("csrf"),
        user_name: String::new(),
        offers_reset: true,
        offers_sign_up: true,
        offers_remember: true,
        remember: false,
        problem: None,
        notice: None,
    };
    let consent = Consent {
        frame: frame(texts, fill),
        client: fill("Order Desk"),
        client_host: Some(fill("orders.example.com")),
        request: fill("sealed"),
        form: fill("csrf"),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
        scopes: scopes(fill),
        access: Access::Offline { idle: 30 * 86_400, absolute: 180 * 86_400 },
    };
    let with = |problem, notice, user: &str| SignIn {
        problem,
        notice,
        user_name: if user.is_empty() { String::new() } else { fill(user) },
        remember: true,
        ..sign_in.clone()
    };
    let again = Consent {
        client: fill("متجر 24 (x)"),
        client_host: None,
        name: String::new(),
        scopes: vec![
            ScopeLine::named("openid"),
            ScopeLine { is_new: true, ..ScopeLine::named("address") },
            ScopeLine { is_new: true, ..ScopeLine::named("phone") },
            ScopeLine { name: fill("files:read"), is_new: true, ..ScopeLine::default() },
        ],
        access: Access::Session,
        ..consent.clone()
    };
    let select = SelectAccount {
        frame: frame(texts, fill),
        client: Some(fill("Order Desk")),
        request: fill("sealed"),
        form: fill("csrf"),
        accounts: vec![AccountChoice { id: fill("u1"), name: fill("Alice Adams"), user_name: fill("alice") }],
    };
    vec![
        ("sign-in-refused".into(), Box::new(with(Some(SignInProblem::Refused), None, "alice"))),
        (
            "sign-in-throttled".into(),
            Box::new(with(Some(SignInProblem::Throttled { seconds: 75 }), None, "alice")),
        ),
        ("sign-in-stale".into(), Box::new(with(None, Some(SignInNotice::Stale), "alice"))),
        ("sign-in-again".into(), Box::new(with(None, Some(SignInNotice::Again), "alice"))),
        (
            "sign-in-plain".into(),
            Box::new(SignIn {
                client: None,
                offers_remember: false,
                offers_reset: false,
                offers_sign_up: false,
                ..with(None, Some(SignInNotice::SetUp), "")
            }),
        ),
        ("sign-in-reset".into(), Box::new(with(None, Some(SignInNotice::Reset), "alice"))),
        ("sign-in".into(), Box::new(sign_in)),
        ("consent-again".into(), Box::new(again)),
        ("consent".into(), Box::new(consent)),
        ("select-account".into(), Box::new(select)),
        (
            "form-post".into(),
            Box::new(FormPost {
                frame: frame(texts, fill),
                action: link(fill),
                params: vec![(fill("code"), fill("abc")), (fill("action"), fill("https://evil.example/"))],
                client: fill("Order Desk"),
            }),
        ),
        (
            "hop".into(),
            Box::new(Hop {
                frame: frame(texts, fill),
                action: "/t/acme/authorize".to_owned(),
                params: vec![(fill("state"), fill("abc")), (fill("action"), fill("https://evil.example/"))],
            }),
        ),
        (
            "continue-refused".into(),
            Box::new(ContinueTo {
                frame: frame(texts, fill),
                client: fill("Order Desk"),
                link: "com.example.app:/cb?error=access_denied".to_owned(),
                is_refused: true,
            }),
        ),
        (
            "continue".into(),
            Box::new(ContinueTo {
                is_refused: false,
                frame: frame(texts, fill),
                client: fill("Order Desk"),
                link: format!("com.example.app:/cb?state={}", fill("x")),
            }),
        ),
    ]
}

fn leaving(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let sign_out = SignOut {
        frame: frame(texts, fill),
        client: Some(fill("Order Desk")),
        request: fill("sealed"),
        form: fill("csrf"),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
        is_stale: false,
    };
    let signed_out =
        SignedOut { frame: frame(texts, fill), back: Some((fill("Order Desk"), link(fill))), stayed: false };
    vec![
        ("sign-out-stale".into(), Box::new(SignOut { client: None, is_stale: true, ..sign_out.clone() })),
        ("sign-out".into(), Box::new(sign_out)),
        ("signed-out-plain".into(), Box::new(SignedOut { back: None, ..signed_out.clone() })),
        ("stayed".into(), Box::new(SignedOut { back: None, stayed: true, ..signed_out.clone() })),
        ("signed-out".into(), Box::new(signed_out)),
    ]
}

fn setting_up(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let open = SetUp {
        frame: frame(texts, fill),
        link: fill("secret"),
        form: fill("csrf"),
        state: SetUpState::Open,
        user_name: String::new(),
        email: String::new(),
        password_min_length: 12,
        problem: None,
    };
    let with = |problem| SetUp {
        problem: Some(problem),
        user_name: fill("admin"),
        email: fill("admin@example.com"),
        ..open.clone()
    };
    let problems = [
        SetUpProblem::BadEmail,
        SetUpProblem::BadUserName(None),
        SetUpProblem::Stale,
        SetUpProblem::Password(PasswordProblem::Differs),
        SetUpProblem::Password(PasswordProblem::HoldsName),
        SetUpProblem::Password(PasswordProblem::Known),
        SetUpProblem::Password(PasswordProblem::TooCommon),
        SetUpProblem::Password(PasswordProblem::TooLong),
        SetUpProblem::Password(PasswordProblem::TooShort),
        SetUpProblem::Password(PasswordProblem::Unusable),
    ];
    let mut pages: Vec<(String, Box<dyn View>)> = Vec::new();
    for (at, problem) in problems.into_iter().enumerate() {
        pages.push((format!("set-up-problem-{at}"), Box::new(with(problem))));
    }
    for state in [SetUpState::Done, SetUpState::Expired] {
        let page = SetUp { state, ..open.clone() };
        pages.push((format!("set-up-{state:?}").to_lowercase(), Box::new(page)));
    }
    pages.push(("set-up".into(), Box::new(open)));
    pages
}

fn demo(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let frame = Frame { brand: fill("Demo"), host: String::new(), ..frame(texts, fill) };
    let json = |value: serde_json::Value| serde_json::to_string_pretty(&value).expect("JSON is written");
    let claims = serde_json::json!({
        "iss": "http://localhost:8080", "sub": fill("4f7d2c9e"), "aud": "demo-web", "exp": NOW + 600,
        "iat": NOW, "auth_time": NOW - 12, "nonce": fill("n-0S6_WzA2Mj"), "acr": "urn:doorward:password",
        "amr": ["pwd"], "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "name": fill("Alice Adams"), "email_verified": true,
    });
    let token = |kid: &str| DemoToken {
        raw: [
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ",
            "eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0OjgwODAiLCJzdWIiOiI0ZjdkMmM5ZSJ9".repeat(4).as_str(),
            "c2lnbmF0dXJl".repeat(20).as_str(),
        ]
        .join("."),
        header: Some(json(serde_json::json!({"alg": "RS256", "typ": "JWT", "kid": fill(kid)}))),
        claims: Some(json(claims.clone())),
    };
    let signed_in = DemoSignedIn {
        frame: frame.clone(),
        form: fill("csrf"),
        name: fill("Alice Adams"),
        id_token: token("2026-11-k1"),
        access_token: token("2026-11-k2"),
        scope: fill("openid profile email offline_access"),
        expires_at: NOW + 600,
        can_refresh: true,
        refreshed: 1,
        userinfo: Some(json(serde_json::json!({"sub": fill("4f7d2c9e"), "name": fill("Alice Adams")}))),
        problem: None,
    };
    let extension = DemoExtension {
        frame: frame.clone(),
        name: fill("Alice Adams"),
        context: fill("project/harbour"),
        installation: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        scope: fill("openid profile tasks:read"),
        access_token: signed_in.access_token.clone(),
        by_frame: false,
        host: "https://id.example".to_owned(),
    };
    let opaque = DemoSignedIn {
        access_token: DemoToken { raw: fill("dwat_3kJfA8s"), header: None, claims: None },
        can_refresh: false,
        userinfo: None,
        problem: Some(DemoRefusal::Told(fill("invalid_token"), Some(fill("The access token has expired")))),
        ..signed_in.clone()
    };
    let home = DemoHome {
        frame: frame.clone(),
        issuer: fill("http://localhost:8080"),
        scope: fill("openid profile email offline_access"),
        api: fill("https://api.demo.example"),
        signed_out: false,
        people: ["alice", "bob", "carol"].map(fill).to_vec(),
        password: fill("doorward-dev"),
        systems: vec![("mittwald".to_owned(), fill("mittwald mStudio"))],
    };
    let exchange = DemoExchange {
        request: fill("POST http://localhost:8080/mittwald/v2/oauth2/token"),
        status: 200,
        answer: json(serde_json::json!({ "token": fill("eyJ.eyJ.sig") })),
        tokens: vec![signed_in.access_token.clone()],
        is_expected: true,
    };
    let silent = DemoExchange {
        status: 0,
        answer: String::new(),
        is_expected: false,
        tokens: Vec::new(),
        ..exchange.clone()
    };
    let step = |number: usize, exchange: Option<DemoExchange>| DemoStep {
        number,
        title: fill("The code is exchanged for tokens"),
        visits: number == 3,
        is_next: number > 1,
        exchange,
    };
    let sequence = DemoSequence {
        frame: frame.clone(),
        form: fill("csrf"),
        name: "mittwald".to_owned(),
        called: fill("mittwald mStudio"),
        issuer: fill("http://localhost:8080/mittwald"),
        steps: vec![step(1, Some(exchange)), step(2, Some(silent)), step(3, None)],
        person: fill("alice"),
        password: fill("doorward-dev"),
        account: "http://localhost:8080/account".to_owned(),
        command: fill("curl -sS http://localhost:8081/systems/mittwald.sh | sh"),
        has_begun: true,
        has_ended: false,
    };
    vec![
        (
            "demo-sequence-done".into(),
            Box::new(DemoSequence { steps: Vec::new(), has_ended: true, ..sequence.clone() }),
        ),
        ("demo-sequence".into(), Box::new(sequence)),
        ("demo-home-signed-out".into(), Box::new(DemoHome { signed_out: true, ..home.clone() })),
        ("demo-home".into(), Box::new(home)),
        ("demo-extension-framed".into(), Box::new(DemoExtension { by_frame: true, ..extension.clone() })),
        ("demo-extension".into(), Box::new(extension)),
        ("demo-unused".into(), Box::new(DemoSignedIn { refreshed: 0, ..signed_in.clone() })),
        ("demo-signed-in".into(), Box::new(signed_in)),
        ("demo-opaque".into(), Box::new(opaque)),
        (
            "demo-error-here".into(),
            Box::new(DemoError {
                frame: frame.clone(),
                refusal: DemoRefusal::Checked(demo_refusal::check::STATE),
            }),
        ),
        (
            "demo-fragment".into(),
            Box::new(DemoFragment {
                frame: frame.clone(),
                form: fill("csrf"),
                name: "smartenit".to_owned(),
                called: fill("Smartenit"),
            }),
        ),
        (
            "demo-error".into(),
            Box::new(DemoError {
                frame,
                refusal: DemoRefusal::Told(
                    fill("access_denied"),
                    Some(fill("The person did not allow access")),
                ),
            }),
        ),
    ]
}

/// What stands around each.
pub fn frame(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Frame {
    Frame { texts, brand: fill("Northwind"), base: String::new(), host: fill("id.northwind.example") }
}

fn link(fill: &dyn Fn(&str) -> String) -> String {
    format!("https://orders.example.com/cb?x={}", fill("1"))
}

fn scopes(fill: &dyn Fn(&str) -> String) -> Vec<ScopeLine> {
    let mut scopes: Vec<_> =
        ["openid", "profile", "email", "offline_access"].into_iter().map(ScopeLine::named).collect();
    scopes.iter_mut().for_each(|scope| scope.is_new = true);
    scopes.push(ScopeLine {
        name: fill("orders:read"),
        description: Some(fill("Read your orders")),
        api: Some(fill("Orders API")),
        is_new: true,
    });
    scopes
}

/// 25 November 2026.
pub const NOW: i64 = 1_795_639_215;
