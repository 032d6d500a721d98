//! `request` and `request_uri` (OpenID Connect Core, section 6) are not supported, and said to be.

use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, _: &mut Draft<'a>) -> Result<(), Refusal> {
    if params.get("request").is_some() {
        return Err(Reason::RequestObject.into());
    }
    if params.get("request_uri").is_some() {
        return Err(Reason::RequestUri.into());
    }
    Ok(())
}
