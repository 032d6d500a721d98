//! How the answer travels (OAuth 2.0 Multiple Response Types, section 2.1; OAuth 2.0 Form Post Response Mode): in one of the modes of its
//! response type.

use doorward_wire::params::Params;
use doorward_wire::response_mode::ResponseMode;

use super::Draft;
use super::response_type::Row;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let modes = Row::modes_of(params, facts.policies);
    let Some(target) = &mut draft.target else { return Ok(()) };
    target.mode = modes.first().copied().unwrap_or(ResponseMode::Query);
    let Some(asked) = params.get("response_mode") else { return Ok(()) };
    target.mode =
        ResponseMode::parse(asked).filter(|mode| modes.contains(mode)).ok_or(Reason::ResponseModeRefused)?;
    Ok(())
}
