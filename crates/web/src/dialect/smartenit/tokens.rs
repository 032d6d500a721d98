//! The token endpoint, with what theirs does otherwise: a refresh brings the old access token along and names no client, and a password is
//! answered with the person beside the tokens.

use doorward_core::client_auth::Credentials;
use doorward_core::token::account;
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;
use serde_json::{Value, json};

use super::super::{Own, codec};
use super::{codec as ours, me};
use crate::app::Call;
use crate::endpoint::credentials::credentials;
use crate::endpoint::token;
use crate::render::{self, Answer};
use crate::run::run_plain;
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
    let is_password = params.get("grant_type") == Some("password");
    match token::issue(call, shown(call, &params), params).await {
        Ok(issued) if is_password => with_person(call, issued).await,
        Ok(issued) => render::json_bytes(200, codec::json(&issued)),
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
async fn with_person(call: &Call<'_>, issued: TokenResponse) -> Answer {
    let token = issued.access_token.as_deref().unwrap_or_default();
    let presented = call.app.tokens.read(token, &call.issuer, &call.tenant.keys.ring);
    let decided =
        run_plain(call, account::needs(&presented), |facts, ctx| account::decide(&presented, facts, ctx));
    match decided.await {
        Ok(Ok(account)) => {
            let mut body = serde_json::to_value(&issued).unwrap_or(Value::Null);
            body["data"] = json!({ "user": me::user(&account), "account": me::context(&account) });
            render::json(200, &body)
        }
        Ok(Err(refusal)) => render::refused(call, &refusal),
        Err(failure) => render::failed(call, &failure),
    }
}
