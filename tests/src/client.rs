//! What clients do: PKCE, Basic, assertions, and the whole way to a code.

use std::sync::LazyLock;

use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_crypto::{base64url, digest};
use serde_json::Value;

use crate::{TestApp, secret_of};

/// A PKCE verifier.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The challenge of a verifier (RFC 7636, section 4.2).
pub fn challenge(verifier: &str) -> String {
    base64url::encode(&digest::sha256(verifier.as_bytes()))
}

/// A Basic header; ids and secrets of the fixtures need no encoding.
pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", base64(format!("{client}:{secret}").as_bytes()))
}

/// The key of PKJ.
pub struct ClientKey;

impl ClientKey {
    /// The private key.
    pub fn private() -> &'static SigningKey {
        static KEY: LazyLock<SigningKey> =
            LazyLock::new(|| SigningKey::generate(Algorithm::Es256, "pkj-1").expect("a key can be made"));
        &KEY
    }

    /// The public set.
    pub fn set() -> String {
        format!("{{\"keys\":[{}]}}", Self::private().public_jwk().to_json())
    }
}

/// A client assertion with these claims, signed by PKJ's key.
pub fn assertion(claims: &Value) -> String {
    sign(ClientKey::private(), "JWT", claims.to_string().as_bytes())
}

/// A code, and what it was asked with.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub code: String,
    /// The client.
    pub client: String,
    /// The redirect URI.
    pub redirect_uri: String,
    /// The verifier, when there was a challenge.
    pub verifier: Option<String>,
}

impl Code {
    /// The form that redeems it.
    pub fn form(&self) -> Vec<(String, String)> {
        let mut form = vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), self.code.clone()),
            ("redirect_uri".to_owned(), self.redirect_uri.clone()),
        ];
        form.extend(self.verifier.clone().map(|verifier| ("code_verifier".to_owned(), verifier)));
        form
    }

    /// Redeem it as its client.
    pub async fn redeem(&self, app: &TestApp) -> crate::Reply {
        app.token_as(&self.client, &self.form()).await
    }
}

impl TestApp {
    /// POST a form to the token endpoint as that client: confidential ones by Basic, public ones by name.
    pub async fn token_as(&self, client: &str, form: &[(String, String)]) -> crate::Reply {
        self.form_as("/token", client, form).await
    }

    /// POST a form to a protocol endpoint as that client.
    pub async fn form_as(&self, path: &str, client: &str, form: &[(String, String)]) -> crate::Reply {
        let mut pairs: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if crate::app::is_public(client) {
            pairs.push(("client_id", client));
            return self.post_form(path, &pairs, &[]).await;
        }
        let authorization = basic(client, &secret_of(client));
        self.post_form(path, &pairs, &[("authorization", &authorization)]).await
    }

    /// Refresh as that client.
    pub async fn refresh(&self, client: &str, token: &str) -> crate::Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token_as(client, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await
    }

    /// Introspect as that client.
    pub async fn introspect(&self, client: &str, token: &str) -> crate::Reply {
        self.form_as("/introspect", client, &[("token".to_owned(), token.to_owned())]).await
    }

    /// Revoke as that client.
    pub async fn revoke(&self, client: &str, token: &str) -> crate::Reply {
        self.form_as("/revoke", client, &[("token".to_owned(), token.to_owned())]).await
    }

    /// Ask userinfo.
    pub async fn userinfo(&self, token: &str) -> crate::Reply {
        self.get("/userinfo", &[("authorization", &format!("Bearer {token}"))]).await
    }
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// How a token is signed: its JOSE header.
pub fn jose_header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).and_then(base64url::decode).expect("a JWT has three parts");
    serde_json::from_slice(&part).expect("a part of a JWT is JSON")
}

/// Standard base64 (RFC 4648, section 4).
pub fn base64(bytes: &[u8]) -> String {
    let mut text = base64url::encode(bytes).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
