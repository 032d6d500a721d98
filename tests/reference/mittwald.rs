//! mittwald mStudio (criteria MW-01 to MW-22).

mod asking;
mod codes;
mod contributor;
mod errors;
mod executions;
mod instance_tokens;
mod keys;
mod managing;
mod session_tokens;
mod sign_out;
mod webhooks;

use std::collections::BTreeMap;

use doorward_tests::extended::{Installed, P1, X1};
use doorward_tests::{ALICE, Reply, VERIFIER, basic, challenge, encode, secret_of, user_id};
use serde_json::json;

use super::Speaker;
use super::transcript::play;
use crate::admin::Admin;

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";
const CALLBACK: &str = "https://x1.example/callback";

async fn mittwald() -> (Speaker, Installed) {
    let at = Speaker::of("mittwald").await;
    let of = at.app.install(X1, (P1, "project/p-1"), SCOPES).await;
    (at, of)
}

fn authorize(extra: &[(&str, &str)]) -> String {
    let mut params = vec![("response_type", "code"), ("client_id", X1), ("redirect_uri", CALLBACK)];
    params.extend_from_slice(&[("scope", "rs1:read"), ("state", "s"), ("code_challenge_method", "S256")]);
    let challenge = challenge(VERIFIER);
    params.push(("code_challenge", &challenge));
    for (name, value) in extra {
        params.retain(|(known, _)| known != name);
        if !value.is_empty() {
            params.push((name, value));
        }
    }
    format!("/v2/oauth2/authorize?{}", encode(&params))
}

/// A key with which somebody opens an installation.
async fn key(admin: &Admin<'_>, of: &Installed, user: &str) -> String {
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let made = admin.json("POST", &path, json!({ "user": user_id(user), "issuer": "mittwald" })).await;
    made.text("retrieval_key")
}

async fn exchange(at: &Speaker, key: &str, user: &str) -> Reply {
    let body = json!({ "userId": user_id(user), "accessTokenRetrievalKey": key });
    at.json("POST", "/v2/authenticate-token-retrieval-key", body).await
}

/// What their description has for 400, which clients that are made from it read and nothing else.
fn is_refused(reply: &Reply) {
    let told = reply.json();
    assert_eq!((reply.status, told["type"].as_str()), (400, Some("ValidationError")), "{}", reply.body);
    assert!(told["message"].is_string() && told["validationErrors"].is_array(), "{}", reply.body);
}

async fn instance_token(at: &Speaker, of: &Installed, body: serde_json::Value) -> Reply {
    at.json("POST", &format!("/v2/extension-instances/{}/tokens", of.id), body).await
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let (at, of) = managing::managed().await;
    let admin = Admin::of_tenant(&at.app).await;
    let manager = managing::pair(&at, ALICE).await.text("access_token");
    let browser = at.signed_in(ALICE).await;
    let mut known: BTreeMap<String, String> = [
        ("challenge", challenge(VERIFIER)),
        ("verifier", VERIFIER.to_owned()),
        ("basic", basic(X1, &secret_of(X1))),
        ("instance", of.id.0.clone()),
        ("instance_secret", of.secret.clone()),
        ("user", user_id(ALICE)),
        ("manager", manager),
        ("key", key(&admin, &of, ALICE).await),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let steps = play(&at, &browser, include_str!("mittwald.txt"), &mut known).await;
    assert!(steps >= 59, "{steps} steps");
}
