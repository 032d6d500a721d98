//! RFC 9207, section 2: every authorization response names its issuer, errors too; RFC 6749, section 4.1.2: and returns `state`.

use doorward_core::authorize::{Act, Return, Step};
use doorward_wire::response_mode::ResponseMode;

use crate::cases::{AuthorizeCase, StepRow};
use crate::world::{CALLBACK, ISSUER, ago, parse};

#[test]
fn every_response_ends_with_state_and_iss() {
    let changes: &[StepRow] = &[
        ("a code", |_| (), "code"),
        ("form_post", |case| case.set("response_mode", "form_post"), "code"),
        ("an unknown response type", |case| case.set("response_type", "token"), "unsupported_response_type"),
        ("no response type", |case| case.without("response_type"), "invalid_request"),
        ("an unknown response mode", |case| case.set("response_mode", "fragment"), "invalid_request"),
        ("a scope that is not allowed", |case| case.set("scope", "admin"), "invalid_scope"),
        (
            "no sign-in with prompt=none",
            |case| {
                case.facts.session = None;
                case.set("prompt", "none");
            },
            "login_required",
        ),
        (
            "no consent with prompt=none",
            |case| {
                case.facts.consent = None;
                case.set("prompt", "none");
            },
            "consent_required",
        ),
        (
            "denied",
            |case| {
                case.act = Act::Consent {
                    user: "usr_alice".into(),
                    scopes: parse("openid rs1:read"),
                    allowed: false,
                };
            },
            "access_denied",
        ),
        ("a request object", |case| case.set("request", "x.y.z"), "request_not_supported"),
        (
            "a request URI",
            |case| case.set("request_uri", "https://app.example/r"),
            "request_uri_not_supported",
        ),
        (
            "not registered for codes",
            |case| {
                case.client().grant_types.clear();
            },
            "unauthorized_client",
        ),
        (
            "a resource that is not allowed",
            |case| case.add("resource", "https://rs2.example"),
            "invalid_target",
        ),
    ];
    for (name, change, code) in changes {
        for state in [Some("st4te"), Some("%2B +\"<&=é"), None] {
            let mut case = AuthorizeCase::new();
            change(&mut case);
            case.without("state");
            if let Some(state) = state {
                case.set("state", state);
            }
            let back = returned(&case).unwrap_or_else(|| panic!("{name}: no response"));
            assert_eq!(
                (back.target.registered.as_str(), back.target.presented.as_str()),
                (CALLBACK, CALLBACK),
                "{name}"
            );
            let names: Vec<_> = back.params.iter().map(|(name, _)| *name).collect();
            let of = |wanted: &str| {
                back.params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
            };
            assert_eq!(of("iss"), Some(ISSUER), "{name}");
            assert_eq!(of("state"), state, "{name}");
            if *code == "code" {
                assert_eq!(names[0], "code", "{name}");
                assert!(of("code").unwrap().starts_with("dwc_") && of("error").is_none());
            } else {
                assert_eq!((names[0], of("error"), of("code")), ("error", Some(*code), None), "{name}");
            }
        }
    }
}

#[test]
fn an_error_travels_in_the_mode_that_was_asked_for() {
    let mut case = AuthorizeCase::new();
    case.set("response_mode", "form_post");
    case.set("scope", "admin");
    assert_eq!(returned(&case).unwrap().target.mode, ResponseMode::FormPost);
    case.set("response_mode", "fragment");
    assert_eq!(returned(&case).unwrap().target.mode, ResponseMode::Query);
}

#[test]
fn a_state_that_is_too_long_is_not_sent_back() {
    let mut case = AuthorizeCase::new();
    case.set("state", &"x".repeat(2048));
    assert_eq!(case.happens(), "code");
    case.set("state", &"x".repeat(2049));
    assert_eq!(case.happens(), "error authz.state");
    assert!(returned(&case).unwrap().params.iter().all(|(name, _)| *name != "state"));
}

#[test]
fn our_own_page_tells_the_client_nothing() {
    for change in [
        (|case: &mut AuthorizeCase| case.facts.client = None) as fn(&mut AuthorizeCase),
        |case| case.client().disabled_at = Some(ago(1)),
        |case| case.set("redirect_uri", "https://evil.example/cb"),
    ] {
        let mut case = AuthorizeCase::new();
        change(&mut case);
        assert!(returned(&case).is_none());
    }
}

fn returned(case: &AuthorizeCase) -> Option<Return> {
    match case.decide().answer {
        Ok(Step::Return(back)) => Some(back),
        Ok(_) | Err(_) => None,
    }
}
