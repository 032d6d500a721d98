//! Where the answer may go (RFC 6749, section 3.1.2; RFC 8252, section 7.3): a registered URI, byte for byte. Until this check
//! has passed, nothing is sent anywhere.

use doorward_wire::params::Params;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::response_mode::ResponseMode;

use super::{Draft, Target};
use crate::model::{Client, Legacy};
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let client = draft.client.ok_or(Reason::AuthorizeClientUnknown)?;
    let (registered, presented, is_implied) = match params.get("redirect_uri") {
        Some(presented) => {
            let is_it = |registered: &&RedirectUri| match facts.policies.any_loopback_port {
                true => registered.matches(presented),
                false => registered.matches_exactly(presented),
            };
            let exact = client.redirect_uris.iter().find(is_it).cloned();
            let registered = exact.or_else(|| below(presented, client, facts));
            (registered.ok_or(Reason::RedirectUnregistered)?, presented.to_owned(), false)
        }
        // OpenID Connect always names it (section 3.1.2.1); plain OAuth may leave it out where there is only one.
        None => match client.redirect_uris.as_slice() {
            [only] if !asks_openid(params) => (only.clone(), only.as_str().to_owned(), true),
            _ => return Err(Reason::RedirectMissing.into()),
        },
    };
    draft.target = Some(Target {
        client_name: client.name.clone(),
        registered,
        presented,
        is_implied,
        mode: ResponseMode::Query,
        // Whatever fails from here on is told to the client with its own state.
        state: params
            .get("state")
            .filter(|state| state.len() <= doorward_wire::limits::STATE_BYTES)
            .map(str::to_owned),
    });
    Ok(())
}

/// An address below one that is registered, where the wire contract and the client have it so. It must be one that could be registered.
fn below(presented: &str, client: &Client, facts: &Facts) -> Option<RedirectUri> {
    let is_allowed = facts.policies.prefix_redirects && client.legacy.contains(&Legacy::PrefixRedirects);
    let presented = RedirectUri::parse(presented).ok().filter(|_| is_allowed)?;
    client.redirect_uris.iter().any(|registered| registered.is_above(&presented)).then_some(presented)
}

fn asks_openid(params: &Params) -> bool {
    params.get("scope").is_some_and(|scope| scope.split(' ').any(|word| word == "openid"))
}
