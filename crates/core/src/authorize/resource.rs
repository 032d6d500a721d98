//! `resource` (RFC 8707, section 2): APIs that the client may use, refused before anybody signs in.

use doorward_wire::params::Params;

use super::Draft;
use crate::permission::audience::named;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let client = draft.client.ok_or(Reason::AuthorizeClientUnknown)?;
    draft.resources = named(params.all("resource"), client, &facts.apis)?;
    Ok(())
}
