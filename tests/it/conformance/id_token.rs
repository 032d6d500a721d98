//! ID tokens: how they are signed, and the class of authentication that they name.

use doorward_core::Effect;
use doorward_core::id::{ClientId, TenantId};
use doorward_crypto::base64url;
use doorward_tests::{T1, TestApp};
use serde_json::Value;

use super::party::{CLIENT, Party};

/// RS256 where a client does not ask otherwise, always with a `kid`; and what a client asked for where it did.
pub async fn oidcc_idtoken_signature(app: &TestApp) {
    Party::new(app).flow(&[]).await;
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        register(app, algorithm).await;
        let party = Party::new(app);
        let code = party.code(&party.visit(&[]).await);
        let reply = code.redeem(app).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let (signed_with, claims) = party.signed(&reply.text("id_token")).await;
        assert_eq!(signed_with, algorithm);
        let algorithm = doorward_crypto::jose::algorithm::Algorithm::parse(algorithm).expect("it is known");
        assert_eq!(claims["at_hash"], algorithm.half_hash(&reply.text("access_token")));
    }
}

/// `none` is not offered, and a token without a signature is none of ours.
pub async fn oidcc_idtoken_unsigned(app: &TestApp) {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    let offered = discovery["id_token_signing_alg_values_supported"].as_array().expect("a list");
    assert!(!offered.iter().any(|algorithm| algorithm.as_str().is_some_and(|name| name == "none")));
    let party = Party::new(app);
    let tokens = party.flow(&[]).await;
    let id_token = tokens.reply.text("id_token");
    let payload = id_token.split('.').nth(1).expect("a JWT has a payload");
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"None","typ":"JWT"}"#, r#"{"alg":"none","kid":"t1-RS256"}"#]
    {
        let unsigned = format!("{}.{payload}.", base64url::encode(header.as_bytes()));
        let visit = party.visit(&[("id_token_hint", &unsigned), ("prompt", "none")]).await;
        visit.assert_error("invalid_request");
    }
}

/// The suite asks for what discovery offers; where it offers nothing, for `1 2`. Neither is an error, and the first is answered.
pub async fn oidcc_ensure_request_with_acr_values_succeeds(app: &TestApp) {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    let offered: Vec<&str> = discovery["acr_values_supported"]
        .as_array()
        .expect("acr values are offered")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let tokens = Party::new(app).flow(&[("acr_values", &offered.join(" "))]).await;
    assert!(offered.iter().any(|value| tokens.id["acr"] == *value), "{}", tokens.id);
    let tokens = Party::new(app).flow(&[("acr_values", "1 2")]).await;
    assert!(tokens.id["acr"].is_string());
}

async fn register(app: &TestApp, algorithm: &str) {
    let clients = app.store.clients(&TenantId::from(T1)).await.expect("clients can be read");
    let client = clients.into_iter().find(|client| client.id == ClientId::from(CLIENT)).expect("it is there");
    let changed = doorward_core::model::Client { id_token_algorithm: algorithm.to_owned(), ..client };
    app.store.commit(vec![Effect::PutClient(changed)]).await.expect("a client can be changed");
}
