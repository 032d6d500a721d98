//! `response_type` (RFC 6749, section 3.1.1): `code`.

use doorward_wire::params::Params;
use doorward_wire::response_type::ResponseType;

use super::Draft;
use crate::{Facts, Reason, Refusal};

/// The response types.
pub const RESPONSE_TYPES: [ResponseType; 1] = [ResponseType::Code];

pub(super) fn check<'a>(params: &Params, _: &'a Facts, _: &mut Draft<'a>) -> Result<(), Refusal> {
    let asked = params.get("response_type").ok_or(Reason::ResponseTypeMissing)?;
    match ResponseType::parse(asked) {
        Ok(known) if RESPONSE_TYPES.contains(&known) => Ok(()),
        _ => Err(Reason::ResponseTypeUnknown.into()),
    }
}
