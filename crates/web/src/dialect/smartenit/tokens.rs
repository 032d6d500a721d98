//! The token endpoint, with what theirs does otherwise: a refresh brings the old access token along and names no client, and a password is
//! answered with the person beside the tokens.

use doorward_core::client_auth::Credentials;
use doorward_core::token::account::Account;
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;
use serde_json::{Value, json};

use super::super::{Own, codec};
use super::{codec as ours, me};
use crate::app::Call;
use crate::endpoint::credentials::credentials;
use crate::endpoint::token;
use crate::render::{self, Answer};
use crate::traffic::Class;

/// The endpoint.
pub const ISSUE: Own = Own {
    name: "smartenit.token",
    class: Class::Protocol,
    about: "Tokens for a code, a password, a client's own credentials or a refresh token.",
    answer: |call| Box::pin(post(call)),
};

async fn post(call: &Call<'_>) -> Answer {
    let params = match (ours::CODEC.token_form)(call) {
        Ok(params) => params,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    match token::issue_and_tell(call, shown(call, &params), params).await {
        Ok((issued, Some(account))) => with_person(&issued, &account),
        Ok((issued, None)) => render::json_bytes(200, codec::json(&issued)),
        Err(refused) => *refused,
    }
}

/// What shows the client. The old access token, which may be expired, proves nothing beside a refresh token.
fn shown(call: &Call<'_>, params: &Params) -> Credentials {
    let shown = credentials(call, params);
    let is_refresh = params.get("grant_type") == Some("refresh_token");
    Credentials { client_token: shown.client_token.filter(|_| !is_refresh), ..shown }
}

/// The tokens, and whose they are.
fn with_person(issued: &TokenResponse, account: &Account) -> Answer {
    let mut body = serde_json::to_value(issued).unwrap_or(Value::Null);
    body["data"] = json!({ "user": me::user(account), "account": me::context(account) });
    render::json(200, &body)
}
