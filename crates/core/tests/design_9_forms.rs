//! Section 9 of the design: forms sent twice, and requests that are one.

use doorward_core::Needs;
use doorward_core::authorize::REQUEST_KNOWN_S;

use crate::cases::AuthorizeCase;
use crate::world::{HANDLE, NOW, ago};

/// All forms of one request meet at one mark; those of two requests, or of two tenants' tables, do not.
#[test]
fn the_forms_of_a_request_meet_at_one_mark() {
    let mark = |key: Option<&str>, started_at| {
        let mut case = AuthorizeCase::new();
        case.key = key.map(str::to_owned);
        case.started_at = started_at;
        case.request().mark()
    };
    assert_eq!(mark(None, NOW), None, "a request that has shown no page has no forms");
    assert_eq!(mark(Some("a"), NOW), mark(Some("a"), NOW));
    assert_ne!(mark(Some("a"), NOW), mark(Some("b"), NOW));
    // The mark outlives the form: past a day the form is not gone on with.
    let mark = mark(Some("a"), NOW).unwrap();
    assert!(i64::from(mark.forget) * 64_000 >= NOW.plus_s(REQUEST_KNOWN_S).0);
}

#[test]
fn what_an_authorization_request_needs() {
    let mut case = AuthorizeCase::new();
    case.key = Some("a".to_owned());
    let needs = case.request().needs();
    assert_eq!(
        needs,
        Needs {
            client: Some("web".into()),
            installed_for: Some("web".into()),
            consent_for: Some("web".into()),
            session: Some(HANDLE),
            ticket: case.request().mark(),
            held: true,
            factors: true,
            ..Needs::default()
        }
    );
    case.set("scope", "openid email");
    assert!(!case.request().needs().held, "what OpenID Connect defines depends on nobody's roles");
    case.facts.session = None;
    assert_eq!(case.request().needs().consent_for, None);
}

/// A form that comes back is decided on the request it was made for, however late within its day.
#[test]
fn a_form_that_comes_back_counts_what_was_done_since_its_request() {
    let mut case = AuthorizeCase::new();
    case.set("prompt", "login");
    case.key = Some("a".to_owned());
    case.started_at = ago(80_000);
    case.facts.session.as_mut().unwrap().session.auth_time = ago(70_000);
    assert_eq!(case.happens(), "code");
    case.facts.session.as_mut().unwrap().session.auth_time = ago(80_001);
    assert_eq!(case.happens(), "sign in");
}
