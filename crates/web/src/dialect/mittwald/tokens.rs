//! The endpoints that answer with tokens: each is one request to the token endpoint, in their names.

use doorward_core::Timestamp;
use doorward_core::client_auth::Credentials;
use doorward_core::desired::date;
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;
use serde_json::json;

use super::member::{Body, wrong};
use super::{answer, uuid};
use crate::app::Call;
use crate::endpoint::token::issue;
use crate::render::{self, Answer};

/// POST `/v2/authenticate-token-retrieval-key`.
pub async fn of_retrieval_key(call: &Call<'_>) -> Answer {
    answer(async {
        let body = Body::of(call)?;
        let (user, key) = (body.text(call, "userId")?, body.text(call, "accessTokenRetrievalKey")?);
        if key.len() != KEY_CHARACTERS {
            return Err(wrong(call, "accessTokenRetrievalKey", "length", "must have 37 characters"));
        }
        let user = uuid::user(user);
        let form = [("retrieval_key", key), ("user_id", &*user)];
        let issued = issue(call, Credentials::default(), form_of("urn:doorward:grant:retrieval-key", &form));
        Ok(render::json(200, &pair(issued.await?)))
    })
    .await
}

/// PUT `/v2/users/self/sessions`. What the token in the header says is in the refresh token already.
pub async fn of_refresh(call: &Call<'_>) -> Answer {
    answer(async {
        let body = Body::of(call)?;
        let form = [("refresh_token", body.text(call, "refreshToken")?)];
        let issued = issue(call, Credentials::default(), form_of("refresh_token", &form));
        Ok(render::json(200, &pair(issued.await?)))
    })
    .await
}

/// POST `/v2/extension-instances/{id}/tokens`.
pub async fn of_instance(call: &Call<'_>) -> Answer {
    answer(async {
        let instance = uuid::installation(call.segment(0));
        let body = Body::of(call)?;
        let secret = body.text(call, "extensionInstanceSecret")?;
        let credentials = Credentials {
            basic: Some(Ok((instance.into_owned(), secret.to_owned()))),
            ..Credentials::default()
        };
        let label = body.optional_text(call, "actorLabel")?;
        let form: Vec<_> = label.into_iter().map(|label| ("actor_label", label)).collect();
        let issued = issue(call, credentials, form_of("client_credentials", &form));
        Ok(render::json(201, &public(issued.await?)))
    })
    .await
}

/// POST `/v2/authenticate-session-token`.
pub async fn of_session_token(call: &Call<'_>) -> Answer {
    answer(async {
        let body = Body::of(call)?;
        let token = body.text(call, "sessionToken")?;
        let secret = body.text(call, "extensionSecret")?;
        let form = [("subject_token", token), ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")];
        let form = form_of("urn:ietf:params:oauth:grant-type:token-exchange", &form);
        let extension = extension_of(token).unwrap_or_default();
        let credentials =
            Credentials { basic: Some(Ok((extension, secret.to_owned()))), ..Credentials::default() };
        let issued = issue(call, credentials, form);
        Ok(render::json(201, &public(issued.await?)))
    })
    .await
}

/// The extension that a session token says to be of; whether it is, is verified with the token.
fn extension_of(token: &str) -> Option<String> {
    let payload = doorward_crypto::base64url::decode(token.split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("extensionId")?.as_str()?.to_owned())
}

fn form_of(grant_type: &str, form: &[(&str, &str)]) -> Params {
    let pairs = [("grant_type", grant_type)].into_iter().chain(form.iter().copied());
    Params::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn pair(issued: TokenResponse) -> serde_json::Value {
    let expires_at = expires_at(&issued);
    json!({ "token": issued.access_token, "refreshToken": issued.refresh_token, "expiresAt": expires_at })
}

fn public(issued: TokenResponse) -> serde_json::Value {
    let expiry = expires_at(&issued);
    json!({ "publicToken": issued.access_token, "expiry": expiry })
}

/// The time that the token says, too.
fn expires_at(issued: &TokenResponse) -> String {
    date::write(Timestamp(0).plus_s(issued.expires_at))
}

const KEY_CHARACTERS: usize = 37;
