//! OpenID Connect Core, section 5.3: userinfo tells what the token's scopes allow, of a live token that is meant for it.

use doorward_core::token::read::Presented;
use doorward_core::token::userinfo;
use doorward_core::{Facts, Reason};
use serde_json::{Map, Value, json};

use crate::world::{self, ISSUER, NOW, RS1, ago, with_ctx};

fn ask(token: &str, facts: &Facts) -> Result<Map<String, Value>, Reason> {
    let presented = Presented::read(token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    let decision = with_ctx(NOW, |ctx| userinfo::decide(&presented, facts, ctx));
    assert!(decision.effects.is_empty());
    decision.answer.map_err(|refusal| refusal.reason)
}

fn with(scope: &str, aud: &[&str]) -> (String, Facts) {
    let mut facts = world::facts();
    let grant = world::grant("openid profile email rs1:read");
    let token = world::jwt(&world::access_claims(Some(&grant), scope, aud));
    facts.grant = Some(world::grant_facts(grant));
    (token, facts)
}

#[test]
fn what_scopes_tell() {
    let told = |scope: &str| {
        let (token, facts) = with(scope, &[ISSUER]);
        Value::Object(ask(&token, &facts).unwrap())
    };
    assert_eq!(told("openid"), json!({ "sub": "usr_alice" }));
    assert_eq!(
        told("openid email"),
        json!({ "sub": "usr_alice", "email": "alice@example.com", "email_verified": true })
    );
    assert_eq!(told("openid phone"), json!({ "sub": "usr_alice", "phone_number": "+49 30 1" }));
    assert_eq!(told("openid address"), json!({ "sub": "usr_alice" }), "what there is not is left out");
    assert_eq!(
        told("openid profile"),
        json!({ "sub": "usr_alice", "name": "Alice Adams", "given_name": "Alice", "preferred_username": "alice",
                "updated_at": ago(1_000_000).seconds() })
    );
}

#[test]
fn what_is_refused() {
    let (token, facts) = with("openid", &[RS1]);
    assert_eq!(ask(&token, &facts), Err(Reason::TokenAudience));
    let (token, facts) = with("rs1:read", &[ISSUER]);
    assert_eq!(ask(&token, &facts), Err(Reason::TokenScope));
    let (_, facts) = with("openid", &[ISSUER]);
    for garbage in
        ["", "garbage", "a.b.c", &world::id_token("usr_alice", "web", 10), &world::refresh_token(5)]
    {
        assert_eq!(ask(garbage, &facts), Err(Reason::TokenRevoked), "{garbage}");
    }
    // A client's own token is about nobody.
    let own = world::jwt(&world::access_claims(None, "openid", &[ISSUER]));
    let mut facts = world::facts();
    facts.client = Some(world::client_facts(world::client()));
    assert_eq!(ask(&own, &facts), Err(Reason::TokenScope));
    let mut expired = world::access_claims(Some(&world::grant("openid")), "openid", &[ISSUER]);
    expired.exp = NOW.seconds();
    let (_, facts) = with("openid", &[ISSUER]);
    assert_eq!(ask(&world::jwt(&expired), &facts), Err(Reason::TokenExpired));
}

/// Why a token is dead is ours to know.
#[test]
fn every_dead_token_gets_one_answer() {
    let (token, mut facts) = with("openid", &[ISSUER]);
    facts.grant.as_mut().unwrap().user.as_mut().unwrap().disabled_at = Some(ago(1));
    assert_eq!(ask(&token, &facts), Err(Reason::TokenRevoked));
    facts.grant = None;
    assert_eq!(ask(&token, &facts), Err(Reason::TokenRevoked));
}
