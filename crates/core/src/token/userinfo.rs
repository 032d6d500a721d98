//! Userinfo (OpenID Connect Core, section 5.3): what the access token's scopes let its bearer know of the person.

use serde_json::{Map, Value};

use doorward_wire::scope::Scopes;

use super::claims::of_userinfo;
use super::issue::claims_request;
use super::read::Presented;
use super::user_claim::UserClaim;
use crate::facts::GrantFacts;
use crate::model::User;
use crate::{Ctx, Decision, Facts, Needs, Reason};

/// What must be loaded: what the token hangs on, and the client that its row names, for what it may have now.
pub fn needs(token: &Presented) -> Needs {
    Needs { client_of_row: true, ..token.needs() }
}

/// Decide what userinfo answers for a presented access token.
pub fn decide(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Decision<Map<String, Value>> {
    match claims(token, facts, ctx) {
        Ok(claims) => Decision::answer(claims),
        Err(reason) => Decision::refuse(reason),
    }
}

/// The same, for an answer that is the person in one object.
pub fn needs_of_user(token: &Presented) -> Needs {
    Needs { roles_of_grant: true, ..needs(token) }
}

/// Decide who the person of a presented access token is.
pub fn decide_user(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Decision<UserClaim> {
    match person(token, facts, ctx) {
        Ok((user, of, scopes)) => Decision::answer(UserClaim::of(user, of, &scopes, facts)),
        Err(reason) => Decision::refuse(reason),
    }
}

fn claims(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Result<Map<String, Value>, Reason> {
    let (user, of, scopes) = person(token, facts, ctx)?;
    let client = facts.client.as_ref().map(|found| &found.client);
    Ok(of_userinfo(user, &scopes, claims_request(&of.grant, client).as_ref()))
}

/// The person of a live access token that may ask here, its grant, and its scopes.
fn person<'a>(
    token: &Presented,
    facts: &'a Facts,
    ctx: &Ctx<'_>,
) -> Result<(&'a User, &'a GrantFacts, Scopes), Reason> {
    let live = token.borne(facts, ctx.now)?;
    let scopes = Scopes::parse(&live.claims.scope).map_err(|_| Reason::TokenScope)?;
    if !scopes.contains("openid") {
        return Err(Reason::TokenScope);
    }
    if !live.claims.aud.contains(&facts.issuer.url) {
        return Err(Reason::TokenAudience);
    }
    let of = live.grant.ok_or(Reason::TokenScope)?;
    let user = of.user.as_ref().ok_or(Reason::TokenRevoked)?;
    Ok((user, of, scopes))
}
