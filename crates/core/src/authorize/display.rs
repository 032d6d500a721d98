//! `display` (OpenID Connect Core, section 3.1.2.1): checked; our pages fit every size, so that it changes nothing.

use doorward_wire::display::Display;
use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, _: &mut Draft<'a>) -> Result<(), Refusal> {
    match params.get("display") {
        Some(display) if Display::parse(display).is_none() => Err(Reason::DisplayMalformed.into()),
        _ => Ok(()),
    }
}
