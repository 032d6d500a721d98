//! The person of an access token, in their names.

use doorward_core::token::account::{self, Account};
use serde_json::{Map, Value, json};

use super::super::challenge::Challenge;
use super::super::scheme;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET `/v2/users/me`.
pub async fn get(call: &Call<'_>) -> Answer {
    let refused =
        |reason| render::challenged(call, &Challenge { scope: Some("openid"), ..Challenge::of(reason) });
    let token = match scheme::token_of(call) {
        Ok(token) => token,
        Err(reason) => return refused(reason),
    };
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let decided = run_plain(call, account::needs(&presented), |facts, ctx| {
        account::decide_borne(&presented, facts, ctx)
    });
    match decided.await {
        Ok(Ok(account)) => render::json(200, &json!({ "data": user(&account) })),
        Ok(Err(refusal)) => refused(refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

/// The person.
pub fn user(account: &Account) -> Value {
    let profile: Map<String, Value> =
        account.profile.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({ "_id": account.user, "username": account.user_name, "profile": profile })
}

/// The topmost context that they belong to; null where they belong to none.
pub fn context(account: &Account) -> Value {
    match &account.context {
        Some((id, name)) => json!({ "_id": id, "name": name }),
        None => Value::Null,
    }
}
