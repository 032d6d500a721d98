//! RFC 7523, sections 2.2 and 3: client assertions.

use std::sync::Arc;

use doorward_core::client_auth::Credentials;
use doorward_core::client_auth::private_key_jwt::ASSERTION_TYPE;
use doorward_core::model::{Issuer, TicketKind};
use doorward_core::policies::Mount;
use doorward_core::{Effect, Reason};
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::sign::sign;
use serde_json::{Value, json};

use crate::cases::{Row, TokenCase, assert_rows};
use crate::world::{ISSUER, NOW, ago, other_key, signing_key};

/// Used up, and answered.
const OK: &[&str] = &["ticket assertion", "event client.token"];

#[test]
fn asserting() {
    let rows: &[Row<TokenCase>] = &[
        ("as it should be", |_| (), Ok(()), OK),
        ("for the token endpoint", |case| claim(case, "aud", "https://id.example/token"), Ok(()), OK),
        ("for the issuer with a slash", |case| claim(case, "aud", "https://id.example/"), Ok(()), OK),
        (
            "for us and others",
            |case| claim(case, "aud", json!(["https://other.example", ISSUER])),
            Ok(()),
            OK,
        ),
        (
            "for somebody else",
            |case| claim(case, "aud", "https://evil.example"),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "for a host that begins like ours",
            |case| claim(case, "aud", "https://id.example.evil.example"),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "for another tenant's issuer below ours",
            |case| claim(case, "aud", "https://id.example/t/t2"),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "for us in a list of more than names",
            |case| claim(case, "aud", json!([ISSUER, 7])),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "for nobody",
            |case| claim(case, "aud", Value::Null),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "for an object",
            |case| claim(case, "aud", json!({ "0": ISSUER })),
            Err(Reason::AssertionAudience),
            &["event client.refused assertion.bad_aud"],
        ),
        (
            "from another issuer",
            |case| claim(case, "iss", "evil"),
            Err(Reason::AssertionSubject),
            &["event client.refused assertion.subject"],
        ),
        (
            "from nobody",
            |case| claim(case, "iss", Value::Null),
            Err(Reason::AssertionSubject),
            &["event client.refused assertion.subject"],
        ),
        ("about nobody", |case| claim(case, "sub", Value::Null), Err(Reason::AssertionSubject), &[]),
        (
            "without an end",
            |case| claim(case, "exp", Value::Null),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        ("ended thirty seconds ago: skew", |case| claim(case, "exp", ago(30).seconds()), Ok(()), OK),
        (
            "ended longer ago",
            |case| claim(case, "exp", ago(31).seconds()),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        ("for ten minutes", |case| claim(case, "exp", NOW.plus_s(600).seconds()), Ok(()), OK),
        (
            "for a day",
            |case| claim(case, "exp", NOW.plus_s(86_400).seconds()),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        (
            "for ever",
            |case| claim(case, "exp", i64::MAX),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        (
            "made long ago to live for long",
            |case| claim(case, "iat", ago(86_400).seconds()),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        (
            "made in the future",
            |case| claim(case, "iat", NOW.plus_s(31).seconds()),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        ("made thirty seconds ahead: skew", |case| claim(case, "iat", NOW.plus_s(30).seconds()), Ok(()), OK),
        (
            "not valid yet",
            |case| claim(case, "nbf", NOW.plus_s(31).seconds()),
            Err(Reason::AssertionTimes),
            &["event client.refused assertion.times"],
        ),
        (
            "times with a fraction",
            |case| {
                claim(case, "exp", NOW.plus_s(300).seconds() as f64 + 0.75);
                claim(case, "iat", NOW.seconds() as f64 - 0.25);
            },
            Ok(()),
            OK,
        ),
        ("a time beyond all times", |case| claim(case, "exp", 1e300), Err(Reason::AssertionMalformed), &[]),
        ("times that are text", |case| claim(case, "exp", "soon"), Err(Reason::AssertionMalformed), &[]),
        (
            "without a name",
            |case| claim(case, "jti", Value::Null),
            Err(Reason::AssertionMalformed),
            &["event client.refused assertion.malformed"],
        ),
        (
            "with an empty name",
            |case| claim(case, "jti", ""),
            Err(Reason::AssertionMalformed),
            &["event client.refused assertion.malformed"],
        ),
        (
            "with a name of 257 bytes",
            |case| claim(case, "jti", "x".repeat(257)),
            Err(Reason::AssertionMalformed),
            &["event client.refused assertion.malformed"],
        ),
        (
            "used before",
            |case| case.facts.marked = true,
            Err(Reason::AssertionReplayed),
            &["event client.refused assertion.replayed"],
        ),
        (
            "signed by somebody else",
            |case| {
                case.credentials.assertion = Some(sign(other_key(), "JWT", claims().to_string().as_bytes()));
            },
            Err(Reason::AssertionSignature),
            &["event client.refused assertion.signature"],
        ),
        (
            "claims that were changed after signing",
            |case| {
                let signed = case.credentials.assertion.clone().unwrap();
                let mut parts: Vec<&str> = signed.split('.').collect();
                let other = doorward_crypto::base64url::encode(
                    claims().to_string().replace("jti-1", "jti-2").as_bytes(),
                );
                parts[1] = &other;
                case.credentials.assertion = Some(parts.join("."));
            },
            Err(Reason::AssertionSignature),
            &["event client.refused assertion.signature"],
        ),
        (
            "no keys are known",
            |case| case.facts.client_keys = None,
            Err(Reason::AssertionKeys),
            &["event client.refused assertion.no_keys"],
        ),
        (
            "a token of another type",
            |case| {
                case.credentials.assertion =
                    Some(sign(signing_key(), "at+jwt", claims().to_string().as_bytes()));
            },
            Err(Reason::AssertionMalformed),
            &["event client.refused assertion.malformed"],
        ),
        (
            "typed as what it is",
            |case| {
                case.credentials.assertion =
                    Some(sign(signing_key(), "client-authentication+jwt", claims().to_string().as_bytes()));
            },
            Ok(()),
            OK,
        ),
        (
            "garbage",
            |case| case.credentials.assertion = Some("garbage".to_owned()),
            Err(Reason::AssertionMalformed),
            &[],
        ),
        (
            "another assertion type",
            |case| {
                case.credentials.assertion_type =
                    Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer".to_owned());
            },
            Err(Reason::AssertionType),
            &[],
        ),
        ("no assertion type", |case| case.credentials.assertion_type = None, Err(Reason::AssertionType), &[]),
        (
            "a type without an assertion",
            |case| case.credentials.assertion = None,
            Err(Reason::AssertionType),
            &[],
        ),
        ("the same name in the body", |case| case.credentials.client_id = Some("web".to_owned()), Ok(()), OK),
        (
            "another name in the body",
            |case| case.credentials.client_id = Some("evil".to_owned()),
            Err(Reason::ClientMismatch),
            &[],
        ),
        (
            "a client that is registered for secrets",
            |case| case.client().auth_method = "client_secret_basic".to_owned(),
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "a secret of a client that is registered for assertions",
            |case| {
                case.credentials = Credentials {
                    basic: Some(Ok(("web".to_owned(), crate::world::SECRET.to_owned()))),
                    ..Credentials::default()
                };
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "used up even where what it asks for is refused",
            |case| {
                case.client().grant_types.remove("client_credentials");
            },
            Err(Reason::GrantTypeNotAllowed),
            &["ticket assertion"],
        ),
        (
            "used up even where the scope is refused",
            |case| case.set("scope", "admin"),
            Err(Reason::ScopeNotAllowed),
            &["ticket assertion"],
        ),
    ];
    assert_rows(case, TokenCase::outcome, rows);
}

/// The row that says it was used is the one that was asked for, and stays until the assertion is refused by its age.
#[test]
fn its_use_is_remembered_under_the_name_that_was_asked_for() {
    let case = case();
    let needs = case.request().needs(&case.facts.mount()).unwrap();
    assert_eq!(needs.client, Some("web".into()));
    assert_eq!(needs.client_key.as_deref(), Some("k1"));
    let used = case.decide().effects.into_iter().find_map(|effect| match effect {
        Effect::InsertTicket(ticket) => Some(ticket),
        _ => None,
    });
    let used = used.unwrap();
    assert_eq!((Some(used.key), used.kind), (needs.mark, TicketKind::Assertion));
    assert!(used.expires_at.seconds() >= NOW.plus_s(300 + 30).seconds());
    assert!(used.consumed_at.is_some());
}

/// Another client's `jti` of the same text is another name.
#[test]
fn names_of_two_clients_do_not_meet() {
    let mark = |sub: &str| {
        let mut case = case();
        claim(&mut case, "sub", sub);
        case.request().needs(&case.facts.mount()).unwrap().mark
    };
    assert_ne!(mark("web"), mark("other"));
    assert!(mark("web").is_some());
}

/// Nor do clients of one name in two tenants, whose `jti` is the same.
#[test]
fn names_of_two_tenants_do_not_meet() {
    let mark = |tenant: &str| {
        let case = case();
        let issuer = Issuer { tenant: tenant.into(), ..Issuer::clone(&case.facts.issuer) };
        case.request().needs(&Mount { issuer: &issuer, ..case.facts.mount() }).unwrap().mark
    };
    assert_ne!(mark("t1"), mark("t2"));
    assert!(mark("t1").is_some());
}

fn claims() -> Value {
    json!({ "iss": "web", "sub": "web", "aud": ISSUER, "iat": NOW.seconds(), "exp": NOW.plus_s(300).seconds(), "jti": "jti-1" })
}

fn case() -> TokenCase {
    let mut case = TokenCase::client_credentials();
    case.client().auth_method = "private_key_jwt".to_owned();
    case.client().also_auth_methods.clear();
    let set = JwkSet::parse(format!("{{\"keys\":[{}]}}", signing_key().public_jwk().to_json())).unwrap();
    case.facts.client_keys = Some(Arc::new(set));
    case.credentials = Credentials {
        assertion_type: Some(ASSERTION_TYPE.to_owned()),
        assertion: Some(sign(signing_key(), "JWT", claims().to_string().as_bytes())),
        ..Credentials::default()
    };
    case
}

fn claim(case: &mut TokenCase, name: &str, value: impl Into<Value>) {
    let mut claims = claims();
    match value.into() {
        Value::Null => {
            claims.as_object_mut().unwrap().remove(name);
        }
        value => claims[name] = value,
    }
    case.credentials.assertion = Some(sign(signing_key(), "JWT", claims.to_string().as_bytes()));
}
