//! The answer: a consent, a grant under it, and a code for the grant, in one commit (RFC 6749, section 4.1.2).

use super::{Asked, AuthorizationRequest, Return, Step, closing, implicit};
use crate::grant::authorization_code::{CodeData, bound_state};
use crate::grant::lifetime;
use crate::id::{ConsentId, GrantId, SessionId, UserId};
use crate::login::acr::Class;
use crate::model::{
    Actor, Client, Consent, Event, EventKind, Grant, Installed, Session, Ticket, TicketKey, TicketKind, User,
};
use crate::{Ctx, Decision, Effect, Facts, Timestamp};
use doorward_wire::scope::Scopes;

/// How the person is signed in who is answered for: by a session at that browser, or inside a frame.
pub(super) struct SignIn {
    /// The session that what is granted ends with.
    pub session: SessionId,
    /// Who.
    pub user: UserId,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// The class of that proof, as the answer names it.
    pub acr: String,
    /// Its methods.
    pub amr: Vec<String>,
    /// Who does it in their place.
    pub actor: Option<String>,
}

impl SignIn {
    /// By a session at that browser.
    pub fn by(session: &Session, asked: &Asked<'_>) -> Self {
        Self {
            session: session.id,
            user: session.user.clone(),
            auth_time: session.auth_time,
            acr: asked.acr.told(Class::of(&session.factors)).as_str().to_owned(),
            amr: session.amr(),
            actor: None,
        }
    }
}

pub(super) fn decide(
    request: &AuthorizationRequest,
    asked: Asked<'_>,
    session: &Session,
    user: &User,
    is_implicit: bool,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Step> {
    let mut effects = Vec::new();
    let allowing = Allowing {
        client: asked.client,
        installed: asked.installed.as_ref(),
        scopes: &asked.to_allow,
        is_implicit,
    };
    let consent = consent(&allowing, user, facts, ctx, &mut effects);
    let grant = grant(&asked, SignIn::by(session, &asked), consent, facts, ctx);
    effects.extend(answered_before(request, grant.id, facts, ctx));
    let mut decision = answer(asked, grant, user, effects, facts, ctx);
    if ctx.now.since_ms(session.used_at) >= 60_000 {
        let tenant = facts.tenant.id.clone();
        decision.effects.push(Effect::TouchSession { tenant, id: session.id, now: ctx.now });
    }
    decision
}

/// The code for a grant, or its tokens, beside what else is done.
pub(super) fn answer(
    asked: Asked<'_>,
    grant: Grant,
    user: &User,
    mut effects: Vec<Effect>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Step> {
    if !asked.response.code {
        return implicit::answer(asked, grant, user, effects, facts, ctx);
    }
    let (key, code) =
        TicketKey::mint(TicketKind::Code, lifetime::code_forgotten_at(asked.client, ctx.now), ctx);
    effects.push(Effect::InsertTicket(ticket(&asked, key, &grant, facts)));
    let actor = Actor::User(grant.user.clone());
    let event = Event::new(EventKind::CodeIssued, &facts.tenant.id, actor, ctx)
        .of_grant(&grant)
        .data(serde_json::json!({ "scope": grant.scopes.to_string() }));
    effects.push(Effect::InsertGrant(grant));
    effects.push(Effect::Record(event));
    let mut params = vec![("code", code.expose().to_owned())];
    if facts.policies.tells_code_lifetime {
        params.push(("expires_in", asked.client.lifetimes.code_s.to_string()));
    }
    params.extend(closing(&asked.target, facts));
    Decision::with(
        effects,
        Step::Return(Return { target: asked.target, params, handed: None, refused: None }),
    )
}

/// What a person allows a client.
pub(crate) struct Allowing<'a> {
    /// The client.
    pub client: &'a Client,
    /// The installation of the extension that it is.
    pub installed: Option<&'a Installed>,
    /// What.
    pub scopes: &'a Scopes,
    /// Whether nobody asked them.
    pub is_implicit: bool,
}

/// The consent that a grant stands under: the live one, widened where more was allowed, or a new one.
pub(crate) fn consent(
    allowing: &Allowing<'_>,
    user: &User,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
    effects: &mut Vec<Effect>,
) -> ConsentId {
    let Allowing { client, installed, scopes, is_implicit } = *allowing;
    let live = facts.consent.as_ref().filter(|consent| consent.ended_at.is_none());
    let id = live.map_or_else(|| ConsentId::new(ctx.now, ctx.rng), |consent| consent.id);
    match live {
        Some(consent) if scopes.is_subset(&consent.scopes) => return id,
        Some(consent) => effects.push(Effect::WidenConsent {
            tenant: facts.tenant.id.clone(),
            id,
            version: consent.version,
            scopes: consent.scopes.union(scopes),
            implicit: consent.implicit && is_implicit,
        }),
        None => effects.push(Effect::InsertConsent(Consent {
            id,
            tenant: facts.tenant.id.clone(),
            user: user.id.clone(),
            client: client.id.clone(),
            installation: installed.map(|installed| installed.id.clone()),
            scopes: scopes.clone(),
            implicit: is_implicit,
            version: 1,
            created_at: ctx.now,
            ended_at: None,
        })),
    }
    let event = Event::new(EventKind::ConsentGiven, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
        .user(&user.id)
        .client(&client.id)
        .data(serde_json::json!({ "scope": scopes.to_string(), "implicit": is_implicit }));
    effects.push(Effect::Record(event));
    id
}

/// Until its first redemption a grant ends with its code.
pub(super) fn grant(
    asked: &Asked<'_>,
    by: SignIn,
    consent: ConsentId,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Grant {
    let code_s = asked.client.lifetimes.code_s;
    let code_s = facts.policies.longest_code_s.map_or(code_s, |most| code_s.min(most));
    Grant {
        id: GrantId::new(ctx.now, ctx.rng),
        tenant: facts.tenant.id.clone(),
        issuer: facts.issuer.id.clone(),
        consent,
        session: by.session,
        user: by.user,
        client: asked.client.id.clone(),
        installation: asked.installed.clone(),
        actor: by.actor,
        scopes: asked.scopes.clone(),
        resources: asked.resources.clone(),
        authorization_details: None,
        cnf: None,
        auth_time: by.auth_time,
        acr: by.acr,
        amr: by.amr,
        claims: asked.claims.clone(),
        offline: lifetime::is_offline(&asked.scopes, asked.client),
        generation: 0,
        mac_key: 0,
        spent_at: None,
        spent_before_at: None,
        used_at: ctx.now,
        idle_ms: code_s.saturating_mul(1000),
        expires_at: ctx.now.plus_s(code_s),
        unnamed: false,
        redeemed_at: None,
        ended_at: None,
        ended_reason: None,
        created_at: ctx.now,
    }
}

fn ticket(asked: &Asked<'_>, key: TicketKey, grant: &Grant, facts: &Facts) -> Ticket {
    let target = &asked.target;
    let state = target.state.as_deref().filter(|_| facts.policies.binds_state);
    let data = CodeData {
        nonce: asked.nonce.clone(),
        implied_redirect_uri: target.is_implied.then(|| target.presented.clone()),
        state: state.map(bound_state),
    };
    Ticket {
        grant: Some(grant.id),
        client: Some(grant.client.clone()),
        redirect_uri: (!target.is_implied).then(|| target.presented.clone()),
        code_challenge: asked.challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        data: serde_json::to_string(&data).unwrap_or_default(),
        ..Ticket::unbound(key, TicketKind::Code, &grant.tenant, grant.expires_at)
    }
}

/// A form that is sent twice leads to the application twice, and leaves one live grant: the earlier one ends.
fn answered_before(
    request: &AuthorizationRequest,
    grant: GrantId,
    facts: &Facts,
    ctx: &Ctx<'_>,
) -> Vec<Effect> {
    let Some(key) = request.mark() else { return Vec::new() };
    let tenant = facts.tenant.id.clone();
    match facts.ticket.as_ref().map(|found| &found.ticket) {
        Some(mark) => {
            let end = mark.grant.map(|earlier| Effect::EndGrant {
                tenant: tenant.clone(),
                id: earlier,
                now: ctx.now,
                reason: "request.repeated".to_owned(),
            });
            let rebind = Effect::RebindTicket { tenant, key, from: mark.grant, to: grant };
            end.into_iter().chain([rebind]).collect()
        }
        None => {
            let expires_at = request.started_at.plus_s(super::REQUEST_KNOWN_S);
            let mark = Ticket::unbound(key, TicketKind::Request, &tenant, expires_at);
            vec![Effect::InsertTicket(Ticket { grant: Some(grant), ..mark })]
        }
    }
}
