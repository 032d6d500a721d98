//! `client_token`: a live access token that the client got for itself, sent as `Bearer` (RFC 6749, section 2.3.2). It says no more than that the
//! client showed who it is a while ago, so it does for a person's password only, and where the wire contract has it: Smartenit's clients
//! "authenticate first using the client credentials".

use super::{Credentials, Method};
use crate::facts::ClientFacts;
use crate::grant::password;
use crate::id::ClientId;
use crate::token::read::Presented;
use crate::{Ctx, Facts, Reason};

/// The row.
pub const METHOD: Method = Method {
    name: "client_token",
    only_for: Some(password::GRANT.name),
    is_used: |credentials| credentials.client_token.is_some() && !shows_itself_otherwise(credentials),
    client_id: said_client,
    needs: |credentials, _, needs| {
        let Some(token) = &credentials.client_token else { return };
        let of_token = token.needs();
        (needs.ticket, needs.mark) = (of_token.ticket, of_token.mark);
    },
    verify: |credentials, found, facts, ctx| fits(credentials, found, facts, ctx).map(|()| Vec::new()),
};

/// Whether the client is shown by something else: then the token is one that its program sends with every request, and shows nobody.
fn shows_itself_otherwise(credentials: &Credentials) -> bool {
    credentials.basic.is_some() || credentials.client_secret.is_some() || credentials.assertion.is_some()
}

/// The client that is named; else the one that the token names, where that can be read of it.
fn said_client(credentials: &Credentials) -> Result<ClientId, Reason> {
    let named = credentials.client_id.as_deref();
    let of_token = || match &credentials.client_token {
        Some(Presented::Jwt(claims)) => Some(claims.client_id.as_str()),
        _ => None,
    };
    named.or_else(of_token).map(Into::into).ok_or(Reason::ClientAnonymous)
}

/// Whether it lives, is of this issuer, and is the client's own: of no person, and of no installation.
fn fits(credentials: &Credentials, found: &ClientFacts, facts: &Facts, ctx: &Ctx<'_>) -> Result<(), Reason> {
    let token = credentials.client_token.as_ref().ok_or(Reason::ClientTokenWrong)?;
    let live = token.access(facts, ctx.now).map_err(|_| Reason::ClientTokenWrong)?;
    let claims = &live.claims;
    let is_own = live.grant.is_none() && claims.installed.installation.is_none();
    let fits = is_own && claims.client_id == found.client.id.as_str() && claims.iss == facts.issuer.url;
    if fits { Ok(()) } else { Err(Reason::ClientTokenWrong) }
}
