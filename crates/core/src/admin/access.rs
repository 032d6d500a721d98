//! Who comes with a token to the admin API, and whether they may do what they ask for. The token is asked about exactly as at
//! introspection: its grant, person, client and marks as they stand now. What it says is bounded by what its client is registered
//! for now, and in a person's name by what that person may do now.

use doorward_wire::scope::Scopes;

use super::{API, Access, Area, Denied, Errand, Rights, SERVER, is_scope};
use crate::id::{ClientId, SessionId, TenantId, UserId};
use crate::model::{Actor, Event, EventKind};
use crate::token::read::{Live, Presented};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// In which tenant; none: in the server.
    pub tenant: Option<TenantId>,
    /// Where.
    pub area: Area,
    /// How.
    pub access: Access,
    /// The route, for the event of a refusal.
    pub route: &'static str,
}

/// Who came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Who acts: the person, or the client for itself.
    pub actor: Actor,
    /// What they may do.
    pub rights: Rights,
    /// Through which client.
    pub client: ClientId,
    /// In whose name, when there is a person.
    pub user: Option<UserId>,
    /// The person's session that the token ends with; none where it outlives it, or there is none.
    pub session: Option<SessionId>,
}

/// What must be loaded: what the token hangs on, and the client that its row names.
pub fn needs(token: &Presented) -> Needs {
    Needs { client_of_row: true, ..token.needs() }
}

/// Decide whether the bearer of a token may do what is wanted. A tenant that is out of reach looks like one that does not exist.
pub fn decide(token: &Presented, wanted: &Wanted, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Caller> {
    let caller = match caller(token, facts, ctx) {
        Ok(caller) => caller,
        Err(reason) => return Decision::refuse(reason),
    };
    let allowed = match &wanted.tenant {
        // What is outside of those contexts is not there for them: each route looks for it within their rights.
        Some(tenant) if wanted.area.is_of_contexts() => {
            caller.rights.allow_somewhere(tenant, wanted.area, wanted.access)
        }
        Some(tenant) => caller.rights.allow(tenant, wanted.area, wanted.access),
        None => {
            let scope = wanted.area.scope(wanted.access);
            if caller.rights.holds(scope) { Ok(()) } else { Err(Denied::Scope(scope.to_owned())) }
        }
    };
    admitted(caller, allowed, wanted.route, facts, ctx)
}

/// Decide whether the bearer of a token may do an errand in the tenant of the request: a client for itself, and nobody in a person's name.
/// `route` is for the event of a refusal.
pub fn decide_errand(
    token: &Presented,
    (errand, route): (Errand, &'static str),
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Caller> {
    let caller = match caller(token, facts, ctx) {
        Ok(caller) => caller,
        // A token that is for something else lives, and does not do here.
        Err(Reason::TokenAudience) => return Decision::refuse(Reason::TokenScope),
        Err(reason) => return Decision::refuse(reason),
    };
    let allowed = match &caller.user {
        Some(_) => Err(Denied::Scope(errand.scope().to_owned())),
        None => caller.rights.allow_errand(&facts.tenant.id, errand),
    };
    admitted(caller, allowed, route, facts, ctx)
}

/// The caller, where they are allowed what they ask for. What they may not do leaves an event.
fn admitted(
    caller: Caller,
    allowed: Result<(), Denied>,
    route: &'static str,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Caller> {
    let (reason, lacks) = match allowed {
        Ok(()) => return Decision::answer(caller),
        Err(Denied::Scope(scope)) => (Reason::TokenScope, scope),
        Err(Denied::Tenant) => (Reason::AdminTenant, SERVER.to_owned()),
    };
    let event = denial(&caller, route, (reason, &lacks), facts, ctx);
    Decision::refuse_with(vec![Effect::Record(event)], reason)
}

/// The event of something that an actor may not do.
fn denial(
    caller: &Caller,
    route: &'static str,
    (reason, lacks): (Reason, &str),
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Event {
    let event = Event::new(EventKind::AdminDenied, &facts.tenant.id, caller.actor.clone(), ctx)
        .client(&caller.client)
        .reason(reason)
        .data(serde_json::json!({ "route": route, "lacks": lacks }));
    match &caller.user {
        Some(user) => event.user(user),
        None => event,
    }
}

/// Who comes with a token, and what they may do now.
pub fn caller(token: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Result<Caller, Reason> {
    let live = token.borne(facts, ctx.now)?;
    if !live.claims.aud.contains(API) {
        return Err(Reason::TokenAudience);
    }
    let client = ClientId(live.claims.client_id.clone());
    let grant = live.grant.map(|of| &of.grant);
    let user = grant.map(|grant| grant.user.clone());
    let scopes = scopes(&live, facts);
    let rights = Rights::of(&facts.tenant.id, scopes.iter().map(str::to_owned));
    let person = live.grant.and_then(|of| of.user.as_ref()).map(|user| facts.permissions(user));
    Ok(Caller {
        actor: user.clone().map_or_else(|| Actor::Client(client.clone()), Actor::User),
        rights: match person {
            Some(permissions) => rights.of_person(permissions),
            None => rights,
        },
        client,
        user,
        session: grant.filter(|grant| grant.ends_with_session()).map(|grant| grant.session),
    })
}

/// The scopes of administration that count now.
fn scopes(live: &Live<'_>, facts: &Facts) -> Scopes {
    let Ok(said) = Scopes::parse(&live.claims.scope) else { return Scopes::default() };
    // What was consented to in a context counts there, and administration reaches further.
    let acts_in_context = facts.of_installation().is_some_and(|found| !found.installation.is_of_tenant());
    if acts_in_context {
        return Scopes::default();
    }
    let registered = facts.client.as_ref().map(|found| &found.client);
    let may_client = |scope: &str| {
        registered.is_some_and(|client| {
            client.scopes.contains(scope) && client.apis.iter().any(|api| api.as_str() == API)
        })
    };
    let user = live.grant.and_then(|of| of.user.as_ref());
    let permissions = user.map(|user| facts.permissions(user));
    let may_user = |scope: &str| {
        permissions.as_ref().is_none_or(|permissions| permissions.may_grant(scope, &facts.apis))
    };
    said.filter(|scope| is_scope(scope) && may_client(scope) && may_user(scope))
}
