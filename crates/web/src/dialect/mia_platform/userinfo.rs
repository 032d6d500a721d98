//! Who the person of an access token is, in their names.

use doorward_core::Reason;
use doorward_core::token::user_claim::UserClaim;
use doorward_core::token::userinfo;
use serde_json::json;

use super::super::challenge::Challenge;
use super::super::scheme;
use super::providers::LOCAL;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET `/api/userinfo`.
pub async fn get(call: &Call<'_>) -> Answer {
    match user(call).await {
        Ok(user) => render::json(200, &user),
        Err(refused) => *refused,
    }
}

/// GET `/tokeninfo`: the provider that they signed in at is our own page, which has no token of theirs.
pub async fn with_provider(call: &Call<'_>) -> Answer {
    let user = match user(call).await {
        Ok(user) => user,
        Err(refused) => return *refused,
    };
    let provider = json!({ "id": LOCAL, "baseUrl": call.issuer.url, "userId": user.user_id });
    let mut told = serde_json::to_value(&user).unwrap_or_default();
    told["provider"] = provider;
    render::json(200, &told)
}

/// The person, as far as the token lets them be told.
async fn user(call: &Call<'_>) -> Result<UserClaim, Box<Answer>> {
    let token = scheme::token_of(call).map_err(|reason| refused(call, reason))?;
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let needs = userinfo::needs_of_user(&presented);
    match run_plain(call, needs, |facts, ctx| userinfo::decide_user(&presented, facts, ctx)).await {
        Ok(Ok(user)) => Ok(user),
        Ok(Err(refusal)) => Err(refused(call, refusal.reason)),
        Err(failure) => Err(Box::new(render::failed(call, &failure))),
    }
}

fn refused(call: &Call<'_>, reason: Reason) -> Box<Answer> {
    Box::new(render::challenged(call, &Challenge { scope: Some("openid"), ..Challenge::of(reason) }))
}

/// Its path, whose refusals have a body of their own.
pub const PATH: &str = "/api/userinfo";
