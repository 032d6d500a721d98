//! The person of a token with their account, as some wire contracts tell them to whoever bears one.

use doorward_core::token::account::{self, Account};
use doorward_core::token::read::Presented;
use doorward_core::{Facts, Reason};

use crate::world::{self, ISSUER, NOW, RS1, with_ctx};

fn with(scope: &str, aud: &[&str]) -> (String, Facts) {
    let grant = world::grant("openid profile email rs1:read");
    let token = world::jwt(&world::access_claims(Some(&grant), scope, aud));
    (token, Facts { grant: Some(world::grant_facts(grant)), ..world::facts() })
}

fn borne((token, facts): &(String, Facts)) -> Result<Account, Reason> {
    let presented = Presented::read(token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    let decision = with_ctx(NOW, |ctx| account::decide_borne(&presented, facts, ctx));
    assert!(decision.effects.is_empty());
    decision.answer.map_err(|refusal| refusal.reason)
}

#[test]
fn a_token_that_is_borne_is_for_this_and_may_ask_who() {
    for (scope, aud, expected) in [
        ("openid", &[ISSUER][..], Ok(())),
        ("openid", &[RS1, ISSUER], Ok(())),
        ("openid", &[RS1], Err(Reason::TokenAudience)),
        ("openid", &["https://id.example/other"], Err(Reason::TokenAudience)),
        ("profile rs1:read", &[ISSUER], Err(Reason::TokenScope)),
        ("openidx", &[ISSUER], Err(Reason::TokenScope)),
    ] {
        assert_eq!(borne(&with(scope, aud)).map(drop), expected, "{scope} {aud:?}");
    }
}

#[test]
fn a_token_that_is_over_or_nobodys_tells_nothing() {
    let mut case = with("openid", &[ISSUER]);
    case.1.grant.as_mut().unwrap().user.as_mut().unwrap().disabled_at = Some(NOW);
    assert_eq!(borne(&case).map(drop), Err(Reason::TokenRevoked));
    case.1.grant = None;
    assert_eq!(borne(&case).map(drop), Err(Reason::TokenRevoked));
    let own = world::jwt(&world::access_claims(None, "openid", &[ISSUER]));
    let facts = Facts { client: Some(world::client_facts(world::client())), ..world::facts() };
    assert_eq!(borne(&(own, facts)).map(drop), Err(Reason::TokenScope));
}

#[test]
fn each_scope_lets_its_own_be_told() {
    let names = |scope: &str| {
        let told = borne(&with(scope, &[ISSUER])).unwrap();
        assert_eq!(told.user_name, "alice");
        told.profile.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert!(names("openid").is_empty());
    assert_eq!(names("openid email"), ["email"]);
    assert_eq!(names("openid profile"), ["name", "given_name"]);
}
