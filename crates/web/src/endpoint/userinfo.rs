//! The userinfo endpoint (OpenID Connect Core, section 5.3). The token comes in the Authorization header, or in the body of a POST;
//! never in the query, which others log (RFC 6750, section 2; RFC 9700, section 4.3.2).

use doorward_core::Reason;
use doorward_core::token::userinfo;

use crate::app::Call;
use crate::dialect::challenge::Challenge;
use crate::dialect::scheme;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET and POST.
pub async fn get_or_post(call: &Call<'_>) -> Answer {
    let token = match scheme::token_of(call) {
        Ok(token) => token,
        Err(reason) => return refused(call, reason),
    };
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let needs = userinfo::needs(&presented);
    match run_plain(call, needs, |facts, ctx| userinfo::decide(&presented, facts, ctx)).await {
        Ok(Ok(claims)) => render::json(200, &claims),
        Ok(Err(refusal)) => refused(call, refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

fn refused(call: &Call<'_>, reason: Reason) -> Answer {
    render::challenged(call, &Challenge { scope: Some("openid"), ..Challenge::of(reason) })
}
