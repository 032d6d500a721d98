//! `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693), as far as embedded pages need it: a session token, shown by the extension or
//! its installation, for an access token of exactly that person there. It is never wider, and lives shortly; the next session token brings
//! the next one.

use doorward_wire::grant_type::GrantType as Name;
use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::{GrantType, TokenRequest};
use crate::client_auth::Authenticated;
use crate::facts::{GrantFacts, InstallationFacts, SessionState, Standing};
use crate::id::SessionId;
use crate::installation::opening::{Open, live};
use crate::installation::session_token::SessionClaims;
use crate::may_issue::{may_issue, user_stands};
use crate::model::{Actor, Client, Event, EventKind, Grant};
use crate::needs::InstallationHandle;
use crate::permission::audience::{audience, named};
use crate::permission::effective;
use crate::policies::Mount;
use crate::token::issue::{Issued, Subject, issued_token};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: Name::TokenExchange.as_str(),
    is_legacy: false,
    needs,
    for_installations: true,
    decide,
};

fn needs(params: &Params, mount: &Mount<'_>, needs: &mut Needs) -> Result<(), Refusal> {
    let claims = subject(params, mount)?;
    needs.user = Some(claims.user());
    needs.session_of = claims.session();
    needs.held = true;
    needs.extension = true;
    // An installation that authenticates is loaded with its secret; whose membership is asked is the token's person's.
    match &mut needs.installation {
        Some(handle) => handle.user = Some(claims.user()),
        None => {
            let (id, user) = (claims.installation.clone(), Some(claims.user()));
            needs.installation = Some(InstallationHandle { id, secret_hash: None, user });
        }
    }
    Ok(())
}

/// The session token, as far as it can be told without the database (RFC 8693, section 2.1).
fn subject(params: &Params, mount: &Mount<'_>) -> Result<SessionClaims, Reason> {
    let token = params.get("subject_token").ok_or(Reason::ParameterMissing)?;
    match params.get("subject_token_type").ok_or(Reason::ParameterMissing)? {
        JWT | SESSION => {}
        _ => return Err(Reason::SubjectTokenType),
    }
    if params.get("actor_token").is_some() || params.get("actor_token_type").is_some() {
        return Err(Reason::ActorToken);
    }
    if params.get("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return Err(Reason::RequestedTokenType);
    }
    SessionClaims::read(token, mount).ok_or(Reason::SubjectTokenInvalid)
}

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let params = &request.params;
    if !client.is_proven() {
        return Decision::refuse(Reason::ClientAnonymous);
    }
    let claims = match subject(params, &facts.mount()) {
        Ok(claims) => claims,
        Err(reason) => return Decision::refuse(reason),
    };
    let of = match standing(&claims, client.client, facts, ctx) {
        Ok(of) => of,
        Err(reason) => return refuse(reason, &claims, client, facts, ctx),
    };
    let scopes = match scopes(params, &of, client, facts) {
        Ok(scopes) => scopes,
        Err(reason) => return Decision::refuse(reason),
    };
    // Both say where the token shall be used (RFC 8693, section 2.1).
    let meant = params.all("resource").chain(params.all("audience"));
    let resources = match named(meant, client.client, &facts.apis) {
        Ok(resources) => resources,
        Err(reason) => return Decision::refuse(reason),
    };
    let audience = audience(&scopes, &scopes, &resources, client.client, facts);
    let audience = audience.until(of.ends_at(of.grant.expires_at), ctx.now);
    let (access_token, stored) = issued_token(facts, client.client, Subject::Person(&of), &audience, ctx);
    let actor = Actor::Client(client.client.id.clone());
    let event =
        Event::new(EventKind::SessionTokenExchanged, &facts.tenant.id, actor, ctx).of_grant(&of.grant);
    let grant = Grant { scopes: audience.scopes.clone(), ..of.grant };
    let mut effects = vec![Effect::InsertGrant(grant), Effect::Record(event)];
    effects.extend(stored);
    let issued = Issued {
        access_token,
        validity: audience.validity(ctx.now),
        scopes: audience.scopes,
        id_token: None,
        refresh_token: None,
        issued_token_type: Some(ACCESS_TOKEN),
        account: None,
    };
    Decision::with(effects, issued)
}

/// The grant that the access token stands under; where the token is for this client and fresh, and all that it hangs on stands, the consent
/// under which it was made among that: no other takes its place.
pub fn standing(
    claims: &SessionClaims,
    client: &Client,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Result<GrantFacts, Reason> {
    if ctx.now.seconds() >= claims.exp {
        return Err(Reason::SubjectTokenExpired);
    }
    if claims.extension.client() != client.id {
        return Err(Reason::LaunchKeyWrongExtension);
    }
    let found = facts.installation.as_deref().ok_or(Reason::InstallationRemoved)?;
    if found.installation.id != claims.installation {
        return Err(Reason::LaunchKeyWrongInstallation);
    }
    if found.installed().epoch != claims.installation_epoch {
        return Err(Reason::InstallationPast);
    }
    let user = facts.user.as_ref().map(|found| &found.user).ok_or(Reason::UserRemoved)?;
    let extension = facts.extension.as_deref().ok_or(Reason::ExtensionGone)?;
    let session = facts.session_of.as_ref().filter(|session| session.user == user.id);
    let actor = Actor::Client(client.id.clone());
    let open = Open { found, extension, client, user, session, actor };
    if open.asks(facts) {
        return Err(Reason::ConsentEnded);
    }
    let consent = live(facts).filter(|live| live.id == claims.consent).ok_or(Reason::ConsentEnded)?.id;
    let said = Scopes::parse(&claims.scope).map_err(|_| Reason::SubjectTokenInvalid)?;
    let grant = open.grant(consent, (false, facts.policies.session_tokens.exchanged_s), facts, ctx);
    let grant = Grant {
        session: claims.session().unwrap_or(SessionId::NONE),
        actor: claims.act.as_ref().map(|act| act.sub.clone()),
        scopes: grant.scopes.intersection(&said),
        redeemed_at: Some(ctx.now),
        ..grant
    };
    let of = GrantFacts {
        tenant: Standing::of(facts.tenant.disabled_at),
        client: Standing::of(client.disabled_at),
        user: Some(user.clone()),
        consent: Standing::Live,
        session: session.map(SessionState::of),
        installation: Some(Box::new(InstallationFacts::clone(found))),
        grant,
    };
    may_issue(&of, ctx.now)?;
    // The grant begins now; what it stands on began with the token.
    user_stands(Some(user), claims.made_at)?;
    if !found.belongs.holds_from(claims.made_at) {
        return Err(Reason::NotAMember);
    }
    Ok(of)
}

/// What the token may do: what is asked, or all that may be done now; never more than the session token says.
fn scopes(
    params: &Params,
    of: &GrantFacts,
    client: &Authenticated<'_>,
    facts: &Facts,
) -> Result<Scopes, Reason> {
    let permissions = facts.permissions_of(of);
    let left = effective(&of.grant.scopes, &facts.limits(client.client, of, &permissions)).scopes;
    let Some(asked) = params.get("scope") else { return Ok(left) };
    let asked = Scopes::parse(asked).map_err(|_| Reason::ScopeMalformed)?;
    if !asked.is_subset(&of.grant.scopes) {
        return Err(Reason::ScopeWidened);
    }
    let asked = asked.intersection(&left);
    if asked.is_empty() { Err(Reason::ScopeEmpty) } else { Ok(asked) }
}

/// Refused and recorded. That a token is no good is a bad request (RFC 8693, section 2.2.2).
fn refuse(
    reason: Reason,
    claims: &SessionClaims,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let actor = Actor::Client(client.client.id.clone());
    let event = Event::new(EventKind::LaunchRefused, &facts.tenant.id, actor, ctx)
        .user(&claims.user())
        .client(&client.client.id)
        .installation(&claims.installation)
        .reason(reason);
    Decision::refuse_with(vec![Effect::Record(event)], Reason::SubjectTokenInvalid)
}

/// RFC 8693, section 3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The same.
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// A session token of ours, by name.
const SESSION: &str = "urn:doorward:token-type:session";
/// Seconds that an exchanged token lives at most.
pub const LONGEST_S: i64 = 300;
