//! What the bearer of an access token may know of it, where a wire contract lets them ask: whose it is, and what it is called.

use super::read::Presented;
use crate::id::UserId;
use crate::{Ctx, Decision, Facts, Reason};

/// What a token is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Whose.
    pub user: UserId,
    /// Its `jti`.
    pub id: String,
    /// Whether somebody else acts by it in the person's place.
    pub is_acted_for: bool,
}

/// Decide what is told of it. A token that is no person's is told of to nobody.
pub fn decide(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Decision<Status> {
    match status(token, facts, ctx) {
        Ok(status) => Decision::answer(status),
        Err(reason) => Decision::refuse(reason),
    }
}

fn status(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Result<Status, Reason> {
    let live = token.borne(facts, ctx.now)?;
    let grant = &live.grant.ok_or(Reason::TokenScope)?.grant;
    let id = live.claims.jti.clone();
    Ok(Status { user: grant.user.clone(), id, is_acted_for: grant.actor.is_some() })
}
