//! RFC 6749, section 6: a refresh token is bound to its client, and scope never widens.

use doorward_core::client_auth::Credentials;
use doorward_core::client_auth::unnamed::{Excuse, Unnamed};
use doorward_core::model::{Legacy, RefreshPolicy};
use doorward_core::policies::Policies;
use doorward_core::{Needs, Reason};

use crate::cases::{OLDER, Row, Said, TokenCase, assert_rows};
use crate::world::{self, ISSUER, NOW, RS1, RS2, ago};

const ROTATED: &[&str] = &["rotate 5 6"];

#[test]
fn refreshing() {
    let rows: &[Row<TokenCase>] = &[
        ("the newest", |_| (), Ok(()), ROTATED),
        ("no token", |case| case.without("refresh_token"), Err(Reason::ParameterMissing), &[]),
        ("garbage", |case| case.set("refresh_token", "dwr_garbage"), Err(Reason::RefreshUnknown), &[]),
        (
            "one character more",
            |case| {
                let token = format!("{}0", world::refresh_token(5));
                case.set("refresh_token", &token);
            },
            Err(Reason::RefreshUnknown),
            &[],
        ),
        (
            "one character less",
            |case| {
                let token = world::refresh_token(5);
                case.set("refresh_token", &token[..token.len() - 1]);
            },
            Err(Reason::RefreshUnknown),
            &[],
        ),
        (
            "in lower case",
            |case| {
                let token = world::refresh_token(5).to_lowercase();
                case.set("refresh_token", &token);
            },
            Err(Reason::RefreshUnknown),
            &[],
        ),
        (
            "of another issuer of the tenant",
            |case| {
                let token = world::refresh_token_of("iss-other", doorward_core::id::GrantId(30), 5);
                case.set("refresh_token", &token);
            },
            Err(Reason::RefreshUnknown),
            &[],
        ),
        ("of a grant that does not exist", |case| case.facts.grant = None, Err(Reason::RefreshUnknown), &[]),
        (
            "an access token",
            |case| {
                let token = world::jwt(&world::access_claims(None, "rs1:read", &[RS1]));
                case.set("refresh_token", &token);
            },
            Err(Reason::RefreshUnknown),
            &[],
        ),
        (
            "of another client",
            |case| case.grant().grant.client = "spa".into(),
            Err(Reason::RefreshWrongClient),
            &["event refresh.refused refresh.wrong_client"],
        ),
        (
            "spent, and of another client: it stays as it is",
            |case| {
                case.grant().grant.client = "spa".into();
                case.grant().grant.generation = 9;
            },
            Err(Reason::RefreshWrongClient),
            &["event refresh.refused refresh.wrong_client"],
        ),
        (
            "by a client that may not refresh any more",
            |case| {
                case.client().grant_types.remove("refresh_token");
            },
            Err(Reason::GrantTypeNotAllowed),
            &[],
        ),
        (
            "the same scope",
            |case| case.set("scope", "openid rs1:read rs1:write offline_access"),
            Ok(()),
            ROTATED,
        ),
        ("less", |case| case.set("scope", "rs1:read"), Ok(()), ROTATED),
        (
            "a scope that was not granted",
            |case| case.set("scope", "rs1:read email"),
            Err(Reason::ScopeWidened),
            &[],
        ),
        ("a scope that nobody knows", |case| case.set("scope", "admin"), Err(Reason::ScopeWidened), &[]),
        ("a malformed scope", |case| case.set("scope", "rs1:read \"x\""), Err(Reason::ScopeMalformed), &[]),
        (
            "what the client may not have any more",
            |case| {
                case.client().scopes = world::parse("openid offline_access rs1:read");
                case.set("scope", "rs1:write");
            },
            Err(Reason::ScopeEmpty),
            &[],
        ),
        (
            "offline access was taken from the client",
            |case| {
                case.client().scopes = world::parse("openid rs1:read rs1:write");
            },
            Err(Reason::RefreshScopeWithdrawn),
            &["event refresh.refused refresh.scope_withdrawn"],
        ),
        (
            "everything was taken from the client",
            |case| {
                case.client().scopes = world::parse("");
            },
            Err(Reason::RefreshScopeWithdrawn),
            &["event refresh.refused refresh.scope_withdrawn"],
        ),
        (
            "its session has been idle for a minute",
            |case| {
                case.grant().session.as_mut().unwrap().used_at = ago(60);
            },
            Ok(()),
            &["rotate 5 6", "touch session"],
        ),
        (
            "its session was over already: an offline grant does not wake it",
            |case| {
                case.grant().session.as_mut().unwrap().used_at = ago(1800);
            },
            Ok(()),
            ROTATED,
        ),
        (
            "its session was over at its absolute end",
            |case| {
                let session = case.grant().session.as_mut().unwrap();
                (session.used_at, session.expires_at) = (ago(600), ago(1));
            },
            Ok(()),
            ROTATED,
        ),
        (
            "its session had been ended",
            |case| {
                let session = case.grant().session.as_mut().unwrap();
                (session.used_at, session.ended_at) = (ago(600), Some(ago(1)));
            },
            Ok(()),
            ROTATED,
        ),
    ];
    assert_rows(|| TokenCase::refresh("openid rs1:read rs1:write offline_access"), TokenCase::outcome, rows);
}

/// What comes out is never more than what was granted, nor more than the client may still have.
#[test]
fn scope_never_widens() {
    let said = |change: fn(&mut TokenCase)| {
        let mut case = TokenCase::refresh("openid rs1:read rs1:write offline_access");
        change(&mut case);
        let said = Said::of(case.issued());
        (said.scope, said.aud, said.id_claims.is_some())
    };
    let both = vec![RS1.to_owned(), ISSUER.to_owned()];
    assert_eq!(said(|_| ()), ("openid rs1:read rs1:write offline_access".to_owned(), both.clone(), true));
    assert_eq!(
        said(|case| case.set("scope", "rs1:read")),
        ("rs1:read".to_owned(), vec![RS1.to_owned()], false)
    );
    assert_eq!(
        said(|case| case.set("scope", "openid")),
        ("openid".to_owned(), vec![ISSUER.to_owned()], true)
    );
    let narrowed = said(|case| case.client().scopes = world::parse("openid rs1:read offline_access"));
    assert_eq!(narrowed, ("openid rs1:read offline_access".to_owned(), both, true));
    let switched_off = said(|case| {
        std::sync::Arc::make_mut(&mut case.facts.apis)[0].disabled_at = Some(ago(1));
    });
    assert_eq!(switched_off, ("openid offline_access".to_owned(), vec![ISSUER.to_owned()], true));
    let no_openid = said(|case| case.client().scopes = world::parse("rs1:read offline_access"));
    assert_eq!(no_openid, ("rs1:read offline_access".to_owned(), vec![RS1.to_owned()], false));
}

/// A grant for one API never becomes a token for another, whatever happens to the client's registration.
#[test]
fn an_audience_is_never_exchanged_for_another() {
    let at = |scopes: &str, resources: &[&str]| {
        let mut case = TokenCase::refresh(scopes);
        case.grant().grant.resources = resources.iter().map(|name| (*name).to_owned()).collect();
        case.client().apis = [RS2.into()].into();
        case.client().scopes = world::parse("openid offline_access rs1:read rs2:read");
        case.decide().answer.map(|issued| Said::of(issued).aud)
    };
    let withdrawn = |answer: Result<Vec<String>, doorward_core::Refusal>| answer.unwrap_err().reason;
    assert_eq!(withdrawn(at("rs1:read offline_access", &[])), Reason::RefreshScopeWithdrawn);
    assert_eq!(withdrawn(at("rs1:read", &[RS1])), Reason::RefreshScopeWithdrawn);
    assert_eq!(withdrawn(at("rs1:read offline_access", &[RS1])), Reason::RefreshScopeWithdrawn);
    // Userinfo is what is left.
    assert_eq!(at("openid rs1:read", &[RS1]).unwrap(), [ISSUER]);
    assert_eq!(at("offline_access", &[RS1]).unwrap(), [ISSUER]);
    // Nor does it become one when what is asked for names no API at all.
    let mut case = TokenCase::refresh("openid rs1:read offline_access");
    case.client().apis = [RS2.into()].into();
    case.set("scope", "offline_access");
    assert_eq!(Said::of(case.issued()).aud, [ISSUER]);
}

#[test]
fn the_id_token_of_a_refresh_keeps_the_sign_in() {
    let mut case = TokenCase::refresh("openid offline_access");
    case.client().lifetimes.id_token_s = 60;
    let id = Said::of(case.issued()).id_claims.unwrap();
    assert_eq!((&id["sub"], &id["auth_time"]), (&"usr_alice".into(), &ago(900).seconds().into()));
    assert!(id.get("nonce").is_none(), "OpenID Connect Core, section 12.2");
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 60);
}

#[test]
fn what_is_needed_is_the_client_and_the_grant_and_garbage_asks_for_no_grant() {
    let mut case = TokenCase::refresh("openid");
    let needs = |case: &TokenCase| case.request().needs(&case.facts.mount()).unwrap();
    let grant = Some(doorward_core::id::GrantId(30));
    assert_eq!(needs(&case), Needs { client: Some("web".into()), grant, ..Needs::default() });
    case.set("refresh_token", "dwr_garbage");
    assert_eq!(needs(&case), Needs { client: Some("web".into()), ..Needs::default() });
}

/// Whoever verifies a JWT asks nobody whether its grant still lives: it ends with the grant at the latest, and with the session unless
/// the grant is offline. `expires_in` says the same.
#[test]
fn an_access_token_does_not_outlive_its_grant() {
    let life = |mut case: TokenCase, grant_s: i64, session_s: i64| {
        case.grant().grant.expires_at = NOW.plus_s(grant_s);
        case.grant().session.as_mut().unwrap().expires_at = NOW.plus_s(session_s);
        let issued = case.issued();
        let expires_in_s = issued.validity.expires_in_s;
        let exp = Said::of(issued).claims["exp"].as_i64().unwrap();
        assert_eq!(exp, NOW.plus_s(expires_in_s).seconds());
        expires_in_s
    };
    let kinds: [fn(&str) -> TokenCase; 2] = [TokenCase::refresh, TokenCase::code];
    for (at, of) in kinds.into_iter().enumerate() {
        assert_eq!(life(of("rs1:read"), 100_000, 100_000), 600);
        assert_eq!(life(of("rs1:read"), 100_000, 90), 90);
        assert_eq!(life(of("rs1:read offline_access"), 100_000, 90), 600);
        if at == 0 {
            // A code's grant gets its own end only now.
            assert_eq!(life(of("rs1:read offline_access"), 70, 90), 70);
            assert_eq!(life(of("rs1:read"), 70, 90), 70);
        }
    }
}

/// Who is not named has the token, and nothing else: that is enough only where the wire contract has it, and of a grant or a client that is so.
#[test]
fn who_is_not_named() {
    const REFUSED: &[&str] = &["event refresh.refused client.anonymous"];
    let unnamed = || {
        let mut case = TokenCase::refresh("rs1:read");
        case.credentials = Credentials::default();
        case.facts.policies = &OLDER;
        case
    };
    let rows: &[Row<TokenCase>] = &[
        (
            "of a grant whose client was named",
            |case| case.facts.policies = &BY_KEY,
            Err(Reason::ClientAnonymous),
            REFUSED,
        ),
        (
            "of one whose client was not",
            |case| {
                case.grant().grant.unnamed = true;
                case.facts.policies = &BY_KEY;
            },
            Ok(()),
            ROTATED,
        ),
        (
            "the same, where only clients that are marked go unnamed",
            |case| case.grant().grant.unnamed = true,
            Err(Reason::ClientAnonymous),
            REFUSED,
        ),
        (
            "of a client that is marked, by a contract that does not have this switch",
            |case| {
                case.facts.policies = &BY_KEY;
                case.client().legacy = [Legacy::RefreshWithoutClient, Legacy::UnauthenticatedCode].into();
            },
            Err(Reason::ClientAnonymous),
            REFUSED,
        ),
        (
            "the same, where codes are redeemed so",
            |case| {
                case.facts.policies = &BY_CODE;
                case.client().legacy = [Legacy::RefreshWithoutClient, Legacy::UnauthenticatedCode].into();
            },
            Err(Reason::ClientAnonymous),
            REFUSED,
        ),
        (
            "by the standard contract",
            |case| {
                case.grant().grant.unnamed = true;
                case.facts.policies = &Policies::STANDARD;
            },
            Err(Reason::ClientAnonymous),
            &[],
        ),
        (
            "where a code begins so, for clients that are marked",
            |case| {
                case.grant().grant.unnamed = true;
                case.facts.policies = &BY_CODE;
                case.client().legacy = [Legacy::UnauthenticatedCode].into();
            },
            Ok(()),
            ROTATED,
        ),
        (
            "the same, of one that is marked no longer",
            |case| {
                case.grant().grant.unnamed = true;
                case.facts.policies = &BY_CODE;
            },
            Err(Reason::ClientAnonymous),
            REFUSED,
        ),
        (
            "of a client that never is",
            |case| case.client().legacy = [Legacy::RefreshWithoutClient].into(),
            Ok(()),
            ROTATED,
        ),
        (
            "the same, which keeps its token",
            |case| {
                case.client().legacy = [Legacy::RefreshWithoutClient].into();
                case.client().refresh_policy = RefreshPolicy::Reuse;
            },
            Ok(()),
            &["touch grant"],
        ),
        (
            "and one that may show itself or not, and has a token that stays only if it does",
            |case| {
                case.grant().grant.unnamed = true;
                case.facts.policies = &BY_KEY;
                case.client().refresh_policy = RefreshPolicy::Reuse;
            },
            Ok(()),
            ROTATED,
        ),
    ];
    assert_rows(unnamed, TokenCase::outcome, rows);
}

/// A wire contract in which codes, too, are redeemed by nobody in particular.
static BY_CODE: Policies = Policies {
    unnamed_clients: &[
        Unnamed { grant_type: "authorization_code", by: Excuse::Switch(Legacy::UnauthenticatedCode) },
        Unnamed { grant_type: "refresh_token", by: Excuse::Began(Some(Legacy::UnauthenticatedCode)) },
    ],
    ..Policies::STANDARD
};
/// One in which only retrieval keys are.
static BY_KEY: Policies = Policies {
    unnamed_clients: &[Unnamed { grant_type: "refresh_token", by: Excuse::Began(None) }],
    ..Policies::STANDARD
};
