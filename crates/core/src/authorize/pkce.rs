//! PKCE (RFC 7636; RFC 9700, section 2.1.1): S256 only; always for public clients, and for others as registered.

use doorward_wire::params::Params;
use doorward_wire::pkce::CodeChallenge;

use super::{Draft, installed};
use crate::model::{Client, Legacy};
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    // There is no code that could be stolen.
    if draft.response.is_some_and(|row| !row.code) {
        return Ok(());
    }
    let has_state = params.get("state").is_some();
    // The sign-in into an extension is begun by a link; its client proves itself, and `state` is required.
    let is_link = installed::is_demanded(params) && has_state;
    // An older client binds its code by nothing but `state`, where the wire contract has that.
    let is_bound = |client: &Client| {
        facts.policies.binds_state && has_state && client.legacy.contains(&Legacy::UnauthenticatedCode)
    };
    let is_required = draft
        .client
        .is_none_or(|client| !is_bound(client) && (client.is_public() || (client.require_pkce && !is_link)));
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) if is_required => Err(Reason::PkceMissing.into()),
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Reason::PkceMissing.into()),
        (Some(challenge), method) => {
            draft.challenge =
                Some(CodeChallenge::parse(challenge, method).map_err(|_| Reason::PkceMalformed)?);
            Ok(())
        }
    }
}
