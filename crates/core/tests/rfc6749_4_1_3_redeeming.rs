//! RFC 6749, sections 4.1.2, 4.1.3 and 5.2: a code is redeemed once, by the client it was issued to, as it was issued.

use doorward_core::facts::Standing;
use doorward_core::model::TicketKind;
use doorward_core::{Effect, Needs, Reason};

use crate::cases::{Row, Said, TokenCase, assert_rows};
use crate::world::{self, ACR, CALLBACK, ISSUER, NOW, RS1, VERIFIER, ago};

const REDEEMED: &[&str] = &["consume", "start 1", "event code.redeemed"];

#[test]
fn redeeming() {
    let rows: &[Row<TokenCase>] = &[
        ("as it was issued", |_| (), Ok(()), REDEEMED),
        (
            "a millisecond before it expires",
            |case| case.ticket().expires_at = NOW.plus_ms(1),
            Ok(()),
            REDEEMED,
        ),
        ("when it expires", |case| case.ticket().expires_at = NOW, Err(Reason::CodeExpired), &[]),
        (
            "after its grant's end",
            |case| case.grant().grant.expires_at = NOW,
            Err(Reason::GrantExpired),
            &["event code.refused grant.expired"],
        ),
        ("without code", |case| case.without("code"), Err(Reason::ParameterMissing), &[]),
        ("garbage", |case| case.set("code", "garbage"), Err(Reason::CodeUnknown), &[]),
        ("a code that nobody knows", |case| case.facts.ticket = None, Err(Reason::CodeUnknown), &[]),
        (
            "a ticket of another kind",
            |case| case.ticket().kind = TicketKind::AccessToken,
            Err(Reason::CodeUnknown),
            &[],
        ),
        ("a ticket without a grant", |case| case.ticket_facts().grant = None, Err(Reason::CodeUnknown), &[]),
        (
            "an access token",
            |case| case.set("code", &world::opaque(&world::access_claims(None, "", &[RS1]), None).0),
            Err(Reason::CodeUnknown),
            &[],
        ),
        ("a refresh token", |case| case.set("code", &world::refresh_token(5)), Err(Reason::CodeUnknown), &[]),
        (
            "issued to another client",
            |case| case.ticket().client = Some("evil".into()),
            Err(Reason::CodeWrongClient),
            &["event code.refused code.wrong_client"],
        ),
        (
            "issued by another issuer",
            |case| case.grant().grant.issuer = "iss-other".into(),
            Err(Reason::CodeWrongIssuer),
            &["event code.refused code.wrong_issuer"],
        ),
        (
            "another registered redirect URI",
            |case| case.set("redirect_uri", "https://app.example/cb2"),
            Err(Reason::CodeRedirectMismatch),
            &["event code.refused code.redirect_mismatch"],
        ),
        (
            "a redirect URI that is longer",
            |case| case.set("redirect_uri", "https://app.example/cb/"),
            Err(Reason::CodeRedirectMismatch),
            &["event code.refused code.redirect_mismatch"],
        ),
        (
            "no redirect URI where one was sent",
            |case| case.without("redirect_uri"),
            Err(Reason::CodeRedirectMismatch),
            &["event code.refused code.redirect_mismatch"],
        ),
        (
            "the implied redirect URI left out",
            |case| {
                imply(case);
                case.without("redirect_uri");
            },
            Ok(()),
            REDEEMED,
        ),
        ("the implied redirect URI named", imply, Ok(()), REDEEMED),
        (
            "another one than the implied",
            |case| {
                imply(case);
                case.set("redirect_uri", "https://app.example/cb2");
            },
            Err(Reason::CodeRedirectMismatch),
            &["event code.refused code.redirect_mismatch"],
        ),
        (
            "the client may not use codes any more",
            |case| {
                case.client().grant_types.remove("authorization_code");
            },
            Err(Reason::GrantTypeNotAllowed),
            &[],
        ),
        (
            "the client may use none of the scopes any more",
            |case| {
                case.client().scopes = world::parse("email");
            },
            Err(Reason::ScopeEmpty),
            &[],
        ),
        (
            "its session has been idle for a minute",
            |case| {
                case.grant().session.as_mut().unwrap().used_at = ago(60);
            },
            Ok(()),
            &["consume", "start 1", "event code.redeemed", "touch session"],
        ),
        (
            "a client that does not refresh",
            |case| {
                case.client().grant_types.remove("refresh_token");
            },
            Ok(()),
            &["consume", "start 0", "event code.redeemed"],
        ),
    ];
    assert_rows(|| TokenCase::code("openid rs1:read"), TokenCase::outcome, rows);
}

/// RFC 6749, section 4.1.2: used twice, it is refused, and what was issued is revoked; section 6 of the design has the exception.
#[test]
fn repeating() {
    let end = &["end grant 30 code.replayed", "event code.refused code.replayed"][..];
    let rows: &[Row<TokenCase>] = &[
        (
            "at once, with the verifier",
            |_| (),
            Err(Reason::CodeRepeated),
            &["event code.refused code.repeated"],
        ),
        (
            "ten seconds later",
            |case| case.ticket().consumed_at = Some(ago(10)),
            Err(Reason::CodeRepeated),
            &["event code.refused code.repeated"],
        ),
        (
            "a moment past ten seconds",
            |case| case.ticket().consumed_at = Some(ago(10).plus_ms(-1)),
            Err(Reason::CodeReplayed),
            end,
        ),
        (
            "thirty seconds later, past the code's own life",
            |case| {
                case.ticket().consumed_at = Some(ago(30));
                case.ticket().expires_at = ago(20);
            },
            Err(Reason::CodeReplayed),
            end,
        ),
        ("a day later", |case| case.ticket().consumed_at = Some(ago(86_000)), Err(Reason::CodeReplayed), end),
        (
            "with another verifier",
            |case| case.set("code_verifier", &"x".repeat(43)),
            Err(Reason::CodeReplayed),
            end,
        ),
        ("without the verifier", |case| case.without("code_verifier"), Err(Reason::CodeReplayed), end),
        (
            "with another redirect URI",
            |case| case.set("redirect_uri", "https://app.example/cb2"),
            Err(Reason::CodeReplayed),
            end,
        ),
        (
            "a code without PKCE, at once",
            |case| {
                case.ticket().code_challenge = None;
                case.without("code_verifier");
            },
            Err(Reason::CodeReplayed),
            end,
        ),
        (
            "by another client, that has it from somewhere",
            |case| case.ticket().client = Some("evil".into()),
            Err(Reason::CodeReplayed),
            end,
        ),
        (
            "at another issuer of the tenant",
            |case| case.grant().grant.issuer = "iss-other".into(),
            Err(Reason::CodeReplayed),
            end,
        ),
        (
            "burnt by wrong verifiers, by another client",
            |case| {
                case.ticket().client = Some("evil".into());
                case.ticket().failures = 5;
            },
            Err(Reason::CodeWrongClient),
            &["event code.refused code.wrong_client"],
        ),
        (
            "after its grant has ended",
            |case| case.grant().grant.ended_at = Some(ago(1)),
            Err(Reason::CodeRepeated),
            &["event code.refused code.repeated"],
        ),
    ];
    let spent = || {
        let mut case = TokenCase::code("openid rs1:read");
        case.ticket().consumed_at = Some(ago(2));
        case.grant().grant.redeemed_at = Some(ago(2));
        case
    };
    assert_rows(spent, TokenCase::outcome, rows);
}

#[test]
fn every_binding_is_named_when_it_is_consumed() {
    let mut case = TokenCase::code("openid rs1:read");
    case.ticket().cnf = Some("thumbprint".to_owned());
    let ticket = case.ticket().clone();
    let consumed = case.decide().effects.into_iter().find_map(|effect| match effect {
        Effect::ConsumeTicket(consume) => Some(consume),
        _ => None,
    });
    let consumed = consumed.unwrap();
    assert_eq!((consumed.tenant, consumed.key, consumed.kind), (ticket.tenant, ticket.key, TicketKind::Code));
    assert_eq!((consumed.grant, consumed.client), (ticket.grant, ticket.client));
    assert_eq!(consumed.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(consumed.code_challenge, ticket.code_challenge);
    assert_eq!((consumed.cnf.as_deref(), consumed.now), (Some("thumbprint"), NOW));
}

#[test]
fn the_grant_starts_with_the_clients_lifetimes() {
    let mut case = TokenCase::code("openid rs1:read");
    case.client().lifetimes.refresh_idle_s = 100;
    case.client().lifetimes.refresh_absolute_s = 1000;
    let start = |case: &TokenCase| {
        case.decide().effects.into_iter().find_map(|effect| match effect {
            Effect::StartGrant { generation, mac_key, idle_ms, expires_at, now, .. } => {
                Some((generation, mac_key, idle_ms, expires_at, now))
            }
            _ => None,
        })
    };
    assert_eq!(start(&case), Some((1, 2, 100_000, NOW.plus_s(1000), NOW)));
    // Without a refresh token it lives as long as what was issued.
    case.client().grant_types.remove("refresh_token");
    case.client().lifetimes.id_token_s = 900;
    assert_eq!(start(&case), Some((0, 0, 900_000, NOW.plus_s(900), NOW)));
}

#[test]
fn the_tokens_say_what_was_granted() {
    let said = Said::of(TokenCase::code("openid rs1:read").issued());
    assert_eq!(said.scope, "openid rs1:read");
    assert_eq!(said.aud, [RS1, ISSUER]);
    let claims = &said.claims;
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["client_id"]),
        (&ISSUER.into(), &"usr_alice".into(), &"web".into())
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_eq!((&claims["auth_time"], &claims["acr"]), (&ago(900).seconds().into(), &ACR.into()));
    let id = said.id_claims.unwrap();
    assert_eq!(
        (&id["iss"], &id["sub"], &id["nonce"]),
        (&ISSUER.into(), &"usr_alice".into(), &"n0nce".into())
    );
    assert_eq!((&id["auth_time"], &id["acr"]), (&ago(900).seconds().into(), &ACR.into()));
    assert_eq!(crate::cases::names(&id["aud"]), ["web"]);
    assert!(said.refresh.unwrap().starts_with("dwr_"));
}

#[test]
fn without_openid_there_is_no_id_token() {
    assert!(TokenCase::code("rs1:read").issued().id_token.is_none());
    // Nor when the client has lost the scope since.
    let mut case = TokenCase::code("openid rs1:read");
    case.client().scopes = world::parse("rs1:read");
    let said = Said::of(case.issued());
    assert_eq!((said.scope.as_str(), said.aud, said.id_claims), ("rs1:read", vec![RS1.to_owned()], None));
}

#[test]
fn what_is_needed_is_the_client_and_the_code() {
    let case = TokenCase::code("openid rs1:read");
    let key = case.facts.ticket.as_ref().unwrap().ticket.key;
    let needs = case.request().needs(&case.facts.mount()).unwrap();
    assert_eq!(needs, Needs { client: Some("web".into()), ticket: Some(key), ..Needs::default() });
}

#[test]
fn a_secret_of_another_kind_or_length_is_no_code() {
    use doorward_core::model::TicketKey;
    let (code, _) = world::code("openid");
    assert!(TicketKey::of_secret(TicketKind::Code, &code).is_some());
    for wrong in
        [&code[..code.len() - 1], &format!("{code}A"), &code.to_lowercase(), &code[4..], VERIFIER, "dwc_", ""]
    {
        let known = TicketKey::of_secret(TicketKind::Code, &code);
        assert_ne!(TicketKey::of_secret(TicketKind::Code, wrong), known, "{wrong}");
    }
    for (length, is_one) in [(35, false), (36, true), (37, false)] {
        let secret = format!("dwc_{}", doorward_crypto::base64url::encode(&vec![7; length]));
        assert_eq!(TicketKey::of_secret(TicketKind::Code, &secret).is_some(), is_one, "{length} bytes");
    }
    for kind in [TicketKind::AccessToken, TicketKind::SetUp] {
        assert!(TicketKey::of_secret(kind, &code).is_none());
    }
}

fn imply(case: &mut TokenCase) {
    case.ticket().redirect_uri = None;
    case.ticket().data = format!(r#"{{"nonce":null,"implied_redirect_uri":"{CALLBACK}"}}"#);
}

#[test]
fn a_removed_client_is_refused_before_its_code_is_looked_at() {
    let mut case = TokenCase::code("openid");
    case.grant().client = Standing::Gone;
    case.facts.client = None;
    assert_eq!(case.outcome(), (Err(Reason::ClientUnknown), vec![]));
}
