//! OpenID Connect Core, sections 3.1.2.1 to 3.1.2.4 and 6: what the person must still do, and what is refused.

use std::sync::Arc;

use doorward_core::authorize::{Act, Step};

use crate::cases::{AuthorizeCase, assert_steps};
use crate::world::{self, ago, parse};

#[test]
fn prompting() {
    assert_steps(&[
        ("signed in and allowed before", |_| (), "code"),
        ("nobody signed in", |case| case.facts.session = None, "sign in"),
        (
            "nobody signed in, none",
            |case| {
                case.facts.session = None;
                case.set("prompt", "none");
            },
            "error authz.login_required",
        ),
        ("none, and all is well", |case| case.set("prompt", "none"), "code"),
        ("not allowed before", |case| case.facts.consent = None, "consent openid rs1:read"),
        (
            "not allowed before, none",
            |case| {
                case.facts.consent = None;
                case.set("prompt", "none");
            },
            "error authz.consent_required",
        ),
        (
            "less allowed before",
            |case| case.facts.consent = Some(world::consent("openid")),
            "consent openid rs1:read",
        ),
        (
            "allowed before and taken back",
            |case| case.facts.consent.as_mut().unwrap().ended_at = Some(ago(1)),
            "consent openid rs1:read",
        ),
        (
            "the platform's own client",
            |case| {
                case.facts.consent = None;
                case.client().first_party = true;
            },
            "code",
        ),
        (
            "the platform's own client, none",
            |case| {
                case.facts.consent = None;
                case.client().first_party = true;
                case.set("prompt", "none");
            },
            "code",
        ),
        ("login", |case| case.set("prompt", "login"), "sign in"),
        ("consent", |case| case.set("prompt", "consent"), "consent openid rs1:read"),
        (
            "consent, by the platform's own client",
            |case| {
                case.client().first_party = true;
                case.set("prompt", "consent");
            },
            "consent openid rs1:read",
        ),
        ("select_account", |case| case.set("prompt", "select_account"), "select"),
        ("login and consent", |case| case.set("prompt", "login consent"), "sign in"),
        ("none and login", |case| case.set("prompt", "none login"), "error authz.prompt"),
        ("unknown", |case| case.set("prompt", "maybe"), "error authz.prompt"),
        (
            "login, and the sign-in was in answer to it",
            |case| {
                case.set("prompt", "login");
                came_back(case);
            },
            "code",
        ),
        (
            "login, and the sign-in was before it",
            |case| {
                case.set("prompt", "login");
                case.key = Some("form-1".to_owned());
                case.started_at = ago(899);
            },
            "sign in",
        ),
        (
            "login, signed in this very moment and not in answer to it",
            |case| {
                case.set("prompt", "login");
                case.facts.session.as_mut().unwrap().session.auth_time = world::NOW;
            },
            "sign in",
        ),
        (
            "select_account, and the sign-in was in answer to it",
            |case| {
                case.set("prompt", "select_account");
                came_back(case);
            },
            "code",
        ),
        (
            "select_account, chosen",
            |case| {
                case.set("prompt", "select_account");
                case.act = Act::AccountChosen;
            },
            "code",
        ),
        ("somebody else is wanted", |case| case.act = Act::OtherAccount, "sign in"),
        (
            "consent, and it was given",
            |case| {
                case.set("prompt", "consent");
                case.act = Act::Consent {
                    user: "usr_alice".into(),
                    scopes: parse("openid rs1:read"),
                    allowed: true,
                };
            },
            "code",
        ),
        (
            "login and consent: the page comes after the sign-in",
            |case| {
                case.set("prompt", "login consent");
                came_back(case);
            },
            "consent openid rs1:read",
        ),
        (
            "the consent page was shown to somebody else",
            |case| {
                case.facts.consent = None;
                case.act =
                    Act::Consent { user: "usr_bob".into(), scopes: parse("openid rs1:read"), allowed: true };
            },
            "consent openid rs1:read",
        ),
        (
            "somebody else said no",
            |case| {
                case.facts.consent = None;
                case.act =
                    Act::Consent { user: "usr_bob".into(), scopes: parse("openid rs1:read"), allowed: false };
            },
            "consent openid rs1:read",
        ),
        (
            "the consent page said less",
            |case| {
                case.facts.consent = None;
                case.act = Act::Consent { user: "usr_alice".into(), scopes: parse("openid"), allowed: true };
            },
            "consent openid rs1:read",
        ),
        (
            "the consent page said more",
            |case| {
                case.facts.consent = None;
                case.act = Act::Consent {
                    user: "usr_alice".into(),
                    scopes: parse("openid rs1:read rs1:write"),
                    allowed: true,
                };
            },
            "code",
        ),
        (
            "no, to whatever was shown",
            |case| {
                case.act = Act::Consent { user: "usr_alice".into(), scopes: parse("openid"), allowed: false };
            },
            "error authz.access_denied",
        ),
        (
            "allowed, and signed out meanwhile",
            |case| {
                case.facts.session.as_mut().unwrap().session.ended_at = Some(ago(1));
                case.act = Act::Consent {
                    user: "usr_alice".into(),
                    scopes: parse("openid rs1:read"),
                    allowed: true,
                };
            },
            "sign in",
        ),
    ]);
}

#[test]
fn ages() {
    assert_steps(&[
        ("younger", |case| case.set("max_age", "901"), "code"),
        ("exactly as old", |case| case.set("max_age", "900"), "code"),
        ("older", |case| case.set("max_age", "899"), "sign in"),
        ("zero", |case| case.set("max_age", "0"), "sign in"),
        (
            "older, none",
            |case| {
                case.set("max_age", "899");
                case.set("prompt", "none");
            },
            "error authz.login_required",
        ),
        (
            "one, and the sign-in was in answer to it",
            |case| {
                case.set("max_age", "1");
                came_back(case);
            },
            "code",
        ),
        ("negative", |case| case.set("max_age", "-1"), "error authz.max_age"),
        ("a fraction", |case| case.set("max_age", "1.5"), "error authz.max_age"),
        ("text", |case| case.set("max_age", "soon"), "error authz.max_age"),
        ("with a sign", |case| case.set("max_age", "+1"), "error authz.max_age"),
    ]);
}

#[test]
fn hints_and_the_rest() {
    assert_steps(&[
        (
            "a hint of the person signed in",
            |case| case.set("id_token_hint", &world::id_token("usr_alice", "web", 10)),
            "code",
        ),
        (
            "a hint of somebody else",
            |case| case.set("id_token_hint", &world::id_token("usr_bob", "web", 10)),
            "sign in",
        ),
        (
            "a hint of somebody else, none",
            |case| {
                case.set("id_token_hint", &world::id_token("usr_bob", "web", 10));
                case.set("prompt", "none");
            },
            "error authz.login_required",
        ),
        ("a hint that is garbage", |case| case.set("id_token_hint", "x.y.z"), "error authz.id_token_hint"),
        (
            "a hint that is an access token",
            |case| {
                let claims = world::access_claims(Some(&world::grant("openid")), "openid", &[world::ISSUER]);
                case.set("id_token_hint", &world::jwt(&claims));
            },
            "error authz.id_token_hint",
        ),
        (
            "claims of an ID token in a token of another type",
            |case| {
                let claims = serde_json::to_vec(&world::id_claims("usr_alice", "web", 10)).unwrap();
                let hint = doorward_crypto::jose::sign::sign(world::signing_key(), "at+jwt", &claims);
                case.set("id_token_hint", &hint);
            },
            "error authz.id_token_hint",
        ),
        (
            "a hint of another issuer",
            |case| {
                let mut claims = world::id_claims("usr_alice", "web", 10);
                claims.iss = "https://id.example/t/t2".to_owned();
                let hint = doorward_crypto::jose::sign::sign(
                    world::signing_key(),
                    "JWT",
                    &serde_json::to_vec(&claims).unwrap(),
                );
                case.set("id_token_hint", &hint);
            },
            "error authz.id_token_hint",
        ),
        (
            "a hint signed by somebody else",
            |case| {
                let claims = serde_json::to_vec(&world::id_claims("usr_alice", "web", 10)).unwrap();
                case.set(
                    "id_token_hint",
                    &doorward_crypto::jose::sign::sign(world::other_key(), "JWT", &claims),
                );
            },
            "error authz.id_token_hint",
        ),
        (
            "a hint signed by a key that is no longer published",
            |case| {
                case.set("id_token_hint", &world::id_token("usr_alice", "web", 10));
                let keys = Arc::make_mut(&mut case.facts.keys);
                keys.retired = std::mem::take(&mut keys.verifying);
            },
            "code",
        ),
        ("display", |case| case.set("display", "touch"), "code"),
        ("an unknown display", |case| case.set("display", "tv"), "error authz.display"),
        ("a request object", |case| case.set("request", "x.y.z"), "error authz.request_object"),
        ("a request URI", |case| case.set("request_uri", "https://app.example/r"), "error authz.request_uri"),
        ("acr_values", |case| case.set("acr_values", "urn:other"), "code"),
        (
            "locales",
            |case| {
                case.set("ui_locales", "xx de");
                case.set("claims_locales", "fr");
            },
            "code",
        ),
        ("a long nonce", |case| case.set("nonce", &"n".repeat(2049)), "error authz.nonce"),
        ("no nonce", |case| case.without("nonce"), "code"),
        ("a login hint", |case| case.set("login_hint", "bob"), "code"),
    ]);
}

#[test]
fn the_sign_in_page_knows_a_name() {
    let name = |change: fn(&mut AuthorizeCase)| {
        let mut case = AuthorizeCase::new();
        change(&mut case);
        match case.decide().answer {
            Ok(Step::SignIn { name, client_name }) => {
                assert_eq!(client_name, "Web");
                name
            }
            other => panic!("{other:?}"),
        }
    };
    let hinted = name(|case| {
        case.facts.session = None;
        case.set("login_hint", "bob");
    });
    assert_eq!(hinted.as_deref(), Some("bob"));
    assert_eq!(name(|case| case.set("prompt", "login")).as_deref(), Some("alice"), "who must sign in again");
    assert_eq!(name(|case| case.act = Act::OtherAccount), None);
    assert_eq!(name(|case| case.facts.session = None), None);
}

/// The request arrived a minute ago; the person has signed in since.
fn came_back(case: &mut AuthorizeCase) {
    case.key = Some("form-1".to_owned());
    case.started_at = ago(60);
    case.facts.session.as_mut().unwrap().session.auth_time = ago(50);
}
