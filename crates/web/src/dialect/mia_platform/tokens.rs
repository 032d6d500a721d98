//! The endpoints that answer with tokens: each is one request to the token endpoint, in their names.

use doorward_core::client_auth::private_key_jwt::ASSERTION_TYPE;
use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;
use http::StatusCode;
use http::header::{self, HeaderValue};
use serde_json::json;

use super::super::{body, codec};
use crate::app::Call;
use crate::endpoint::credentials::{credentials, form};
use crate::endpoint::token::issue;
use crate::render::{self, Answer};

/// POST `/api/oauth/token`.
pub async fn of_code(call: &Call<'_>) -> Answer {
    let sent = match body::form_or_json(call, &OWN) {
        Ok(sent) => sent,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    let redirect = sent.get("redirect").and_then(|redirect| HeaderValue::from_str(redirect).ok());
    let mut answer = pair(call, sent, "authorization_code", &["code", "state"]).await;
    // With another than one that is registered nothing was issued.
    if let Some(redirect) = redirect.filter(|_| answer.status() == StatusCode::OK) {
        answer.headers_mut().insert(header::LOCATION, redirect);
    }
    answer
}

/// POST `/api/refreshtoken`: JSON names the token otherwise than a form does.
pub async fn of_refresh(call: &Call<'_>) -> Answer {
    let sent = match body::form_or_json(call, &OWN) {
        Ok(sent) => sent,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    let renamed = sent.iter().map(|(name, value)| match name {
        "refreshToken" => ("refresh_token".to_owned(), value.to_owned()),
        name => (name.to_owned(), value.to_owned()),
    });
    pair(call, Params::from_pairs(renamed.collect()), "refresh_token", &["refresh_token"]).await
}

/// POST `/api/m2m/oauth/token`.
pub async fn of_machine(call: &Call<'_>) -> Answer {
    let form = match form(call) {
        Ok(form) => form,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    if form.get("grant_type") != Some("client_credentials") {
        return render::refused(call, &Reason::GrantTypeUnknown.into());
    }
    let asserts = ["client_assertion", "client_assertion_type"].iter().any(|name| form.contains(name))
        || form.get("token_endpoint_auth_method") == Some("private_key_jwt");
    let lacking = [
        ("client_assertion", form.contains("client_assertion")),
        ("client_assertion_type", form.get("client_assertion_type") == Some(ASSERTION_TYPE)),
        ("client_id", form.contains("client_id")),
        (
            "token_endpoint_auth_method",
            form.get("token_endpoint_auth_method").is_none_or(|method| method == "private_key_jwt"),
        ),
    ];
    if let Some((name, _)) = lacking.into_iter().find(|(_, is_there)| asserts && !is_there) {
        let what = format!("{name} is missing or unknown");
        return render::refused(call, &Refusal::new(Reason::AssertionType, what));
    }
    match issue(call, credentials(call, &form), form).await {
        Ok(issued) => render::json_bytes(200, codec::json(&issued)),
        Err(refused) => *refused,
    }
}

/// What is issued for a grant of that type, which they do not name, or name as everybody does.
async fn pair(call: &Call<'_>, sent: Params, grant_type: &str, needed: &[&str]) -> Answer {
    // Where no client is named there is nobody to authenticate first.
    if needed.iter().any(|name| !sent.contains(name)) {
        return render::refused(call, &Reason::ParameterMissing.into());
    }
    if sent.get("grant_type").is_some_and(|named| named != grant_type) {
        return render::refused(call, &Reason::GrantTypeUnknown.into());
    }
    let named =
        [("grant_type", grant_type)].into_iter().chain(sent.iter().filter(|(name, _)| *name != "grant_type"));
    let named = named.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let params = Params::from_pairs(named.collect());
    match issue(call, credentials(call, &params), params).await {
        Ok(issued) => render::json(200, &told(&issued)),
        Err(refused) => *refused,
    }
}

/// The time that the token says, too, by their older name and their newer one.
fn told(issued: &TokenResponse) -> serde_json::Value {
    json!({
        "accessToken": issued.access_token,
        "refreshToken": issued.refresh_token,
        "expireAt": issued.expires_at,
        "expiresAt": issued.expires_at,
    })
}

/// What they call parameters of these endpoints.
const OWN: [&str; 2] = ["redirect", "refreshToken"];
