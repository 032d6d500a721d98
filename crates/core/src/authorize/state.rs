//! `state` and `nonce`: returned byte for byte, and therefore bounded.

use doorward_wire::limits::{NONCE_BYTES, STATE_BYTES};
use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if params.get("state").is_some_and(|state| state.len() > STATE_BYTES) {
        return Err(Reason::StateMalformed.into());
    }
    let nonce = params.get("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > NONCE_BYTES) {
        return Err(Reason::NonceMalformed.into());
    }
    draft.nonce = nonce.map(str::to_owned);
    Ok(())
}
