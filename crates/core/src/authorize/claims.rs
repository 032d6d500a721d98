//! `claims` (OpenID Connect Core, section 5.5): which claims are asked for one by one. Two of them are demands on the sign-in itself:
//! an essential `acr` (section 5.5.1.1) and a `sub` with a value (section 5.5.1).

use doorward_wire::claims::{ClaimsRequest, scope_of};
use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::{Draft, acr};
use crate::token::issue::permitted;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let Some(text) = params.get("claims") else { return Ok(()) };
    let client = draft.client.ok_or(Reason::AuthorizeClientUnknown)?;
    let mut request = ClaimsRequest::parse(text).map_err(|_| Reason::ClaimsMalformed)?;
    if let Some(claim) = request.id_token.get("acr") {
        acr::claimed(claim, draft)?;
    }
    let named = [&request.id_token, &request.userinfo]
        .into_iter()
        .filter_map(|claims| claims.get("sub")?.value.as_ref());
    for value in named {
        let sub = value.as_str().ok_or(Reason::ClaimsMalformed)?;
        if draft.hinted.as_deref().is_some_and(|other| other != sub) {
            return Err(Reason::ClaimsMalformed.into());
        }
        draft.hinted = Some(sub.to_owned());
    }
    // The person is asked about the scopes that stand for the claims that are left.
    permitted(&mut request, client);
    draft.claimed = scopes_of(&request)?;
    draft.claims = (!request.is_empty())
        .then(|| serde_json::to_string(&request))
        .transpose()
        .map_err(|_| Reason::ClaimsMalformed)?;
    Ok(())
}

/// The scopes that stand for the claims that are asked for.
fn scopes_of(request: &ClaimsRequest) -> Result<Scopes, Reason> {
    let claims = request.userinfo.keys().chain(request.id_token.keys());
    Scopes::from_words(claims.filter_map(|claim| scope_of(claim))).map_err(|_| Reason::ClaimsMalformed)
}
