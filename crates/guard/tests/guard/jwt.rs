//! What a JWT must be and say (RFC 9068, section 4; RFC 8725).

use aws_lc_rs::hmac;
use doorward_crypto::base64url;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_guard::{Reason, Refusal};
use serde_json::{Value, json};

use crate::check;
use crate::issuer::{API, ISSUER, Issuer, key};

#[tokio::test]
async fn a_good_token_says_who_it_is() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let changed = json!({
        "aud": ["https://other.example", API], "scope": "orders:read openid", "installation": "ins_1",
        "acr": "urn:mfa", "auth_time": issuer.now() - 60, "permissions": ["orders:cancel"],
    });
    let token = check(&guard, &issuer.jwt(changed)).await.unwrap();
    assert_eq!((token.sub(), token.client_id(), token.installation()), ("usr_1", "web", Some("ins_1")));
    assert_eq!((token.iss(), token.jti(), token.acr()), (Some(ISSUER), Some("j1"), Some("urn:mfa")));
    assert_eq!((token.auth_time(), token.exp()), (Some(issuer.now() - 60), Some(issuer.now() + 300)));
    assert!(token.scopes().contains("orders:read") && !token.scopes().contains("orders:write"));
    assert_eq!(token.claim("permissions"), Some(&json!(["orders:cancel"])));
    assert!(!format!("{token:?}").contains("orders:cancel"));
}

#[tokio::test]
async fn what_it_says_must_be_so() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let now = issuer.now();
    let rows: [(Value, Option<Reason>); 25] = [
        (json!({}), None),
        (json!({ "iss": "https://id.example/" }), Some(Reason::Issuer)),
        (json!({ "iss": "https://ID.example" }), Some(Reason::Issuer)),
        (json!({ "iss": null }), Some(Reason::Claims)),
        (json!({ "aud": "https://api.example/" }), Some(Reason::Audience)),
        (json!({ "aud": ["https://other.example"] }), Some(Reason::Audience)),
        (json!({ "aud": [] }), Some(Reason::Audience)),
        (json!({ "aud": null }), Some(Reason::Audience)),
        (json!({ "aud": { "a": API } }), Some(Reason::Claims)),
        // Five seconds for clocks that differ, and no more.
        (json!({ "exp": now - 4 }), None),
        (json!({ "exp": now - 5 }), Some(Reason::Expired)),
        (json!({ "exp": now as f64 - 4.5 }), Some(Reason::Expired)),
        (json!({ "exp": -1e15 }), Some(Reason::Expired)),
        (json!({ "exp": null }), Some(Reason::Claims)),
        (json!({ "exp": "2100-01-01" }), Some(Reason::Claims)),
        (json!({ "nbf": now + 5 }), None),
        (json!({ "nbf": now + 6 }), Some(Reason::NotYet)),
        (json!({ "nbf": 1e15 }), Some(Reason::NotYet)),
        (json!({ "iat": null }), Some(Reason::Claims)),
        (json!({ "jti": null }), Some(Reason::Claims)),
        (json!({ "sub": null }), Some(Reason::Claims)),
        (json!({ "client_id": null }), Some(Reason::Claims)),
        (json!({ "scope": "a\"b" }), Some(Reason::Claims)),
        (json!({ "scope": null }), None),
        // RFC 9449, section 7.2: not as a bearer's.
        (json!({ "cnf": { "jkt": "x" } }), Some(Reason::Bound)),
    ];
    for (changed, reason) in rows {
        let checked = check(&guard, &issuer.jwt(changed.clone())).await;
        assert_eq!(checked.err(), reason.map(Refusal::Invalid), "{changed}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_what_was_said() {
    let issuer = Issuer::new("a");
    let now = issuer.now();
    for leeway in [0, 60] {
        let guard = issuer.guard(|guard| guard.leeway(leeway));
        for (changed, reason) in [
            (json!({ "exp": now + 1 - leeway }), None),
            (json!({ "exp": now - leeway }), Some(Reason::Expired)),
            (json!({ "nbf": now + leeway }), None),
            (json!({ "nbf": now + leeway + 1 }), Some(Reason::NotYet)),
        ] {
            let checked = check(&guard, &issuer.jwt(changed.clone())).await;
            assert_eq!(checked.err(), reason.map(Refusal::Invalid), "{leeway}: {changed}");
        }
    }
}

#[tokio::test]
async fn it_is_an_access_token_by_its_type() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let claims = issuer.claims(json!({})).to_string();
    for (typ, is_one) in [
        ("at+jwt", true),
        ("application/at+jwt", true),
        ("AT+JWT", true),
        ("JWT", false),
        ("logout+jwt", false),
        ("token-introspection+jwt", false),
        ("", false),
    ] {
        let checked = check(&guard, &sign(&issuer.key(), typ, claims.as_bytes())).await;
        assert_eq!(checked.is_ok(), is_one, "{typ}");
        assert!(is_one || checked == Err(Reason::Type.into()), "{typ}");
    }
    // It may not be left out either (section 4).
    let header = json!({ "alg": "ES256", "kid": "a" });
    assert_eq!(check(&guard, &forged(&header, &claims, b"0")).await, Err(Reason::Type.into()));
}

#[tokio::test]
async fn nobody_but_the_issuer_can_make_one() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let good = issuer.jwt(json!({}));
    let claims = issuer.claims(json!({ "sub": "usr_mallory" })).to_string();
    // Another key of the same name, another text under the same signature.
    let other = sign(&key("a"), "at+jwt", claims.as_bytes());
    assert_eq!(check(&guard, &other).await, Err(Reason::Signature.into()));
    let parts: Vec<&str> = good.split('.').collect();
    let changed = format!("{}.{}.{}", parts[0], base64url::encode(claims.as_bytes()), parts[2]);
    assert_eq!(check(&guard, &changed).await, Err(Reason::Signature.into()));
    // No signature at all, however it is spelled.
    for alg in ["none", "None", "NONE", ""] {
        let header = json!({ "alg": alg, "kid": "a", "typ": "at+jwt" });
        assert_eq!(
            check(&guard, &forged(&header, &claims, b"x")).await,
            Err(Reason::Algorithm.into()),
            "{alg}"
        );
    }
    let bare = forged(&json!({ "alg": "none", "typ": "at+jwt" }), &claims, b"");
    assert_eq!(check(&guard, &bare).await, Err(Reason::Syntax.into()));
    // The public key, taken for a shared secret.
    let public = serde_json::to_vec(&issuer.key().public_jwk()).unwrap();
    for algorithm in ["HS256", "HS384", "HS512"] {
        let header = json!({ "alg": algorithm, "kid": "a", "typ": "at+jwt" });
        let input = input(&header, &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), input.as_bytes());
        let token = forged(&header, &claims, tag.as_ref());
        assert_eq!(check(&guard, &token).await, Err(Reason::Algorithm.into()), "{algorithm}");
    }
    // A key that it brings itself.
    let mine = key("mine");
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "mine", "jwk": mine.public_jwk() });
    let brought = forged(&header, &claims, b"0");
    assert_eq!(check(&guard, &brought).await, Err(Reason::Key.into()));
}

#[tokio::test]
async fn the_algorithm_is_one_of_the_list_and_of_the_keys_type() {
    let issuer = Issuer::new("a");
    let rsa = SigningKey::generate(Algorithm::Rs256, "rsa").unwrap();
    let ed = SigningKey::generate(Algorithm::EdDSA, "ed").unwrap();
    issuer.publish(vec![key("a"), rsa.clone(), ed.clone()]);
    let claims = issuer.claims(json!({})).to_string();
    let any = issuer.guard(|guard| guard);
    let only = issuer.guard(|guard| guard.algorithms(&[Algorithm::EdDSA]));
    for (signer, is_taken) in [(&rsa, false), (&ed, true)] {
        let token = sign(signer, "at+jwt", claims.as_bytes());
        assert!(check(&any, &token).await.is_ok());
        let checked = check(&only, &token).await;
        assert_eq!(checked.err(), (!is_taken).then_some(Refusal::Invalid(Reason::Algorithm)));
    }
    // An algorithm of the list, and a key of another type under the name.
    for (alg, kid) in [("ES256", "rsa"), ("RS256", "a"), ("PS256", "rsa"), ("EdDSA", "a")] {
        let header = json!({ "alg": alg, "kid": kid, "typ": "at+jwt" });
        let checked = check(&any, &forged(&header, &claims, &[1; 256])).await;
        assert_eq!(checked, Err(Reason::Key.into()), "{alg} {kid}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_nothing_is_asked() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let claims = issuer.claims(json!({})).to_string();
    let critical = json!({ "alg": "ES256", "kid": "a", "typ": "at+jwt", "crit": ["b64"], "b64": false });
    let twice = claims.replacen('{', r#"{"sub":"usr_2","#, 1);
    let header = json!({ "alg": "ES256", "kid": "a", "typ": "at+jwt" });
    for token in [
        "a.b.c".to_owned(),
        "..".to_owned(),
        forged(&critical, &claims, b"0"),
        forged(&header, &twice, b"0"),
        forged(&header, "[]", b"0"),
    ] {
        assert_eq!(check(&guard, &token).await, Err(Reason::Syntax.into()), "{token}");
    }
    // Nobody reads opaque tokens here.
    assert_eq!(check(&guard, "opaque").await, Err(Reason::Kind.into()));
    assert_eq!(issuer.asked(), 0);
}

fn input(header: &Value, claims: &str) -> String {
    let header = base64url::encode(header.to_string().as_bytes());
    format!("{header}.{}", base64url::encode(claims.as_bytes()))
}

fn forged(header: &Value, claims: &str, signature: &[u8]) -> String {
    format!("{}.{}", input(header, claims), base64url::encode(signature))
}
