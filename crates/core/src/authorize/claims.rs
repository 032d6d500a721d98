//! `claims` (OpenID Connect Core, section 5.5): which claims are asked for one by one. Two of them are demands on the sign-in itself:
//! an essential `acr` (section 5.5.1.1) and a `sub` with a value (section 5.5.1).

use doorward_wire::claims::ClaimsRequest;
use doorward_wire::params::Params;

use super::Draft;
use crate::login::conclude::ACR_PASSWORD;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let Some(text) = params.get("claims") else { return Ok(()) };
    let request = ClaimsRequest::parse(text).map_err(|_| Reason::ClaimsMalformed)?;
    if let Some(acr) = request.id_token.get("acr")
        && acr.essential
        && !acr.accepts(&ACR_PASSWORD.into())
    {
        return Err(Reason::AcrUnmet.into());
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
    draft.claims = Some(text.to_owned());
    Ok(())
}
