//! `claims` (OpenID Connect Core, section 5.5): which claims are asked for one by one.

use doorward_wire::claims::ClaimsRequest;
use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let Some(text) = params.get("claims") else { return Ok(()) };
    ClaimsRequest::parse(text).map_err(|_| Reason::ClaimsMalformed)?;
    draft.claims = Some(text.to_owned());
    Ok(())
}
