//! RFC 6749, sections 2.3 and 3.2.1: one method, one name, and a proof that fits.

use std::sync::Arc;

use doorward_core::Reason;
use doorward_core::client_auth::{Credentials, METHODS};
use doorward_core::model::SecretState;
use doorward_core::policies::Policies;
use doorward_crypto::digest;
use doorward_wire::basic::BadBasic;

use crate::cases::{Row, TokenCase, assert_rows};
use crate::world::{NOW, SECRET, ago};

const OK: &[&str] = &["event client.token"];

#[test]
fn authenticating() {
    let rows: &[Row<TokenCase>] = &[
        ("Basic", |_| (), Ok(()), OK),
        (
            "Basic, and the same name in the body",
            |case| case.credentials.client_id = Some("web".to_owned()),
            Ok(()),
            OK,
        ),
        ("post", post, Ok(()), OK),
        (
            "Basic, and another name in the body",
            |case| case.credentials.client_id = Some("evil".to_owned()),
            Err(Reason::ClientMismatch),
            &[],
        ),
        (
            "Basic and post",
            |case| {
                case.credentials.client_id = Some("web".to_owned());
                case.credentials.client_secret = Some(SECRET.to_owned());
            },
            Err(Reason::ClientTwoMethods),
            &[],
        ),
        (
            "Basic and an assertion",
            |case| {
                case.credentials.assertion_type =
                    Some(doorward_core::client_auth::private_key_jwt::ASSERTION_TYPE.to_owned());
                case.credentials.assertion = Some("a.b.c".to_owned());
            },
            Err(Reason::ClientTwoMethods),
            &[],
        ),
        ("nothing", |case| case.credentials = Credentials::default(), Err(Reason::ClientAnonymous), &[]),
        (
            "a secret without a name",
            |case| {
                case.credentials =
                    Credentials { client_secret: Some(SECRET.to_owned()), ..Credentials::default() };
            },
            Err(Reason::ClientAnonymous),
            &[],
        ),
        (
            "a malformed Basic header",
            |case| case.credentials.basic = Some(Err(BadBasic::Base64)),
            Err(Reason::BasicMalformed),
            &[],
        ),
        (
            "a malformed Basic header and a good secret in the body",
            |case| {
                post(case);
                case.credentials.basic = Some(Err(BadBasic::Base64));
            },
            Err(Reason::ClientTwoMethods),
            &[],
        ),
        (
            "a header of another scheme",
            |case| {
                post(case);
                case.credentials.other_scheme = true;
            },
            Err(Reason::BasicMalformed),
            &[],
        ),
        (
            "only the name, of a confidential client",
            |case| {
                case.credentials =
                    Credentials { client_id: Some("web".to_owned()), ..Credentials::default() };
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "a wrong secret",
            |case| case.credentials.basic = Some(Ok(("web".to_owned(), "wrong".to_owned()))),
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "an empty secret",
            |case| case.credentials.basic = Some(Ok(("web".to_owned(), String::new()))),
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "one character less",
            |case| {
                case.credentials.basic = Some(Ok(("web".to_owned(), SECRET[1..].to_owned())));
            },
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        ("no such client", |case| case.facts.client = None, Err(Reason::ClientUnknown), &[]),
        (
            "no secret at all",
            |case| case.client_facts().secrets.clear(),
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "a secret that is not in force yet",
            |case| case.client_facts().secrets[0].state = SecretState::Pending,
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "a retiring secret",
            |case| {
                case.client_facts().secrets[0].state = SecretState::Retiring;
                case.client_facts().secrets[0].expires_at = Some(NOW.plus_ms(1));
            },
            Ok(()),
            OK,
        ),
        (
            "a secret at its end",
            |case| case.client_facts().secrets[0].expires_at = Some(NOW),
            Err(Reason::ClientSecretExpired),
            &["event client.refused client.secret_expired"],
        ),
        (
            "an expired row, and a current one of the same secret",
            |case| {
                let mut again = case.client_facts().secrets[0].clone();
                again.id = "s2".into();
                case.client_facts().secrets[0].expires_at = Some(ago(1));
                case.client_facts().secrets.push(again);
            },
            Ok(()),
            OK,
        ),
        (
            "a current row, and an expired one of the same secret",
            |case| {
                let mut again = case.client_facts().secrets[0].clone();
                again.expires_at = Some(ago(1));
                case.client_facts().secrets.push(again);
            },
            Ok(()),
            OK,
        ),
        (
            "the second of two secrets",
            |case| {
                let mut other = case.client_facts().secrets[0].clone();
                other.hash = [0; 32];
                case.client_facts().secrets.insert(0, other);
            },
            Ok(()),
            OK,
        ),
        (
            "switched off",
            |case| case.client().disabled_at = Some(ago(1)),
            Err(Reason::ClientDisabled),
            &["event client.refused client.disabled"],
        ),
        (
            "of a tenant that is switched off",
            |case| {
                Arc::make_mut(&mut case.facts.tenant).disabled_at = Some(ago(1));
            },
            Err(Reason::ClientDisabled),
            &["event client.refused client.disabled"],
        ),
        (
            "of another issuer",
            |case| case.client().issuers = ["iss-other".into()].into(),
            Err(Reason::ClientIssuer),
            &["event client.refused client.issuer"],
        ),
        (
            "of this issuer among others",
            |case| {
                case.client().issuers = ["iss-other".into(), "iss-t1".into()].into();
            },
            Ok(()),
            OK,
        ),
        (
            "post is not registered",
            |case| {
                post(case);
                case.client().also_auth_methods.clear();
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "Basic of a client that is registered for post",
            |case| {
                case.client().auth_method = "client_secret_post".to_owned();
                case.client().also_auth_methods.clear();
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "a secret of a public client",
            |case| {
                case.client().auth_method = "none".to_owned();
                case.client().also_auth_methods.clear();
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        ("no grant type", |case| case.without("grant_type"), Err(Reason::ParameterMissing), &[]),
        (
            "an unknown grant type",
            |case| case.set("grant_type", "password"),
            Err(Reason::GrantTypeUnknown),
            &[],
        ),
        (
            "a grant type in another case",
            |case| case.set("grant_type", "Client_Credentials"),
            Err(Reason::GrantTypeUnknown),
            &[],
        ),
        (
            "a grant type that the client may not use",
            |case| {
                case.client().grant_types.remove("client_credentials");
            },
            Err(Reason::GrantTypeNotAllowed),
            &[],
        ),
    ];
    assert_rows(TokenCase::client_credentials, TokenCase::outcome, rows);
}

/// Who did not show who they are learns nothing of a token: the client is looked at first.
#[test]
fn a_stranger_learns_nothing_of_a_token() {
    for mut case in [TokenCase::code("openid"), TokenCase::refresh("openid")] {
        case.credentials.basic = Some(Ok(("web".to_owned(), "wrong".to_owned())));
        let with_token = case.outcome();
        case.set("code", "garbage");
        case.set("refresh_token", "garbage");
        assert_eq!(case.outcome(), with_token);
        assert_eq!(with_token.0, Err(Reason::ClientSecretWrong));
    }
}

#[test]
fn every_reason_of_a_wrong_proof_is_invalid_client_and_says_the_same() {
    let told = [
        Reason::ClientUnknown,
        Reason::ClientDisabled,
        Reason::ClientIssuer,
        Reason::ClientSecretWrong,
        Reason::ClientSecretExpired,
    ]
    .map(|reason| (reason.code().as_str(), reason.status(), reason.description()));
    assert!(
        told.iter().all(|told| *told == ("invalid_client", 401, "client authentication failed")),
        "{told:?}"
    );
}

#[test]
fn the_table_of_methods_has_each_name_once() {
    let mut names = METHODS.map(|method| method.name);
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "client_secret_basic",
            "client_secret_post",
            "client_token",
            "none",
            "private_key_jwt",
            "x_auth_secret",
        ]
    );
}

fn post(case: &mut TokenCase) {
    case.credentials = Credentials {
        client_id: Some("web".to_owned()),
        client_secret: Some(SECRET.to_owned()),
        ..Credentials::default()
    };
}

#[test]
fn a_shared_secret_is_for_wire_contracts_that_have_it() {
    let rows: &[Row<TokenCase>] = &[
        ("the issuer's secret", |_| (), Ok(()), OK),
        (
            "at an issuer of the specifications",
            |case| case.facts.policies = &Policies::STANDARD,
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "a client that is not registered for it",
            |case| case.client().auth_method = "client_secret_post".to_owned(),
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        (
            "another secret",
            |case| case.credentials.shared_secret = Some("another".to_owned()),
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "an issuer that has none",
            |case| Arc::make_mut(&mut case.facts.issuer).shared_secret = None,
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "a client that has a secret of its own",
            |case| {
                case.client_facts().secrets =
                    crate::world::client_facts(crate::world::client()).secrets.clone();
            },
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "a client whose own is not in force yet",
            |case| {
                case.client_facts().secrets =
                    crate::world::client_facts(crate::world::client()).secrets.clone();
                case.client_facts().secrets[0].state = SecretState::Pending;
            },
            Ok(()),
            OK,
        ),
        (
            "that one",
            |case| {
                case.client_facts().secrets =
                    crate::world::client_facts(crate::world::client()).secrets.clone();
                case.credentials.shared_secret = Some(SECRET.to_owned());
            },
            Ok(()),
            OK,
        ),
        ("no client of that name", |case| case.facts.client = None, Err(Reason::ClientUnlisted), &[]),
        (
            "no client of that name, and another secret",
            |case| {
                case.facts.client = None;
                case.credentials.shared_secret = Some("another".to_owned());
            },
            Err(Reason::ClientUnknown),
            &[],
        ),
        (
            "a client of another issuer",
            |case| case.client().issuers = ["iss-other".into()].into(),
            Err(Reason::ClientUnlisted),
            &[],
        ),
        (
            "a client of another issuer, and another secret",
            |case| {
                case.client().issuers = ["iss-other".into()].into();
                case.credentials.shared_secret = Some("another".to_owned());
            },
            Err(Reason::ClientIssuer),
            &["event client.refused client.issuer"],
        ),
        (
            "beside a secret of its own",
            |case| case.credentials.client_secret = Some(SECRET.to_owned()),
            Err(Reason::ClientTwoMethods),
            &[],
        ),
        ("nobody named", |case| case.credentials.client_id = None, Err(Reason::ClientAnonymous), &[]),
    ];
    let new = || {
        let mut case = TokenCase::client_credentials();
        case.facts.policies = &SHARED;
        Arc::make_mut(&mut case.facts.issuer).shared_secret = Some(digest::sha256(b"shared"));
        case.client().auth_method = "x_auth_secret".to_owned();
        case.client().issuers = ["iss-t1".into()].into();
        case.client_facts().secrets.clear();
        case.credentials = Credentials {
            client_id: Some("web".to_owned()),
            shared_secret: Some("shared".to_owned()),
            ..Credentials::default()
        };
        case
    };
    assert_rows(new, TokenCase::outcome, rows);
}

static SHARED: Policies =
    Policies { auth_methods: &["x_auth_secret"], listed_clients: true, ..Policies::STANDARD };
