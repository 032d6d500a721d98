//! RFC 6749, section 4.2, and OpenID Connect Core, section 3.2: tokens in the redirect, where a wire contract has them still.

use doorward_core::Effect;
use doorward_core::authorize::{Handed, Step};
use doorward_core::model::{Grant, Legacy};
use doorward_core::policies::Policies;
use doorward_wire::response_mode::ResponseMode;

use crate::cases::{AuthorizeCase, OLDER, assert_steps};
use crate::world::{NOW, RS2, parse};

/// The request of `case`, of another response type, of a client that may ask for it.
fn asks(case: &mut AuthorizeCase, response_type: &str) {
    case.facts.policies = &OLDER;
    case.client().grant_types = ["implicit".to_owned()].into();
    case.set("response_type", response_type);
    case.without("code_challenge");
    case.without("code_challenge_method");
}

#[test]
fn asking() {
    assert_steps(&[
        ("token", |case| asks(case, "token"), "code"),
        ("id_token", |case| asks(case, "id_token"), "code"),
        ("both, in any order", |case| asks(case, "token id_token"), "code"),
        (
            "by the standard contract",
            |case| {
                asks(case, "token");
                case.facts.policies = &Policies::STANDARD;
            },
            "error authz.response_type_unknown",
        ),
        (
            "by a client that is registered for codes",
            |case| {
                asks(case, "token");
                case.client().grant_types = ["authorization_code".to_owned()].into();
            },
            "error authz.grant_type",
        ),
        (
            "a code, by a client that is registered for tokens",
            |case| asks(case, "code"),
            "error authz.grant_type",
        ),
        (
            "in the query",
            |case| {
                asks(case, "token");
                case.set("response_mode", "query");
            },
            "error authz.response_mode",
        ),
        (
            "a code in the fragment",
            |case| {
                case.facts.policies = &OLDER;
                case.set("response_mode", "fragment");
            },
            "error authz.response_mode",
        ),
        (
            "an ID token without a nonce",
            |case| {
                asks(case, "id_token");
                case.without("nonce");
            },
            "error authz.nonce_missing",
        ),
        (
            "the same by a client that may",
            |case| {
                asks(case, "id_token");
                case.without("nonce");
                case.client().legacy = [Legacy::ImplicitWithoutNonce].into();
            },
            "code",
        ),
        (
            "an access token needs none",
            |case| {
                asks(case, "token");
                case.without("nonce");
            },
            "code",
        ),
        (
            "an ID token without openid",
            |case| {
                asks(case, "id_token");
                case.set("scope", "rs1:read");
            },
            "error scope.not_allowed",
        ),
        (
            "another redirect URI: nothing is sent anywhere",
            |case| {
                asks(case, "token");
                case.set("redirect_uri", "https://evil.example/cb");
            },
            "page authz.redirect_unregistered",
        ),
        (
            "a person who is not signed in",
            |case| {
                asks(case, "token");
                case.facts.session = None;
            },
            "sign in",
        ),
        (
            "a person who has allowed nothing",
            |case| {
                asks(case, "token");
                case.facts.consent = None;
            },
            "consent openid rs1:read",
        ),
        (
            "bound to nothing, where that is spoken",
            |case| {
                case.facts.policies = &OLDER;
                case.client().require_pkce = false;
                for name in ["state", "nonce", "code_challenge", "code_challenge_method"] {
                    case.without(name);
                }
            },
            "code",
        ),
    ]);
}

struct Given {
    handed: Handed,
    params: Vec<&'static str>,
    mode: ResponseMode,
    grant: Grant,
    tickets: usize,
}

fn given(response_type: &str, change: fn(&mut AuthorizeCase)) -> Given {
    let mut case = AuthorizeCase::new();
    asks(&mut case, response_type);
    change(&mut case);
    let decision = case.decide();
    let grant = decision.effects.iter().find_map(|effect| match effect {
        Effect::InsertGrant(grant) => Some(grant.clone()),
        _ => None,
    });
    let tickets = decision.effects.iter().filter(|effect| matches!(effect, Effect::InsertTicket(_))).count();
    let Ok(Step::Return(back)) = decision.answer else { panic!("no answer") };
    Given {
        handed: *back.handed.unwrap(),
        params: back.params.into_iter().map(|(name, _)| name).collect(),
        mode: back.target.mode,
        grant: grant.unwrap(),
        tickets,
    }
}

#[test]
fn what_it_gives() {
    let token = given("token", |_| ());
    let (_, lifetime_s, scopes) = token.handed.access.unwrap();
    assert_eq!((lifetime_s, scopes), (600, parse("openid rs1:read")));
    assert!(token.handed.id_token.is_none() && token.tickets == 0);
    assert_eq!((token.params, token.mode), (vec!["state", "iss"], ResponseMode::Fragment));

    let ending = given("token", |case| {
        case.facts.session.as_mut().unwrap().session.expires_at = NOW.plus_s(60);
    });
    assert_eq!(ending.handed.access.unwrap().1, 60, "no longer than the session");

    let id_token = given("id_token", |_| ());
    assert!(id_token.handed.access.is_none() && id_token.handed.id_token.is_some());
    let both = given("id_token token", |_| ());
    assert!(both.handed.access.is_some() && both.handed.id_token.is_some());
    assert_eq!(given("token", |case| case.set("response_mode", "form_post")).mode, ResponseMode::FormPost);

    let opaque = given("token", |case| {
        case.client().apis = [RS2.into()].into();
        case.client().scopes = parse("openid rs2:read");
        case.set("scope", "rs2:read");
        case.facts.consent.as_mut().unwrap().scopes = parse("rs2:read");
    });
    assert_eq!(opaque.tickets, 1, "the token, and no code");
}

/// It never refreshes, and is over with its tokens.
#[test]
fn its_grant() {
    let grant = given("token", |case| {
        case.client().grant_types = ["implicit".to_owned(), "refresh_token".to_owned()].into();
        case.set("scope", "openid offline_access rs1:read");
        case.client().lifetimes.id_token_s = 60;
    })
    .grant;
    assert_eq!((grant.generation, grant.mac_key, grant.offline), (0, 0, false));
    assert_eq!((grant.redeemed_at, grant.expires_at), (Some(NOW), NOW.plus_s(600)));
    assert!(!grant.scopes.contains("offline_access"));
    let longer = given("id_token", |case| case.client().lifetimes.id_token_s = 3600).grant;
    assert_eq!(longer.expires_at, NOW.plus_s(3600));
}

#[test]
fn errors_travel_as_the_tokens_would() {
    let mut case = AuthorizeCase::new();
    asks(&mut case, "token");
    case.set("scope", "rs2:read");
    let Ok(Step::Return(back)) = case.decide().answer else { panic!("no answer") };
    assert_eq!(back.target.mode, ResponseMode::Fragment);
    assert!(back.handed.is_none() && back.refused.is_some());
}
