//! RFC 6749, section 4.3: a person's password at the token endpoint, where a wire contract has it still.

use std::sync::Arc;

use doorward_core::Reason;
use doorward_core::grant::password::First;
use doorward_core::model::BucketRow;
use doorward_core::model::tenant::SecondFactor;
use doorward_core::policies::Policies;

use crate::cases::{OLDER, Row, Said, TokenCase, assert_rows, outcome};
use crate::world::{self, NOW, RS1, RS2, ago, parse, with_ctx};

const FAILED: &[&str] = &["event session.sign_in_failed sign_in.failed"];
const DUE: &[&str] = &["event session.sign_in_failed second_step.due"];

fn tenant(case: &mut TokenCase, second_factor: SecondFactor) {
    Arc::make_mut(&mut case.facts.tenant).settings.second_factor = second_factor;
}

#[test]
fn asking() {
    const OK: &[&str] =
        &["forgive", "consent rs1:read", "event consent.given", "grant", "event password.granted"];
    let rows: &[Row<TokenCase>] = &[
        ("the right one", |_| (), Ok(()), OK),
        (
            "by the standard contract",
            |case| case.facts.policies = &Policies::STANDARD,
            Err(Reason::GrantTypeUnknown),
            &[],
        ),
        (
            "by a client that may not",
            |case| {
                case.client().grant_types.remove("password");
            },
            Err(Reason::GrantTypeNotAllowed),
            &[],
        ),
        ("by a public client", TokenCase::make_public, Err(Reason::ClientAnonymous), &[]),
        (
            "by a client that shows a wrong secret: told before anything of the person",
            |case| {
                case.credentials.basic = Some(Ok(("web".to_owned(), "wrong".to_owned())));
                case.shown.as_mut().unwrap().verified.fits = false;
            },
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "by an extension",
            |case| case.facts.extension = Some(Box::new(world::extension())),
            Err(Reason::ExtensionItself),
            &[],
        ),
        ("no name", |case| case.without("username"), Err(Reason::ParameterMissing), &[]),
        ("no password", |case| case.set("password", ""), Err(Reason::ParameterMissing), &[]),
        ("not looked at", |case| case.shown = None, Err(Reason::ParameterMissing), &[]),
        (
            "a wrong one",
            |case| case.shown.as_mut().unwrap().verified.fits = false,
            Err(Reason::PasswordGrant),
            FAILED,
        ),
        (
            "one that was changed meanwhile",
            |case| case.shown.as_mut().unwrap().verified.against = "$older".to_owned(),
            Err(Reason::PasswordGrant),
            FAILED,
        ),
        (
            "of nobody",
            |case| case.facts.user = None,
            Err(Reason::PasswordGrant),
            &["event session.sign_in_failed sign_in.unknown_name"],
        ),
        (
            "of a person who is switched off",
            |case| case.facts.user.as_mut().unwrap().user.disabled_at = Some(ago(1)),
            Err(Reason::PasswordGrant),
            &["event session.sign_in_failed token.user_disabled"],
        ),
        (
            "of a person who must show more",
            |case| tenant(case, SecondFactor::Required),
            Err(Reason::PasswordGrant),
            DUE,
        ),
        (
            "of a person who must choose a new one",
            |case| case.facts.user.as_mut().unwrap().user.password_due_at = Some(ago(1)),
            Err(Reason::PasswordGrant),
            DUE,
        ),
        (
            "by a client whose people must show more",
            |case| case.client().required_acr = Some("urn:doorward:acr:mfa".to_owned()),
            Err(Reason::PasswordGrant),
            DUE,
        ),
        (
            "a scope that the client may not have",
            |case| case.set("scope", "rs1:read rs2:read"),
            Err(Reason::ScopeNotAllowed),
            &["forgive"],
        ),
        (
            "a scope that the person may not have",
            |case| {
                let apis = Arc::make_mut(&mut case.facts.apis);
                apis[0].scopes.iter_mut().for_each(|scope| {
                    scope.permission = Some(serde_json::from_value("part:see".into()).unwrap())
                });
            },
            Err(Reason::ScopeEmpty),
            &["forgive"],
        ),
        ("another API", |case| case.set("resource", RS2), Err(Reason::ResourceNotAllowed), &["forgive"]),
        (
            "where the same was consented to before",
            |case| case.facts.consent = Some(world::consent("rs1:read")),
            Ok(()),
            &["forgive", "grant", "event password.granted"],
        ),
    ];
    assert_rows(TokenCase::password, TokenCase::outcome, rows);
}

#[test]
fn what_it_gets() {
    let said = |change: fn(&mut TokenCase)| {
        let mut case = TokenCase::password();
        change(&mut case);
        Said::of(case.issued())
    };
    let plain = said(|_| ());
    assert_eq!((plain.scope.as_str(), plain.aud), ("rs1:read", vec![RS1.to_owned()]));
    assert!(plain.refresh.is_some() && plain.id_claims.is_none());
    assert_eq!(plain.claims["sub"], "usr_alice");
    assert_eq!(plain.claims["acr"], "urn:doorward:acr:password");
    assert_eq!(plain.claims["auth_time"], NOW.seconds());
    let quiet = said(|case| {
        case.client().grant_types.remove("refresh_token");
    });
    assert_eq!(quiet.refresh, None);
    let online = said(|case| {
        case.client().grant_types.remove("refresh_token");
        case.client().scopes = parse("rs1:read offline_access");
        case.set("scope", "rs1:read offline_access");
    });
    assert_eq!(online.scope, "rs1:read", "nothing refreshes, so nothing is offline");
    assert!(said(|case| case.set("scope", "openid rs1:read")).id_claims.is_some());
    assert_eq!(said(|case| case.client().default_scopes = parse("rs1:write")).scope, "rs1:read");
}

/// Who brought the password knows whose it is, whatever the token is for.
#[test]
fn whose_it_is_comes_with_what_is_issued_where_the_contract_tells_it() {
    static TELLING: Policies = Policies { tells_account: true, ..OLDER };
    let mut case = TokenCase::password();
    let is_loaded = |case: &TokenCase| case.request().needs(&case.facts.mount()).unwrap().top_context;
    assert!(!is_loaded(&case));
    assert_eq!(case.issued().account, None);
    case.facts.policies = &TELLING;
    assert!(is_loaded(&case));
    let told = case.issued().account.unwrap();
    assert_eq!((told.user.as_str(), told.user_name.as_str()), ("usr_alice", "alice"));
    assert!(told.profile.is_empty() && told.context.is_none());
    case.client().scopes = parse("rs1:read email");
    case.set("scope", "rs1:read email");
    let told = case.issued().account.unwrap();
    assert_eq!(told.profile.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["email"]);
}

/// The first run counts, and uses up nothing of the client's.
#[test]
fn trying() {
    let run = |change: fn(&mut TokenCase)| {
        let mut case = TokenCase::password();
        case.shown = None;
        change(&mut case);
        let attempt = TokenCase::password().shown.unwrap().attempt;
        let request = case.request();
        let first = First { request: &request, attempt: &attempt };
        let decision = with_ctx(NOW, |ctx| first.decide(&case.facts, ctx));
        let retry_after_s = decision.answer.as_ref().err().and_then(|refusal| refusal.retry_after_s);
        let (answer, effects) = outcome(&decision);
        (answer, effects, retry_after_s)
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let counted = words(&["count attempt"]);
    assert_eq!(run(|_| ()), (Ok(()), counted.clone(), None));
    assert_eq!(run(|case| case.facts.user = None).0, Ok(()), "nobody is told that nobody is called so");
    let (refused, effects, _) =
        run(|case| case.credentials.basic = Some(Ok(("web".to_owned(), "wrong".to_owned()))));
    assert_eq!(refused, Err(Reason::ClientSecretWrong));
    assert_eq!(effects, words(&["event client.refused client.secret_wrong"]), "nothing is counted");
    // Nor of whom no password is taken from.
    let (refused, effects, _) = run(TokenCase::make_public);
    assert_eq!((refused, effects), (Err(Reason::ClientAnonymous), Vec::new()));
    let (refused, effects, _) = run(|case| case.facts.extension = Some(Box::new(world::extension())));
    assert_eq!((refused, effects), (Err(Reason::ExtensionItself), Vec::new()));
    let (refused, effects, wait) = run(|case| {
        let full = BucketRow { count: 1000, since: ago(1) };
        case.facts.attempts = vec![Some(full); 4];
    });
    assert_eq!(refused, Err(Reason::TooMany));
    assert_eq!(effects, words(&["event session.sign_in_throttled sign_in.throttled"]));
    assert!(wait.is_some_and(|wait| wait > 800));
}
