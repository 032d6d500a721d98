//! `id_token_hint` (OpenID Connect Core, section 3.1.2.1): an ID token of ours, however old, names the person who is meant.

use doorward_crypto::jose::verify::Unverified;
use doorward_wire::params::Params;

use super::Draft;
use crate::token::claims::IdClaims;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if let Some(hint) = params.get("id_token_hint") {
        let sub = read(hint, facts).ok_or(Reason::HintMalformed)?.sub;
        if draft.hinted.as_deref().is_some_and(|other| other != sub) {
            return Err(Reason::HintMalformed.into());
        }
        draft.hinted = Some(sub);
    }
    Ok(())
}

/// The claims of an ID token that this issuer signed. Its age does not matter for a hint.
pub fn read(hint: &str, facts: &Facts) -> Option<IdClaims> {
    let unverified = Unverified::parse(hint).ok()?;
    if unverified.header().typ() != Some("JWT") {
        return None;
    }
    let kid = unverified.header().kid()?;
    let key = facts.keys.verifying.get(kid).or_else(|| facts.keys.retired.get(kid))?;
    let claims: IdClaims = serde_json::from_slice(&unverified.verify(key).ok()?).ok()?;
    (claims.iss == facts.issuer.url).then_some(claims)
}
