//! RFC 7009, sections 2.1 and 2.2: a client gives a token back, and everything of its grant ends.

use std::sync::Arc;

use doorward_core::client_auth::Credentials;
use doorward_core::model::TicketKind;
use doorward_core::token::read::revoked_mark;
use doorward_core::token::revoke::RevocationRequest;
use doorward_core::{Decision, Effect, Facts, Reason};

use crate::cases::{Row, assert_rows, outcome};
use crate::world::{self, ISSUER, NOW, RS1, RS2, SECRET, ago, with_ctx};

struct Case {
    token: String,
    facts: Facts,
    subject: Option<Facts>,
    credentials: Credentials,
}

const GRANT: &[&str] = &["end grant 30 revoked", "event token.revoked"];

#[test]
fn giving_back() {
    let rows: &[Row<Case>] = &[
        ("the newest refresh token", |_| (), Ok(()), GRANT),
        ("a spent refresh token", |case| case.token = world::refresh_token(2), Ok(()), GRANT),
        (
            "a refresh token of a grant that has ended",
            |case| {
                case.facts.grant.as_mut().unwrap().grant.ended_at = Some(ago(1));
            },
            Ok(()),
            GRANT,
        ),
        ("a refresh token of a grant that has gone", |case| case.facts.grant = None, Ok(()), &[]),
        ("a JWT", jwt, Ok(()), GRANT),
        (
            "a JWT past its end",
            |case| {
                let mut claims = world::access_claims(Some(&world::grant("rs1:read")), "rs1:read", &[RS1]);
                claims.exp = ago(1).seconds();
                case.token = world::jwt(&claims);
            },
            Ok(()),
            GRANT,
        ),
        ("an opaque token", opaque, Ok(()), &["end grant 30 revoked", "end ticket", "event token.revoked"]),
        ("a client's own JWT", own, Ok(()), &["ticket revoked_jti", "event token.revoked"]),
        (
            "a client's own JWT, again",
            |case| {
                own(case);
                case.subject.as_mut().unwrap().marked = true;
            },
            Ok(()),
            &["event token.revoked"],
        ),
        (
            "a client's own JWT past its end",
            |case| {
                own(case);
                let mut claims = world::access_claims(None, "rs1:read", &[RS1]);
                claims.exp = NOW.seconds();
                case.token = world::jwt(&claims);
            },
            Ok(()),
            &["event token.revoked"],
        ),
        (
            "a client's own opaque token",
            |case| {
                let (token, found) = world::opaque(&world::access_claims(None, "rs2:read", &[RS2]), None);
                case.token = token;
                case.facts.ticket = Some(found);
            },
            Ok(()),
            &["end ticket", "event token.revoked"],
        ),
        ("garbage", |case| case.token = "garbage".to_owned(), Ok(()), &[]),
        ("nothing", |case| case.token = String::new(), Ok(()), &[]),
        (
            "a code is no token",
            |case| {
                let (code, found) = world::code("openid");
                case.token = code;
                case.facts.ticket = Some(found);
            },
            Ok(()),
            &[],
        ),
        (
            "somebody else's refresh token",
            |case| case.facts.grant.as_mut().unwrap().grant.client = "spa".into(),
            Err(Reason::RevokeForeign),
            &["event token.foreign revoke.foreign"],
        ),
        (
            "somebody else's JWT",
            |case| {
                let mut claims = world::access_claims(Some(&world::grant("rs1:read")), "rs1:read", &[RS1]);
                claims.client_id = "spa".to_owned();
                case.token = world::jwt(&claims);
            },
            Err(Reason::RevokeForeign),
            &["event token.foreign revoke.foreign"],
        ),
        (
            "somebody else's opaque token",
            |case| {
                let mut claims = world::access_claims(None, "rs2:read", &[RS2]);
                claims.client_id = "spa".to_owned();
                let (token, found) = world::opaque(&claims, None);
                case.token = token;
                case.facts.ticket = Some(found);
            },
            Err(Reason::RevokeForeign),
            &["event token.foreign revoke.foreign"],
        ),
        (
            "somebody else's, by a public client: it learns nothing",
            |case| {
                make_public(case);
                case.facts.grant.as_mut().unwrap().grant.client = "spa".into();
            },
            Ok(()),
            &["event token.foreign revoke.foreign"],
        ),
        ("its own, by a public client", make_public, Ok(()), GRANT),
        (
            "a wrong secret",
            |case| case.credentials.basic = Some(Ok(("web".to_owned(), "wrong".to_owned()))),
            Err(Reason::ClientSecretWrong),
            &["event client.refused client.secret_wrong"],
        ),
        (
            "a confidential client that proves nothing",
            |case| {
                case.credentials =
                    Credentials { client_id: Some("web".to_owned()), ..Credentials::default() };
            },
            Err(Reason::ClientMethod),
            &["event client.refused client.method"],
        ),
        ("nobody", |case| case.credentials = Credentials::default(), Err(Reason::ClientAnonymous), &[]),
    ];
    assert_rows(Case::new, |case| outcome(&case.decide()), rows);
}

#[test]
fn a_revoked_jti_is_remembered_as_long_as_its_token_would_live() {
    let mut case = Case::new();
    own(&mut case);
    let claims = world::access_claims(None, "rs1:read", &[RS1]);
    let ticket = case.decide().effects.into_iter().find_map(|effect| match effect {
        Effect::InsertTicket(ticket) => Some(ticket),
        _ => None,
    });
    let ticket = ticket.unwrap();
    assert_eq!((ticket.key, ticket.kind), (revoked_mark(&claims), TicketKind::RevokedJti));
    assert_eq!(ticket.expires_at.seconds(), claims.exp);
    assert!(i64::from(ticket.key.forget) * 64 >= claims.exp);
}

impl Case {
    fn new() -> Self {
        let mut facts = world::facts();
        facts.client = Some(world::client_facts(world::client()));
        facts.grant = Some(world::grant_facts(world::grant("openid rs1:read")));
        let credentials =
            Credentials { basic: Some(Ok(("web".to_owned(), SECRET.to_owned()))), ..Credentials::default() };
        Self { token: world::refresh_token(5), facts, subject: None, credentials }
    }

    fn decide(&self) -> Decision<()> {
        let request = RevocationRequest::new(
            self.credentials.clone(),
            &self.token,
            &self.facts.issuer,
            &self.facts.keys,
        );
        let subject = self.subject.as_ref().unwrap_or(&self.facts);
        with_ctx(NOW, |ctx| request.decide(&self.facts, subject, ctx))
    }
}

fn jwt(case: &mut Case) {
    let grant = world::grant("openid rs1:read");
    case.token = world::jwt(&world::access_claims(Some(&grant), "openid rs1:read", &[RS1, ISSUER]));
}

fn opaque(case: &mut Case) {
    let of = world::grant_facts(world::grant("rs2:read"));
    let (token, found) = world::opaque(&world::access_claims(Some(&of.grant), "rs2:read", &[RS2]), Some(of));
    case.token = token;
    case.facts.ticket = Some(found);
}

fn own(case: &mut Case) {
    case.token = world::jwt(&world::access_claims(None, "rs1:read", &[RS1]));
    let mut subject = world::facts();
    subject.client = Some(world::client_facts(world::client()));
    case.subject = Some(subject);
}

fn make_public(case: &mut Case) {
    let client = Arc::make_mut(case.facts.client.as_mut().unwrap());
    client.client.auth_method = "none".to_owned();
    case.credentials = Credentials { client_id: Some("web".to_owned()), ..Credentials::default() };
}
