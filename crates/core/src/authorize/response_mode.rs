//! How the answer travels (OAuth 2.0 Multiple Response Types, section 2.1; OAuth 2.0 Form Post Response Mode): a row of the table of
//! modes. A code never travels in a fragment here.

use doorward_wire::params::Params;
use doorward_wire::response_mode::ResponseMode;

use super::Draft;
use crate::{Facts, Reason, Refusal};

/// The modes in which a code may travel; the first is the default.
pub const MODES: [ResponseMode; 2] = [ResponseMode::Query, ResponseMode::FormPost];

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let Some(asked) = params.get("response_mode") else { return Ok(()) };
    let mode =
        ResponseMode::parse(asked).filter(|mode| MODES.contains(mode)).ok_or(Reason::ResponseModeRefused)?;
    if let Some(target) = &mut draft.target {
        target.mode = mode;
    }
    Ok(())
}
