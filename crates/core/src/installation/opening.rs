//! Somebody opens an installation, or the platform does it for them: who they are, whether they may, and the consent and the grant that
//! what comes of it stands under.

use doorward_crypto::secret::SecretString;
use doorward_wire::scope::Scopes;

use crate::facts::{InstallationFacts, SessionState};
use crate::grant::lifetime;
use crate::id::{ConsentId, GrantId, InstallationId, SessionId, UserId};
use crate::login::acr::Class;
use crate::login::second_factor::is_expected;
use crate::may_issue::{installation_stands, is_signed_in, session_stands, user_stands};
use crate::model::{
    Actor, Client, Consent, ConsentPolicy, Event, EventKind, Extension, Grant, Session, Ticket, TicketKey,
    TicketKind, User,
};
use crate::needs::{InstallationHandle, SessionHandle};
use crate::{Ctx, Effect, Facts, Needs, Reason};

/// Who opens an installation.
#[derive(Clone, Debug)]
pub enum Who {
    /// Whoever is signed in at a browser.
    Session(SessionHandle),
    /// A person, for whom a token does it: the platform's, or their own.
    Person {
        /// Who.
        user: UserId,
        /// Who does it for them.
        by: Actor,
        /// The session that their own token hangs on: what is opened hangs on it too.
        session: Option<SessionId>,
    },
}

/// An installation that is opened: all that decides about it.
pub(crate) struct Open<'a> {
    /// The installation, and what it hangs on.
    pub found: &'a InstallationFacts,
    /// What it is of.
    pub extension: &'a Extension,
    /// The client that the extension is.
    pub client: &'a Client,
    /// The person.
    pub user: &'a User,
    /// Their session, where they do it themselves, at a browser or by a token that hangs on one.
    pub session: Option<&'a Session>,
    /// Who does it.
    pub actor: Actor,
}

/// Why nothing is opened: what is told, and the effects of the refusal.
pub(super) type Refused = (Reason, Vec<Effect>);

/// What must be loaded to open an installation.
pub(super) fn needs(installation: &InstallationId, who: &Who) -> Needs {
    let (session, session_of, user) = match who {
        Who::Session(handle) => (Some(*handle), None, None),
        Who::Person { user, session, .. } => (None, *session, Some(user.clone())),
    };
    Needs {
        session,
        session_of,
        user: user.clone(),
        factors: session.is_some(),
        installation: Some(InstallationHandle { id: installation.clone(), secret_hash: None, user }),
        extension: true,
        ..Needs::default()
    }
}

impl<'a> Open<'a> {
    /// Whether it may be opened. Who does not belong there learns nothing of it.
    pub fn of(who: &Who, facts: &'a Facts, ctx: &mut Ctx<'_>) -> Result<Self, Refused> {
        let plain = |reason: Reason| (reason, Vec::new());
        let (user, session, actor) = opener(who, facts, ctx).map_err(plain)?;
        let found = facts.installation.as_deref().filter(|found| found.belongs.is_member());
        let found = found.ok_or_else(|| plain(Reason::ObjectUnknown))?;
        let opened = works(found, facts).and_then(|(extension, client)| {
            is_proven(client, session)?;
            Ok((extension, client))
        });
        match opened {
            Ok((extension, client)) => Ok(Self { found, extension, client, user, session, actor }),
            Err(reason) => {
                let event = event(EventKind::LaunchRefused, found, user, actor, ctx).reason(reason);
                Err((reason, vec![Effect::Record(event)]))
            }
        }
    }

    /// An event of it.
    pub fn event(&self, kind: EventKind, ctx: &mut Ctx<'_>) -> Event {
        event(kind, self.found, self.user, self.actor.clone(), ctx)
    }

    /// Who acts in the person's place, where another does.
    pub fn deputy(&self) -> Option<String> {
        let is_another = self.session.is_none() && self.actor != Actor::User(self.user.id.clone());
        is_another.then(|| name(&self.actor))
    }

    /// What was consented to at installation, and the client may have.
    pub fn scopes(&self) -> Scopes {
        self.found.installation.scopes.intersection(&self.client.scopes)
    }

    /// Whether the person must be asked first.
    pub fn asks(&self, facts: &Facts) -> bool {
        self.extension.manifest.consent == ConsentPolicy::Asked && !self.is_covered(facts)
    }

    fn is_covered(&self, facts: &Facts) -> bool {
        live(facts).is_some_and(|consent| self.scopes().is_subset(&consent.scopes))
    }

    /// The consent that a grant stands under: the live one, widened where it does not cover all, or a new one.
    pub fn consent(&self, facts: &Facts, effects: &mut Vec<Effect>, ctx: &mut Ctx<'_>) -> ConsentId {
        let scopes = self.scopes();
        let is_implicit = self.extension.manifest.consent == ConsentPolicy::Implicit;
        let id = match live(facts) {
            Some(consent) if scopes.is_subset(&consent.scopes) => return consent.id,
            Some(consent) => {
                effects.push(Effect::WidenConsent {
                    tenant: consent.tenant.clone(),
                    id: consent.id,
                    version: consent.version,
                    scopes: consent.scopes.union(&scopes),
                    implicit: consent.implicit && is_implicit,
                });
                consent.id
            }
            None => {
                let id = ConsentId::new(ctx.now, ctx.rng);
                effects.push(Effect::InsertConsent(Consent {
                    id,
                    tenant: facts.tenant.id.clone(),
                    user: self.user.id.clone(),
                    client: self.client.id.clone(),
                    installation: Some(self.found.installation.id.clone()),
                    scopes: scopes.clone(),
                    implicit: is_implicit,
                    version: 1,
                    created_at: ctx.now,
                    ended_at: None,
                }));
                id
            }
        };
        let data = serde_json::json!({ "scope": scopes.to_string(), "implicit": is_implicit });
        effects.push(Effect::Record(self.event(EventKind::ConsentGiven, ctx).data(data)));
        id
    }

    /// What is redeemed once for what the installation may do in the person's name: the consent, a grant that until then ends with it, and
    /// a ticket of that kind for so many seconds.
    pub fn begin(
        &self,
        kind: TicketKind,
        event: EventKind,
        (offline, life_s): (bool, i64),
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> (Vec<Effect>, SecretString) {
        let mut effects = Vec::new();
        let consent = self.consent(facts, &mut effects, ctx);
        let grant = self.grant(consent, (offline, life_s), facts, ctx);
        let (key, secret) = TicketKey::mint(kind, lifetime::code_forgotten_at(self.client, ctx.now), ctx);
        effects.push(Effect::InsertTicket(Ticket {
            grant: Some(grant.id),
            client: Some(self.client.id.clone()),
            ..Ticket::unbound(key, kind, &grant.tenant, grant.expires_at)
        }));
        let event = self.event(event, ctx).of_grant(&grant);
        effects.push(Effect::InsertGrant(grant));
        effects.push(Effect::Record(event));
        (effects, secret)
    }

    /// A grant that is open for so many seconds. It hangs on the session, where there is one.
    pub fn grant(
        &self,
        consent: ConsentId,
        (offline, life_s): (bool, i64),
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Grant {
        let session = self.session;
        Grant {
            id: GrantId::new(ctx.now, ctx.rng),
            tenant: facts.tenant.id.clone(),
            issuer: facts.issuer.id.clone(),
            consent,
            session: session.map_or(SessionId::NONE, |session| session.id),
            user: self.user.id.clone(),
            client: self.client.id.clone(),
            installation: Some(self.found.installed()),
            actor: self.deputy(),
            offline,
            scopes: self.scopes(),
            resources: Vec::new(),
            authorization_details: None,
            cnf: None,
            auth_time: session.map_or(ctx.now, |session| session.auth_time),
            acr: session.map_or("0", |session| Class::of(&session.factors).as_str()).to_owned(),
            amr: session.map(Session::amr).unwrap_or_default(),
            claims: None,
            generation: 0,
            mac_key: 0,
            spent_at: None,
            spent_before_at: None,
            used_at: ctx.now,
            idle_ms: life_s.saturating_mul(1000),
            expires_at: ctx.now.plus_s(life_s),
            unnamed: false,
            redeemed_at: None,
            ended_at: None,
            ended_reason: None,
            created_at: ctx.now,
        }
    }
}

/// The live consent to this installation.
pub(crate) fn live(facts: &Facts) -> Option<&Consent> {
    facts.consent.as_ref().filter(|consent| consent.ended_at.is_none())
}

/// An actor as tokens name it (`act`, RFC 8693, section 4.1).
pub fn name(actor: &Actor) -> String {
    match actor {
        Actor::User(user) => user.0.clone(),
        Actor::Client(client) => client.0.clone(),
        Actor::Operator => "operator".to_owned(),
        Actor::Server | Actor::Unknown => "server".to_owned(),
    }
}

fn opener<'a>(
    who: &Who,
    facts: &'a Facts,
    ctx: &Ctx<'_>,
) -> Result<(&'a User, Option<&'a Session>, Actor), Reason> {
    match who {
        Who::Session(_) => {
            let found = facts.session.as_ref().ok_or(Reason::NotSignedIn)?;
            let user = is_signed_in(found, ctx.now).map_err(|_| Reason::NotSignedIn)?;
            if is_expected(facts, user) && Class::of(&found.session.factors) < Class::Mfa {
                return Err(Reason::SecondStepDue);
            }
            Ok((user, Some(&found.session), Actor::User(user.id.clone())))
        }
        Who::Person { by, session: None, .. } => {
            let user = facts.user.as_ref().map(|found| &found.user);
            user_stands(user, ctx.now)?;
            Ok((user.ok_or(Reason::UserRemoved)?, None, by.clone()))
        }
        Who::Person { by, session: Some(_), .. } => {
            let user = &facts.user.as_ref().ok_or(Reason::UserRemoved)?.user;
            let session = facts.session_of.as_ref().filter(|session| session.user == user.id);
            session_stands(session.map(SessionState::of).as_ref(), ctx.now)?;
            let session = session.ok_or(Reason::SessionEnded)?;
            user_stands(Some(user), session.auth_time)?;
            Ok((user, Some(session), by.clone()))
        }
    }
}

/// Whether the person has shown as much as the client asks for. For whom the platform acts, nobody has shown anything.
fn is_proven(client: &Client, session: Option<&Session>) -> Result<(), Reason> {
    let Some(required) = client.required_acr.as_deref().and_then(Class::parse) else { return Ok(()) };
    match session {
        Some(session) if Class::of(&session.factors) >= required => Ok(()),
        Some(_) => Err(Reason::SecondStepDue),
        None => Err(Reason::AcrUnmet),
    }
}

/// Whether it works, and what it is.
fn works<'a>(found: &'a InstallationFacts, facts: &'a Facts) -> Result<(&'a Extension, &'a Client), Reason> {
    installation_stands(found)?;
    let extension = facts.extension.as_deref().ok_or(Reason::ExtensionGone)?;
    let client = found.client.as_deref().map(|found| &found.client).ok_or(Reason::ExtensionGone)?;
    if client.disabled_at.is_some() || facts.tenant.disabled_at.is_some() {
        return Err(Reason::ClientDisabled);
    }
    if !facts.may_use_issuer(client) {
        return Err(Reason::ClientIssuer);
    }
    Ok((extension, client))
}

fn event(kind: EventKind, found: &InstallationFacts, user: &User, actor: Actor, ctx: &mut Ctx<'_>) -> Event {
    let of = &found.installation;
    Event::new(kind, &of.tenant, actor, ctx)
        .user(&user.id)
        .client(&of.extension_id.client())
        .installation(&of.id)
}
