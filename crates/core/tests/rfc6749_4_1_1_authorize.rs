//! RFC 6749, sections 3.1, 4.1.1 and 4.1.2.1: what is shown on our own page, what is told to the client, and what a code leaves.

use std::sync::Arc;

use doorward_core::authorize::{Act, Step};
use doorward_core::grant::lifetime;
use doorward_core::model::{Grant, Ticket, TicketKey, TicketKind};
use doorward_core::policies::Policies;
use doorward_core::{Effect, Reason};

use crate::cases::{AuthorizeCase, assert_steps, outcome, said};
use crate::world::{self, ACR, CALLBACK, CHALLENGE, NOW, RS1, ago, parse};

/// A wire contract at which only those clients are that say so.
static LISTED: Policies = Policies { listed_clients: true, ..Policies::STANDARD };

#[test]
fn asking() {
    assert_steps(&[
        ("as it should be", |_| (), "code"),
        ("no client", |case| case.without("client_id"), "page authz.unknown_client"),
        ("a client that nobody knows", |case| case.facts.client = None, "page authz.unknown_client"),
        (
            "a client of another issuer",
            |case| case.client().issuers = ["iss-other".into()].into(),
            "page authz.unknown_client",
        ),
        (
            "a client that lists no issuer, where only those are that do",
            |case| case.facts.policies = &LISTED,
            "page authz.unknown_client",
        ),
        (
            "one that lists it",
            |case| {
                case.facts.policies = &LISTED;
                case.client().issuers = ["iss-t1".into()].into();
            },
            "code",
        ),
        (
            "a client that is switched off",
            |case| case.client().disabled_at = Some(ago(1)),
            "page authz.client_disabled",
        ),
        (
            "a tenant that is switched off",
            |case| Arc::make_mut(&mut case.facts.tenant).disabled_at = Some(ago(1)),
            "page authz.client_disabled",
        ),
        (
            "an unregistered redirect URI",
            |case| case.set("redirect_uri", "https://evil.example/cb"),
            "page authz.redirect_unregistered",
        ),
        (
            "a redirect URI with more",
            |case| case.set("redirect_uri", "https://app.example/cb?x=1"),
            "page authz.redirect_unregistered",
        ),
        (
            "a redirect URI in another case",
            |case| case.set("redirect_uri", "https://APP.example/cb"),
            "page authz.redirect_unregistered",
        ),
        (
            "a redirect URI with a slash",
            |case| case.set("redirect_uri", "https://app.example/cb/"),
            "page authz.redirect_unregistered",
        ),
        (
            "a redirect URI with an encoded dot",
            |case| case.set("redirect_uri", "https://app.example/%63b"),
            "page authz.redirect_unregistered",
        ),
        (
            "a port where none is registered",
            |case| case.set("redirect_uri", "https://app.example:443/cb"),
            "page authz.redirect_unregistered",
        ),
        ("no redirect URI with openid", |case| case.without("redirect_uri"), "page authz.redirect_missing"),
        (
            "no redirect URI, two registered",
            |case| {
                case.set("scope", "rs1:read");
                case.without("redirect_uri");
            },
            "page authz.redirect_missing",
        ),
        (
            "no redirect URI with openid, one registered",
            |case| {
                case.client().redirect_uris.truncate(1);
                case.without("redirect_uri");
            },
            "page authz.redirect_missing",
        ),
        (
            "no redirect URI, one registered",
            |case| {
                case.client().redirect_uris.truncate(1);
                case.set("scope", "rs1:read");
                case.without("redirect_uri");
            },
            "code",
        ),
        (
            "no redirect URI and no other fault is told before it",
            |case| {
                case.without("redirect_uri");
                case.set("response_type", "token");
            },
            "page authz.redirect_missing",
        ),
        ("response_type missing", |case| case.without("response_type"), "error authz.response_type_missing"),
        ("token", |case| case.set("response_type", "token"), "error authz.response_type_unknown"),
        ("code token", |case| case.set("response_type", "code token"), "error authz.response_type_unknown"),
        ("id_token", |case| case.set("response_type", "id_token"), "error authz.response_type_unknown"),
        ("none", |case| case.set("response_type", "none"), "error authz.response_type_unknown"),
        ("fragment", |case| case.set("response_mode", "fragment"), "error authz.response_mode"),
        ("form_post", |case| case.set("response_mode", "form_post"), "code"),
        ("query", |case| case.set("response_mode", "query"), "code"),
        (
            "not registered for codes",
            |case| {
                case.client().grant_types.remove("authorization_code");
            },
            "error authz.grant_type",
        ),
        (
            "a scope that the client may not have",
            |case| case.set("scope", "openid rs2:read"),
            "error scope.not_allowed",
        ),
        (
            "a scope that no API of the client has",
            |case| {
                case.client().scopes = parse("openid rs1:read rs2:read");
                case.set("scope", "rs2:read");
            },
            "error scope.not_allowed",
        ),
        ("a malformed scope", |case| case.set("scope", "openid \"x\""), "error scope.malformed"),
        (
            "a scope of an API that is switched off",
            |case| Arc::make_mut(&mut case.facts.apis)[0].disabled_at = Some(ago(1)),
            "error scope.not_allowed",
        ),
        ("no scope: its default", |case| case.without("scope"), "code"),
        (
            "no scope and no default",
            |case| {
                case.client().scopes = parse("openid");
                case.without("scope");
            },
            "error scope.empty",
        ),
        (
            "nothing that binds the answer",
            |case| {
                case.client().require_pkce = false;
                for name in ["state", "nonce", "code_challenge", "code_challenge_method"] {
                    case.without(name);
                }
            },
            "error authz.no_binding",
        ),
        (
            "bound by state alone",
            |case| {
                case.client().require_pkce = false;
                for name in ["nonce", "code_challenge", "code_challenge_method"] {
                    case.without(name);
                }
            },
            "code",
        ),
        ("unknown parameters", |case| case.set("x-unknown", "1"), "code"),
    ]);
}

/// Section 4.1.2: what stands behind a code.
#[test]
fn a_code_is_bound_to_what_was_asked() {
    let mut case = AuthorizeCase::new();
    case.set("resource", RS1);
    let (ticket, grant) = code_of(&case);
    assert_eq!(
        (ticket.kind, ticket.grant, ticket.client.as_ref().unwrap().as_str()),
        (TicketKind::Code, Some(grant.id), "web")
    );
    assert_eq!(ticket.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(ticket.code_challenge.as_deref(), Some(CHALLENGE));
    assert_eq!((ticket.expires_at, ticket.consumed_at, ticket.failures), (NOW.plus_s(60), None, 0));
    assert!(ticket.data.contains("n0nce"));
    // Known for a day, so that a replay is known for one.
    assert!(i64::from(ticket.key.forget) * 64_000 >= NOW.plus_s(86_400).0);
    assert_eq!((grant.scopes, grant.resources), (parse("openid rs1:read"), vec![RS1.to_owned()]));
    assert_eq!(
        (grant.user.as_str(), grant.client.as_str(), grant.issuer.as_str()),
        ("usr_alice", "web", "iss-t1")
    );
    assert_eq!((grant.consent.0, grant.session.0), (20, 10));
    assert_eq!((grant.auth_time, grant.acr.as_str(), grant.amr), (ago(900), ACR, vec!["pwd".to_owned()]));
    // Until its first redemption a grant ends with its code.
    assert_eq!(
        (grant.expires_at, grant.idle_ms, grant.generation, grant.redeemed_at),
        (NOW.plus_s(60), 60_000, 0, None)
    );
    assert!(!grant.offline);
}

#[test]
fn offline_access_outlives_the_session_only_for_clients_that_refresh() {
    let mut case = AuthorizeCase::new();
    case.set("scope", "openid offline_access");
    assert!(code_of(&case).1.offline);
    case.client().grant_types.remove("refresh_token");
    let (_, grant) = code_of(&case);
    assert!(!grant.offline && !grant.scopes.contains("offline_access"));
    assert!(!lifetime::is_offline(&parse("openid offline_access"), case.client()));
}

#[test]
fn an_implied_redirect_uri_may_be_left_out_again() {
    let mut case = AuthorizeCase::new();
    case.client().redirect_uris.truncate(1);
    case.set("scope", "rs1:read");
    case.without("redirect_uri");
    let (ticket, _) = code_of(&case);
    assert_eq!(ticket.redirect_uri, None);
    assert!(ticket.data.contains(CALLBACK));
}

#[test]
fn what_a_code_leaves() {
    let effects = |change: fn(&mut AuthorizeCase)| {
        let mut case = AuthorizeCase::new();
        change(&mut case);
        case.decide().effects.iter().map(said).collect::<Vec<_>>()
    };
    assert_eq!(effects(|_| ()), ["ticket code", "grant", "event code.issued", "touch session"]);
    assert_eq!(
        effects(|case| {
            case.client().first_party = true;
            case.facts.consent = None;
        }),
        [
            "consent openid rs1:read",
            "event consent.given",
            "ticket code",
            "grant",
            "event code.issued",
            "touch session"
        ]
    );
    let allow = |case: &mut AuthorizeCase, shown: &str| {
        case.key = Some("form-1".to_owned());
        case.act = Act::Consent { user: "usr_alice".into(), scopes: parse(shown), allowed: true };
    };
    let mut case = AuthorizeCase::new();
    case.facts.consent = Some(world::consent("openid email"));
    allow(&mut case, "openid rs1:read");
    let (answer, left) = outcome(&case.decide());
    assert_eq!(answer, Ok(()));
    assert_eq!(
        left,
        [
            "widen 3 openid email rs1:read",
            "event consent.given",
            "ticket request",
            "ticket code",
            "grant",
            "event code.issued",
            "touch session"
        ]
    );
    // A consent that was ended is not woken: a new one is made.
    case.facts.consent.as_mut().unwrap().ended_at = Some(ago(1));
    assert_eq!(outcome(&case.decide()).1[0], "consent openid rs1:read");
    // The form is sent again: the earlier grant ends, the later lives.
    case.facts.consent = Some(world::consent("openid rs1:read"));
    case.facts.ticket = Some(marked(&case, Some(77)));
    assert_eq!(
        outcome(&case.decide()).1,
        [
            "end grant 77 request.repeated",
            "rebind",
            "ticket code",
            "grant",
            "event code.issued",
            "touch session"
        ]
    );
}

#[test]
fn saying_no_leaves_an_event_and_no_grant() {
    let mut case = AuthorizeCase::new();
    case.act = Act::Consent { user: "usr_alice".into(), scopes: parse("openid rs1:read"), allowed: false };
    assert_eq!(outcome(&case.decide()).1, ["event consent.denied authz.access_denied"]);
    let Ok(Step::Return(back)) = case.decide().answer else { panic!("no response") };
    assert_eq!(back.refused, Some(Reason::AccessDenied));
}

fn code_of(case: &AuthorizeCase) -> (Ticket, Grant) {
    let effects = case.decide().effects;
    let ticket = effects.iter().find_map(|effect| match effect {
        Effect::InsertTicket(ticket) if ticket.kind == TicketKind::Code => Some(ticket.clone()),
        _ => None,
    });
    let grant = effects.into_iter().find_map(|effect| match effect {
        Effect::InsertGrant(grant) => Some(grant),
        _ => None,
    });
    (ticket.unwrap(), grant.unwrap())
}

fn marked(case: &AuthorizeCase, grant: Option<i64>) -> doorward_core::facts::TicketFacts {
    let key: TicketKey = case.request().mark().unwrap();
    let (_, mut found) = world::code("openid");
    found.ticket = Ticket {
        key,
        kind: TicketKind::Request,
        grant: grant.map(doorward_core::id::GrantId),
        ..found.ticket
    };
    found.grant = None;
    found
}
