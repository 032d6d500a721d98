//! RFC 6749, section 4.4: a client's own token. No refresh token (4.4.3), no ID token, nothing of a person.

use doorward_core::Reason;
use doorward_core::token::issue::AccessToken;

use crate::cases::{Row, Said, TokenCase, assert_rows};
use crate::world::{RS1, RS2, parse};

#[test]
fn asking() {
    const OK: &[&str] = &["event client.token"];
    let rows: &[Row<TokenCase>] = &[
        ("nothing", |_| (), Ok(()), OK),
        ("a scope it may have", |case| case.set("scope", "rs1:write"), Ok(()), OK),
        (
            "a scope it may not have",
            |case| case.set("scope", "rs1:read rs2:read"),
            Err(Reason::ScopeNotAllowed),
            &[],
        ),
        ("a scope of people", |case| case.set("scope", "openid rs1:read"), Err(Reason::ScopeNotAllowed), &[]),
        ("offline access", |case| case.set("scope", "offline_access"), Err(Reason::ScopeNotAllowed), &[]),
        ("a malformed scope", |case| case.set("scope", "rs1:read\u{7f}"), Err(Reason::ScopeMalformed), &[]),
        ("its API", |case| case.set("resource", RS1), Ok(()), OK),
        ("another API", |case| case.set("resource", RS2), Err(Reason::ResourceNotAllowed), &[]),
        ("a public client", TokenCase::make_public, Err(Reason::ClientAnonymous), &[]),
        (
            "an opaque token is stored",
            |case| {
                case.client().apis = [RS2.into()].into();
                case.client().scopes = parse("rs2:read");
            },
            Ok(()),
            &["ticket access_token", "event client.token"],
        ),
    ];
    assert_rows(TokenCase::client_credentials, TokenCase::outcome, rows);
}

#[test]
fn what_it_gets() {
    let said = |change: fn(&mut TokenCase)| {
        let mut case = TokenCase::client_credentials();
        change(&mut case);
        Said::of(case.issued())
    };
    let plain = said(|_| ());
    assert_eq!((plain.scope.as_str(), plain.aud), ("rs1:read", vec![RS1.to_owned()]));
    assert!(plain.id_claims.is_none() && plain.refresh.is_none());
    assert_eq!((&plain.claims["sub"], &plain.claims["client_id"]), (&"web".into(), &"web".into()));
    for claim in ["grant_id", "auth_time", "acr", "amr"] {
        assert!(plain.claims.get(claim).is_none(), "{claim}");
    }
    // Its own default wins, without what is about people, and never more than it may have.
    let default = said(|case| case.client().default_scopes = parse("openid rs1:write rs2:read"));
    assert_eq!(default.scope, "rs1:write");
    let short = said(|case| case.client().lifetimes.access_token_s = 60);
    assert_eq!(short.claims["exp"].as_i64().unwrap() - short.claims["iat"].as_i64().unwrap(), 60);
}

#[test]
fn an_opaque_token_keeps_what_a_jwt_would_say() {
    let mut case = TokenCase::client_credentials();
    case.client().apis = [RS2.into()].into();
    case.client().scopes = parse("rs2:read rs2:write");
    let decision = case.decide();
    let doorward_core::Effect::InsertTicket(ticket) = &decision.effects[0] else { panic!("no ticket") };
    let Some(AccessToken::Opaque(secret)) = decision.answer.unwrap().access_token else {
        panic!("no opaque token")
    };
    let key = doorward_core::model::TicketKey::of_secret(
        doorward_core::model::TicketKind::AccessToken,
        secret.expose(),
    );
    assert_eq!(Some(ticket.key), key);
    assert!(!ticket.data.contains(secret.expose()));
    assert!(ticket.data.contains("rs2:read") && ticket.data.contains(RS2));
    assert_eq!((ticket.grant, ticket.client.as_ref().unwrap().as_str()), (None, "web"));
    assert_eq!(ticket.expires_at, crate::world::NOW.plus_s(600));
}
