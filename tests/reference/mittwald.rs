//! mittwald mStudio (criteria MW-01 to MW-22).

mod alive;
mod asking;
mod codes;
mod contributor;
mod errors;
mod executions;
mod ids;
mod instance_tokens;
mod keys;
mod listing;
mod managing;
mod paths;
mod session_tokens;
mod sign_out;
mod webhooks;

use std::collections::BTreeMap;

use doorward_core::Effect;
use doorward_core::id::hyphenated;
use doorward_core::model::{Client, Extension, ExtensionState};
use doorward_crypto::base62;
use doorward_tests::extended::{Installed, P1, X1, extension};
use doorward_tests::{Reply, T1, TestApp, VERIFIER, basic, challenge, encode, secret_of, user_id};
use serde_json::json;

use self::managing::WANDA;
use super::Speaker;
use super::transcript::play_with;
use crate::admin::Admin;

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";
const CALLBACK: &str = "https://x1.example/callback";

async fn mittwald() -> (Speaker, Installed) {
    mittwald_on(TestApp::extended().await).await
}

/// The same, on that server.
async fn mittwald_on(app: TestApp) -> (Speaker, Installed) {
    let at = Speaker::on(app, "mittwald").await;
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
    key_of(admin, of, &user_id(user)).await
}

/// The same, of the person of that id.
async fn key_of(admin: &Admin<'_>, of: &Installed, id: &str) -> String {
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let made = admin.json("POST", &path, json!({ "user": id, "issuer": "mittwald" })).await;
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

/// An API with a route for each of its scopes.
fn by_scope() -> serde_json::Value {
    json!([{ "path": "/read", "scopes": ["rs1:read"] }, { "path": "/write", "scopes": ["rs1:write"] }])
}

/// Which of the two a token opens.
async fn passes(at: &Speaker, token: &str) -> (u16, u16) {
    let at_the_guard = async |path| at.at_the_guard(path, ("x-access-token", token)).await.status;
    (at_the_guard("/read").await, at_the_guard("/write").await)
}

async fn instance_token(at: &Speaker, of: &Installed, body: serde_json::Value) -> Reply {
    at.json("POST", &format!("/v2/extension-instances/{}/tokens", of.id), body).await
}

/// An id of ours as it is told here: the UUID of the same 128 bits.
fn uuid(id: &str) -> String {
    let bits = base62::decode_fixed(&id[4..], 16).expect("an id that the server made");
    hyphenated(u128::from_be_bytes(bits.try_into().expect("128 bits")))
}

/// The instance that a UUID means.
fn instance(uuid: &str) -> String {
    let bits = u128::from_str_radix(&uuid.replace('-', ""), 16).expect("a UUID");
    format!("ins_{}", base62::encode_fixed(&bits.to_be_bytes(), 22))
}

/// An extension of ALICE's and WANDA's making that nobody has looked at, whose client does nothing yet.
async fn drafted(at: &Speaker) {
    let found = at.app.store.client(&T1.into(), &X1.into()).await.expect("readable").expect("X1's");
    let client = Client {
        id: "x3".into(),
        redirect_uris: Vec::new(),
        grant_types: Default::default(),
        version: 0,
        ..found.client
    };
    let extension = Extension { state: ExtensionState::Draft, ..extension(3, "x3") };
    at.app.commit(vec![Effect::PutClient(client), Effect::PutExtension(Box::new(extension))]).await;
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let (at, of, sink) = contributor::told().await;
    drafted(&at).await;
    let admin = Admin::of_tenant(&at.app).await;
    let user = managing::wanda(&at).await;
    let manager = managing::pair(&at, WANDA).await.text("access_token");
    let browser = at.signed_in(WANDA).await;
    let mut known: BTreeMap<String, String> = [
        ("challenge", challenge(VERIFIER)),
        ("verifier", VERIFIER.to_owned()),
        ("basic", basic(X1, &secret_of(X1))),
        ("instance", uuid(of.id.as_str())),
        ("instance_secret", of.secret.clone()),
        ("x1_secret", secret_of(X1)),
        ("sink", sink.url("")),
        ("user", uuid(&user)),
        ("manager", manager),
        ("key", key_of(&admin, &of, &user).await),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let steps = play_with(&at, &browser, Some(&sink), include_str!("mittwald.txt"), &mut known).await;
    assert_eq!(steps, 84);
    for name in ["installed", "secret_id", "execution"] {
        assert_eq!(known[name].split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{name}");
    }
}
