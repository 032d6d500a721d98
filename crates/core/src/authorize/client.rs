//! Who asks (RFC 6749, section 4.1.1): a client of this issuer that is not switched off.

use doorward_wire::params::Params;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if params.get("client_id").is_none() {
        return Err(Refusal::new(Reason::AuthorizeClientUnknown, "client_id is missing"));
    }
    let client = &facts.client.as_ref().ok_or(Reason::AuthorizeClientUnknown)?.client;
    if !facts.may_use_issuer(client) {
        return Err(Reason::AuthorizeClientUnknown.into());
    }
    if client.disabled_at.is_some() || facts.tenant.disabled_at.is_some() {
        return Err(Reason::AuthorizeClientDisabled.into());
    }
    draft.client = Some(client);
    Ok(())
}

/// The client is registered for what is asked (section 4.1.2.1, `unauthorized_client`).
pub(super) fn may_use<'a>(_: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    match (draft.client, draft.response) {
        (Some(client), Some(row)) if client.may_use(row.grant_type) => Ok(()),
        _ => Err(Reason::AuthorizeGrantType.into()),
    }
}
