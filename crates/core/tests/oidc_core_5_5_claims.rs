//! OpenID Connect Core, sections 5.4 and 5.5: claims one by one, never more than the client may have and the person allowed.

use doorward_core::token::read::Presented;
use doorward_core::token::userinfo;
use doorward_core::{Effect, authorize::Act};
use serde_json::{Value, json};

use crate::cases::{AuthorizeCase, Said, TokenCase, assert_steps};
use crate::world::{self, ISSUER, NOW, parse, with_ctx};

const NAME: &str =
    r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":null,"acr":{"values":["x"]}}}"#;

#[test]
fn asking() {
    assert_steps(&[
        ("a claim of an allowed scope", |case| case.set("claims", NAME), "code"),
        ("an unknown claim", |case| case.set("claims", r#"{"userinfo":{"shoe_size":null}}"#), "code"),
        ("an unknown member", |case| case.set("claims", r#"{"other":{}}"#), "code"),
        ("not JSON", |case| case.set("claims", "name"), "error authz.claims"),
        ("a list", |case| case.set("claims", "[]"), "error authz.claims"),
        ("a member that is no object", |case| case.set("claims", r#"{"userinfo":7}"#), "error authz.claims"),
        (
            "a claim that is no request",
            |case| case.set("claims", r#"{"userinfo":{"name":7}}"#),
            "error authz.claims",
        ),
        (
            "very deep",
            |case| {
                let deep = format!("{}{}", "{\"userinfo\":".repeat(200), "null}".repeat(200));
                case.set("claims", &deep);
            },
            "error authz.claims",
        ),
        (
            "an acr that cannot be reached",
            |case| case.set("claims", r#"{"id_token":{"acr":{"values":["x"]}}}"#),
            "code",
        ),
        (
            "an essential acr that cannot be reached",
            |case| case.set("claims", r#"{"id_token":{"acr":{"essential":true,"values":["x"]}}}"#),
            "error authz.acr_unmet",
        ),
        (
            "an essential acr that is reached",
            |case| {
                let claims = format!(
                    r#"{{"id_token":{{"acr":{{"essential":true,"values":["x","{}"]}}}}}}"#,
                    world::ACR
                );
                case.set("claims", &claims);
            },
            "code",
        ),
        (
            "the person signed in",
            |case| case.set("claims", r#"{"id_token":{"sub":{"value":"usr_alice"}}}"#),
            "code",
        ),
        (
            "somebody else",
            |case| case.set("claims", r#"{"id_token":{"sub":{"value":"usr_bob"}}}"#),
            "sign in",
        ),
        (
            "somebody else, and who signed in for it is not",
            |case| {
                case.set("claims", r#"{"id_token":{"sub":{"value":"usr_bob"}}}"#);
                case.key = Some("form-1".to_owned());
                case.started_at = world::ago(1000);
            },
            "error authz.login_required",
        ),
        (
            "two people",
            |case| {
                let claims =
                    r#"{"id_token":{"sub":{"value":"usr_alice"}},"userinfo":{"sub":{"value":"usr_bob"}}}"#;
                case.set("claims", claims);
            },
            "error authz.claims",
        ),
        (
            "somebody else than the hint",
            |case| {
                case.set("claims", r#"{"id_token":{"sub":{"value":"usr_bob"}}}"#);
                case.set("id_token_hint", &world::id_token("usr_alice", "web", 10));
            },
            "error authz.id_token_hint",
        ),
        // What the person allowed before does not cover what is asked now: they are shown what it stands for.
        (
            "a claim of a scope that was not allowed yet",
            |case| {
                case.facts.consent = Some(world::consent("openid rs1:read"));
                case.set("claims", NAME);
            },
            "consent openid rs1:read profile email",
        ),
        (
            "the same, with prompt=none",
            |case| {
                case.facts.consent = Some(world::consent("openid rs1:read"));
                case.set("claims", NAME);
                case.set("prompt", "none");
            },
            "error authz.consent_required",
        ),
        (
            "and they allowed it",
            |case| {
                case.facts.consent = Some(world::consent("openid rs1:read"));
                case.set("claims", NAME);
                case.act = Act::Consent {
                    user: "usr_alice".into(),
                    scopes: parse("openid rs1:read profile email"),
                    allowed: true,
                };
            },
            "code",
        ),
        (
            "a claim of a scope that the client may not have is not asked for",
            |case| {
                case.facts.consent = Some(world::consent("openid rs1:read"));
                case.client().scopes = parse("openid rs1:read");
                case.set("claims", NAME);
            },
            "code",
        ),
    ]);
}

/// What the grant keeps is what may be told.
#[test]
fn a_grant_keeps_only_claims_that_the_client_may_have() {
    let kept = |scopes: &str| {
        let mut case = AuthorizeCase::new();
        case.client().scopes = parse(scopes);
        case.set("claims", NAME);
        let grant = case.decide().effects.into_iter().find_map(|effect| match effect {
            Effect::InsertGrant(grant) => Some(grant),
            _ => None,
        });
        let grant = grant.unwrap();
        assert_eq!(grant.scopes, parse("openid rs1:read"), "claims add nothing to the scopes");
        let request = doorward_core::token::issue::claims_request(&grant, None).unwrap_or_default();
        let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
        (names(request.userinfo.keys().collect()), names(request.id_token.keys().collect()))
    };
    assert_eq!(
        kept("openid profile email rs1:read"),
        (vec!["name".to_owned()], vec!["acr".to_owned(), "email".to_owned()])
    );
    assert_eq!(kept("openid email rs1:read"), (vec![], vec!["acr".to_owned(), "email".to_owned()]));
    assert_eq!(kept("openid rs1:read"), (vec![], vec!["acr".to_owned()]));
}

#[test]
fn what_was_asked_is_told_where_it_was_asked_for() {
    let mut case = TokenCase::code("openid");
    case.grant().grant.claims = Some(NAME.to_owned());
    let id = Said::of(case.issued()).id_claims.unwrap();
    assert_eq!((&id["email"], id.get("name")), (&"alice@example.com".into(), None));

    let mut facts = world::facts();
    let mut grant = world::grant("openid");
    grant.claims = Some(NAME.to_owned());
    let token = world::jwt(&world::access_claims(Some(&grant), "openid", &[ISSUER]));
    facts.grant = Some(world::grant_facts(grant));
    let presented = Presented::read(&token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    let told = with_ctx(NOW, |ctx| userinfo::decide(&presented, &facts, ctx)).answer.unwrap();
    assert_eq!(Value::Object(told), json!({ "sub": "usr_alice", "name": "Alice Adams" }));
}

/// What the client's registration no longer has is told no more, to a grant that was made before either.
#[test]
fn a_claim_falls_with_the_scope_that_stands_for_it() {
    let mut case = TokenCase::code("openid");
    case.client().scopes = parse("openid");
    case.grant().grant.claims = Some(NAME.to_owned());
    assert!(Said::of(case.issued()).id_claims.unwrap().get("email").is_none());

    let mut facts = world::facts();
    let mut grant = world::grant("openid");
    grant.claims = Some(NAME.to_owned());
    let token = world::jwt(&world::access_claims(Some(&grant), "openid", &[ISSUER]));
    let presented = Presented::read(&token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    assert!(userinfo::needs(&presented).client_of_row, "what it may have now is looked for");
    facts.grant = Some(world::grant_facts(grant));
    facts.client = case.facts.client.clone();
    let told = with_ctx(NOW, |ctx| userinfo::decide(&presented, &facts, ctx)).answer.unwrap();
    assert_eq!(Value::Object(told), json!({ "sub": "usr_alice" }));
}

/// A person's record never speaks for the server: nothing but standard claims come from it.
#[test]
fn no_claim_of_the_token_itself_can_be_asked_for() {
    let asked = r#"{"userinfo":{"sub":null,"iss":null,"role":null,"aud":null},
                    "id_token":{"sub":null,"iss":null,"aud":null,"exp":null,"nonce":null,"role":null,"sid":null,"acr":null}}"#;
    let mut case = TokenCase::code("openid");
    case.grant().grant.claims = Some(asked.to_owned());
    let id = Said::of(case.issued()).id_claims.unwrap();
    assert_eq!(
        (&id["iss"], &id["sub"], &id["nonce"]),
        (&ISSUER.into(), &"usr_alice".into(), &"n0nce".into())
    );
    assert!(id.get("role").is_none());
    let text = id.to_string();
    assert_eq!(text.matches("\"sub\"").count(), 1, "{text}");

    let mut facts = world::facts();
    let mut grant = world::grant("openid");
    grant.claims = Some(asked.to_owned());
    let token = world::jwt(&world::access_claims(Some(&grant), "openid", &[ISSUER]));
    facts.grant = Some(world::grant_facts(grant));
    let presented = Presented::read(&token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    let told = with_ctx(NOW, |ctx| userinfo::decide(&presented, &facts, ctx)).answer.unwrap();
    assert_eq!(Value::Object(told), json!({ "sub": "usr_alice" }));
}
