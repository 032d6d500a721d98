//! `max_age` (OpenID Connect Core, section 3.1.2.1): how many seconds ago the person may have signed in.

use doorward_wire::max_age;
use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if let Some(text) = params.get("max_age") {
        draft.max_age_s = Some(max_age::parse(text).map_err(|_| Reason::MaxAgeMalformed)?);
    }
    Ok(())
}
