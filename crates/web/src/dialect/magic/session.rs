//! Whether an ID token lives, and its end. What their endpoints take and answer is told nowhere; this contract is ours.

use doorward_core::token::read::Presented;
use doorward_core::token::revoke;
use doorward_core::{Decision, Reason};
use serde_json::json;

use super::super::challenge::Challenge;
use super::super::scheme;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET or POST `/api/validate`: whose it is, for whom and until when; 401 for any other.
pub async fn validate(call: &Call<'_>) -> Answer {
    let presented = match presented(call) {
        Ok(presented) => presented,
        Err(reason) => return refused(call, reason),
    };
    let decided = run_plain(call, presented.needs(), |facts, ctx| match presented.borne(facts, ctx.now) {
        Ok(live) => Decision::answer(json!({
            "sub": live.claims.sub, "aud": live.claims.client_id, "exp": live.claims.exp,
        })),
        Err(reason) => Decision::refuse(reason),
    });
    match decided.await {
        Ok(Ok(body)) => render::json(200, &body),
        Ok(Err(refusal)) => refused(call, refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

/// POST `/api/signout`: 204, and none of its tokens lives.
pub async fn sign_out(call: &Call<'_>) -> Answer {
    let presented = match presented(call) {
        Ok(presented) => presented,
        Err(reason) => return refused(call, reason),
    };
    let decided = run_plain(call, presented.needs(), |facts, ctx| revoke::sign_out(&presented, facts, ctx));
    match decided.await {
        Ok(Ok(())) => render::nothing(204),
        Ok(Err(refusal)) => refused(call, refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

fn presented(call: &Call<'_>) -> Result<Presented, Reason> {
    Ok(call.borne(&scheme::token_of(call)?))
}

fn refused(call: &Call<'_>, reason: Reason) -> Answer {
    render::challenged(call, &Challenge::of(reason))
}
