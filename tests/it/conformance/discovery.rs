//! The plan *config*: what discovery and the key set say.

use doorward_crypto::jose::key_set::JwkSet;
use doorward_tests::{Reply, TestApp};
use serde_json::Value;

use super::party::ISSUER;

pub async fn oidcc_discovery_endpoint_verification(app: &TestApp) {
    let reply = app.get("/.well-known/openid-configuration", &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let metadata = reply.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_metadata(&metadata);
    let path = metadata["jwks_uri"].as_str().and_then(|url| url.strip_prefix(ISSUER)).expect("our own");
    assert_keys(&app.get(path, &[]).await);
    // An issuer with a path is found at both well-known forms (RFC 8414, section 3.1; Discovery, section 4.1).
    for path in [
        "/t/t2/.well-known/openid-configuration",
        "/.well-known/openid-configuration/t/t2",
        "/t/t2/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/t/t2",
    ] {
        let metadata = app.get(path, &[]).await.json();
        assert_eq!(metadata["issuer"], format!("{ISSUER}/t/t2"), "{path}");
        assert_metadata(&metadata);
        let jwks = metadata["jwks_uri"].as_str().and_then(|url| url.strip_prefix(ISSUER)).expect("our own");
        assert_keys(&app.get(jwks, &[]).await);
    }
}

fn assert_metadata(metadata: &Value) {
    let issuer = metadata["issuer"].as_str().expect("an issuer");
    assert!(issuer.starts_with("https://") && !issuer.contains(['?', '#']), "{issuer}");
    let list = |name: &str| -> Vec<&str> {
        let values = metadata[name].as_array().unwrap_or_else(|| panic!("{name}: {metadata}"));
        values.iter().map(|value| value.as_str().unwrap_or_else(|| panic!("{name}: {value}"))).collect()
    };
    assert_eq!(list("response_types_supported"), ["code"]);
    assert_eq!(list("subject_types_supported"), ["public"]);
    assert!(list("id_token_signing_alg_values_supported").contains(&"RS256"));
    assert!(list("grant_types_supported").contains(&"authorization_code"));
    assert!(!list("grant_types_supported").contains(&"implicit"));
    assert_eq!(list("code_challenge_methods_supported"), ["S256"]);
    assert!(list("claims_supported").contains(&"sub"));
    assert_eq!(metadata["claims_parameter_supported"], true);
    assert_eq!(metadata["request_parameter_supported"], false);
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let scopes = list("scopes_supported");
    assert!(scopes.contains(&"openid"));
    let is_token = |scope: &&str| {
        !scope.is_empty() && scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    assert!(scopes.iter().all(is_token), "{scopes:?}");
    for locale in list("ui_locales_supported") {
        assert!(locale.len() >= 2 && locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    }
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        assert!(metadata[name].is_string(), "{name}");
    }
    for (name, value) in metadata.as_object().expect("an object") {
        assert!(!value.is_null(), "{name} is null");
        assert!(value.as_array().is_none_or(|values| !values.is_empty()), "{name} is an empty list");
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(value.as_str().is_some_and(|url| url.starts_with(issuer)), "{name}: {value}");
        }
    }
}

/// Public keys only, each with a unique name, its use and its algorithm (RFC 7517; OpenID Connect Core, section 10.1).
fn assert_keys(reply: &Reply) {
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").is_some_and(|value| value.starts_with("application/j")));
    let set = JwkSet::parse(&reply.body).expect("a key set can be read");
    assert!(!set.keys().is_empty() && set.skipped().is_empty());
    for key in reply.json()["keys"].as_array().expect("a list") {
        let members = key.as_object().expect("an object");
        assert_ne!(key["kty"], "oct");
        assert_eq!(key["use"], "sig");
        assert!(key["alg"].is_string() && key["kid"].as_str().is_some_and(|kid| !kid.is_empty()), "{key}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!members.contains_key(private), "{private}");
        }
    }
}
