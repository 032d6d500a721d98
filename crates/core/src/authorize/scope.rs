//! What is asked (RFC 6749, section 3.3): nothing that the client may not have; its default when it asks for nothing.

use doorward_wire::params::Params;

use super::{Draft, installed};
use crate::grant::lifetime;
use crate::permission::{Limits, asked_scopes, effective};
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let client = draft.client.ok_or(Reason::AuthorizeClientUnknown)?;
    let asked = match params.get("scope") {
        // What was consented to where it is installed is known once the person is.
        None if installed::is_demanded(params) => client.scopes.clone(),
        said => asked_scopes(said, client, facts)?,
    };
    let effective = effective(&asked, &Limits::of(client, &facts.apis));
    let is_asked = params.get("scope").is_some() || !installed::is_demanded(params);
    if is_asked && !effective.fell.is_empty() {
        return Err(Reason::ScopeNotAllowed.into());
    }
    if effective.scopes.is_empty() {
        return Err(Reason::ScopeEmpty.into());
    }
    // A client that never refreshes has no use for it (OpenID Connect Core, section 11: it is ignored).
    let gives_code = draft.response.is_none_or(|row| row.code);
    let keeps_offline = lifetime::refreshes(client) && facts.policies.hears_offline && gives_code;
    draft.scopes = if keeps_offline { effective.scopes } else { effective.scopes.without("offline_access") };
    Ok(())
}
