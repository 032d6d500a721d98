//! The token of whoever manages something, and what is told of one that does not do.

use doorward_core::Reason;
use doorward_core::token::read::Presented;

use crate::app::Call;
use crate::dialect::challenge::Challenge;
use crate::dialect::scheme;
use crate::render::{self, Answer};

/// The token of a request, read as far as it can be without the database.
pub fn presented(call: &Call<'_>) -> Result<Presented, Box<Answer>> {
    let token = scheme::token_of(call).map_err(|reason| refused(call, reason))?;
    Ok(call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring))
}

/// It does not do here.
pub fn refused(call: &Call<'_>, reason: Reason) -> Box<Answer> {
    Box::new(render::challenged(call, &Challenge::of(reason)))
}
