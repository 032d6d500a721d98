//! What whoever bears a token may ask of it, and give up.

use doorward_core::token::{revoke, status};
use serde_json::json;

use super::{answer, bearer, own, uuid};
use crate::app::Call;
use crate::dialect::Own;
use crate::endpoint::discovery;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET `/v2/users/self/sessions/current/status`.
pub const STATUS: Own =
    own("mittwald.session_status", "Whose token it is.", |call| Box::pin(answer(of_token(call))));

/// PUT `/v2/logout`.
pub const LOGOUT: Own =
    own("mittwald.logout", "Give a token up, with all that was issued with it.", |call| {
        Box::pin(answer(logout(call)))
    });

/// GET `/v2/scopes`.
pub const SCOPES: Own =
    own("mittwald.scopes", "The scopes that there are.", |call| Box::pin(async move { scopes(call) }));

async fn of_token(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let token = bearer::presented(call)?;
    match run_plain(call, token.needs(), |facts, ctx| status::decide(&token, facts, ctx)).await {
        Ok(Ok(status)) => Ok(render::json(
            200,
            &json!({
                "userId": uuid::written(status.user.as_str()),
                "tokenId": status.id,
                "isImpersonated": status.is_acted_for,
                // Whoever runs the platform is a person like others here.
                "isEmployee": false,
            }),
        )),
        Ok(Err(refusal)) => Err(bearer::refused(call, refusal.reason)),
        Err(failure) => Err(Box::new(render::failed(call, &failure))),
    }
}

async fn logout(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let token = bearer::presented(call)?;
    match run_plain(call, token.needs(), |facts, ctx| revoke::by_bearer(&token, facts, ctx)).await {
        Ok(Ok(())) => Ok(render::nothing(204)),
        Ok(Err(refusal)) => Err(bearer::refused(call, refusal.reason)),
        Err(failure) => Err(Box::new(render::failed(call, &failure))),
    }
}

fn scopes(call: &Call<'_>) -> Answer {
    let names = discovery::scopes(call).into_iter().map(|name| json!({ "name": name }));
    render::json(200, &names.collect::<Vec<_>>())
}
