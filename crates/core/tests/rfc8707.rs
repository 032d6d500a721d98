//! RFC 8707, sections 2 and 2.2: resources are APIs that the client may use, and a token is never for more than was granted.

use std::sync::Arc;

use doorward_core::Reason;
use doorward_core::token::issue::AccessToken;

use crate::cases::{Row, Said, TokenCase, assert_rows, assert_steps};
use crate::world::{self, ISSUER, RS1, RS2, ago, parse};

#[test]
fn naming_resources_in_an_authorization_request() {
    assert_steps(&[
        ("none", |_| (), "code"),
        ("its API", |case| case.add("resource", RS1), "code"),
        ("its API with a slash", |case| case.add("resource", "https://rs1.example/"), "code"),
        (
            "its API twice",
            |case| {
                case.add("resource", RS1);
                case.add("resource", RS1);
            },
            "code",
        ),
        ("an API that it may not use", |case| case.add("resource", RS2), "error resource.not_allowed"),
        (
            "one that it may and one that it may not",
            |case| {
                case.add("resource", RS1);
                case.add("resource", RS2);
            },
            "error resource.not_allowed",
        ),
        (
            "an API that nobody knows",
            |case| case.add("resource", "https://rs3.example"),
            "error resource.not_allowed",
        ),
        (
            "a path below its API",
            |case| case.add("resource", "https://rs1.example/admin"),
            "error resource.not_allowed",
        ),
        ("with a fragment", |case| case.add("resource", "https://rs1.example#x"), "error resource.malformed"),
        ("relative", |case| case.add("resource", "/rs1"), "error resource.malformed"),
        ("a script", |case| case.add("resource", "javascript:alert(1)"), "error resource.malformed"),
        (
            "an API that is switched off",
            |case| {
                Arc::make_mut(&mut case.facts.apis)[0].disabled_at = Some(ago(1));
                case.set("scope", "openid");
                case.add("resource", RS1);
            },
            "error resource.not_allowed",
        ),
    ]);
}

#[test]
fn naming_resources_at_the_token_endpoint() {
    const OK: &[&str] = &["consume", "start 1", "event code.redeemed"];
    let rows: &[Row<TokenCase>] = &[
        ("none", |_| (), Ok(()), OK),
        ("the one that the scopes belong to", |case| case.set("resource", RS1), Ok(()), OK),
        (
            "the one that was granted",
            |case| {
                case.grant().grant.resources = vec![RS1.to_owned()];
                case.set("resource", RS1);
            },
            Ok(()),
            OK,
        ),
        (
            "another that the client may use",
            |case| {
                both(case);
                case.set("resource", RS2);
            },
            Err(Reason::ResourceNotGranted),
            &[],
        ),
        (
            "another than was granted",
            |case| {
                both(case);
                case.grant().grant.resources = vec![RS1.to_owned()];
                case.set("resource", RS2);
            },
            Err(Reason::ResourceNotGranted),
            &[],
        ),
        (
            "one granted and one not",
            |case| {
                both(case);
                case.add("resource", RS1);
                case.add("resource", RS2);
            },
            Err(Reason::ResourceNotGranted),
            &[],
        ),
        (
            "one that the client may not use",
            |case| case.set("resource", RS2),
            Err(Reason::ResourceNotAllowed),
            &[],
        ),
        ("malformed", |case| case.set("resource", "rs1"), Err(Reason::ResourceMalformed), &[]),
        (
            "userinfo alone is no resource to name",
            |case| {
                case.grant().grant.scopes = parse("openid");
                case.set("resource", RS1);
            },
            Err(Reason::ResourceNotGranted),
            &[],
        ),
    ];
    assert_rows(|| TokenCase::code("openid rs1:read"), TokenCase::outcome, rows);
    let rows: &[Row<TokenCase>] = &[
        ("one of two", |case| case.set("resource", RS1), Ok(()), &["rotate 5 6"]),
        (
            "both",
            |case| {
                case.add("resource", RS1);
                case.add("resource", RS2);
            },
            Ok(()),
            &["rotate 5 6", "ticket access_token"],
        ),
        ("a third", |case| case.set("resource", "https://rs3.example"), Err(Reason::ResourceNotAllowed), &[]),
    ];
    let two = || {
        let mut case = TokenCase::refresh("rs1:read rs2:read");
        both(&mut case);
        case
    };
    assert_rows(two, TokenCase::outcome, rows);
}

/// The token's audience and its scopes fit each other: nothing of one API is said to another.
#[test]
fn scopes_follow_the_audience() {
    let said = |scopes: &str, resources: &[&str]| {
        let mut case = TokenCase::refresh(scopes);
        both(&mut case);
        Arc::make_mut(&mut case.facts.apis)[1].token_format = doorward_core::model::TokenFormat::Jwt;
        resources.iter().for_each(|resource| case.add("resource", resource));
        let said = Said::of(case.issued());
        (said.scope, said.aud)
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(said("rs1:read rs2:read", &[]), ("rs1:read rs2:read".to_owned(), names(&[RS1, RS2])));
    assert_eq!(said("rs1:read rs2:read", &[RS1]), ("rs1:read".to_owned(), names(&[RS1])));
    assert_eq!(said("rs1:read rs2:read", &[RS2]), ("rs2:read".to_owned(), names(&[RS2])));
    assert_eq!(
        said("openid rs1:read rs2:read", &[RS2]),
        ("openid rs2:read".to_owned(), names(&[RS2, ISSUER]))
    );
}

#[test]
fn one_opaque_api_makes_the_token_opaque_and_the_shortest_life_wins() {
    let mut case = TokenCase::refresh("rs1:read rs2:read");
    both(&mut case);
    let apis = Arc::make_mut(&mut case.facts.apis);
    (apis[0].access_token_s, apis[1].access_token_s) = (Some(300), Some(120));
    let issued = case.issued();
    assert!(matches!(issued.access_token, Some(AccessToken::Opaque(_))));
    assert_eq!(issued.validity.expires_in_s, 120);
    case.set("resource", RS1);
    assert_eq!(case.issued().validity.expires_in_s, 300);
}

/// A client of one API that names no scope of it means that API, and no other that it gets later.
#[test]
fn a_grant_without_api_scopes_is_for_the_only_api() {
    let mut case = TokenCase::client_credentials();
    case.client().scopes = parse("");
    let said = Said::of(case.issued());
    assert_eq!((said.scope.as_str(), said.aud), ("", vec![RS1.to_owned()]));
    case.client().apis.insert(RS2.into());
    assert_eq!(Said::of(case.issued()).aud, [ISSUER]);
}

fn both(case: &mut TokenCase) {
    case.client().apis = [RS1.into(), RS2.into()].into();
    case.client().scopes = world::parse("openid profile offline_access rs1:read rs1:write rs2:read");
}
