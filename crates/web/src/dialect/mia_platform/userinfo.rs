//! Who the person of an access token is, in their names.

use doorward_core::Reason;
use doorward_core::token::userinfo;

use super::super::challenge::Challenge;
use super::super::scheme;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET `/api/userinfo`.
pub async fn get(call: &Call<'_>) -> Answer {
    let token = match scheme::token_of(call) {
        Ok(token) => token,
        Err(reason) => return refused(call, reason),
    };
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let needs = userinfo::needs_of_user(&presented);
    match run_plain(call, needs, |facts, ctx| userinfo::decide_user(&presented, facts, ctx)).await {
        Ok(Ok(user)) => render::json(200, &user),
        Ok(Err(refusal)) => refused(call, refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

fn refused(call: &Call<'_>, reason: Reason) -> Answer {
    render::challenged(call, &Challenge { scope: Some("openid"), ..Challenge::of(reason) })
}

/// Its path, whose refusals have a body of their own.
pub const PATH: &str = "/api/userinfo";
