//! The person of an access token with their account: the topmost context that they belong to. Some wire contracts tell it beside a token that
//! came of a password, and to whoever bears one.

use serde_json::Value;

use super::claims::value_of;
use super::read::{Live, Presented};
use crate::id::{ContextId, UserId};
use crate::model::User;
use crate::{Ctx, Decision, Facts, Needs, Reason};
use doorward_wire::scope::Scopes;

/// What is told.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Who.
    pub user: UserId,
    /// The name that they sign in with.
    pub user_name: String,
    /// What the scopes `profile` and `email` let be told besides, by the names of OpenID Connect Core, section 5.1.
    pub profile: Vec<(&'static str, Value)>,
    /// The context, and its name.
    pub context: Option<(ContextId, String)>,
}

/// What must be loaded.
pub fn needs(token: &Presented) -> Needs {
    Needs { top_context: true, ..token.needs() }
}

/// Of a token that is presented: one that may ask here who the person is, as at userinfo.
pub fn decide_borne(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Decision<Account> {
    let told = token.borne(facts, ctx.now).and_then(|live| {
        let asks = live.claims.scope.split(' ').any(|scope| scope == "openid");
        if !asks {
            return Err(Reason::TokenScope);
        }
        if !live.claims.aud.contains(&facts.issuer.url) {
            return Err(Reason::TokenAudience);
        }
        of(&live, facts)
    });
    told.map_or_else(Decision::refuse, Decision::answer)
}

fn of(live: &Live<'_>, facts: &Facts) -> Result<Account, Reason> {
    let of = live.grant.ok_or(Reason::TokenScope)?;
    let user = of.user.as_ref().ok_or(Reason::TokenRevoked)?;
    Ok(Account::of(user, &Scopes::parse(&live.claims.scope).unwrap_or_default(), facts))
}

impl Account {
    /// That of a person, as far as the scopes of a token of theirs let it be told.
    pub fn of(user: &User, scopes: &Scopes, facts: &Facts) -> Self {
        let told = TOLD.iter().filter(|(_, scope)| scopes.contains(scope));
        Self {
            user: user.id.clone(),
            user_name: user.user_name.clone(),
            profile: told.filter_map(|(claim, _)| Some((*claim, value_of(user, claim)?))).collect(),
            context: facts.top_context.as_ref().map(|context| (context.id.clone(), context.name.clone())),
        }
    }
}

/// Claims, and the scope that lets each be told.
const TOLD: [(&str, &str); 4] =
    [("name", "profile"), ("given_name", "profile"), ("family_name", "profile"), ("email", "email")];
