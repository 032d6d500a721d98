//! An answer must be bound to the request somehow (RFC 9700, section 2.1): by `state`, by `nonce` or by PKCE;
//! but for older clients, which have none of them.

use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let is_bound = draft.challenge.is_some() || params.get("state").is_some() || draft.nonce.is_some();
    if is_bound || facts.policies.unbound_answers { Ok(()) } else { Err(Reason::NoBinding.into()) }
}
