//! Opening an installation: its extension's launch address, filled, with a key that is exchanged once for tokens of whoever opened it.

use doorward_crypto::secret::SecretString;
use doorward_wire::scope::Scopes;

use super::template;
use crate::facts::{InstallationFacts, InstallationHandle, SessionHandle};
use crate::grant::lifetime;
use crate::id::{ConsentId, GrantId, InstallationId, SessionId, UserId};
use crate::login::acr::Class;
use crate::login::second_factor::is_required;
use crate::may_issue::{installation_stands, is_signed_in, user_stands};
use crate::model::{
    Actor, Client, Consent, ConsentPolicy, Event, EventKind, Extension, Grant, Ticket, TicketKey, TicketKind,
    User,
};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// Somebody opens an installation.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Which.
    pub installation: InstallationId,
    /// Who.
    pub who: Who,
    /// What they said to being acted for, where they were asked.
    pub allowed: Option<bool>,
}

/// Who opens an installation.
#[derive(Clone, Debug)]
pub enum Who {
    /// Whoever is signed in at a browser.
    Session(SessionHandle),
    /// A person, for whom the platform does it.
    Person {
        /// Who.
        user: UserId,
        /// Who does it for them.
        by: Actor,
    },
}

/// What comes of it.
#[derive(Debug)]
pub enum Opened {
    /// The address to go to.
    At(Box<Opening>),
    /// The person must be asked first, whether it may act for them.
    Ask {
        /// What it asks for.
        scopes: Scopes,
    },
}

/// An extension that is opened.
#[derive(Debug)]
pub struct Opening {
    /// Its address, with all that it asks to be told.
    pub url: String,
    /// Who opened it.
    pub user: UserId,
    /// The key, where its address asks for one.
    pub key: Option<SecretString>,
}

/// Who opens it, as they are known.
struct Opener<'a> {
    user: &'a User,
    session: Option<&'a crate::model::Session>,
    actor: Actor,
}

impl Launch {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        let (session, user) = match &self.who {
            Who::Session(handle) => (Some(*handle), None),
            Who::Person { user, .. } => (None, Some(user.clone())),
        };
        Needs {
            session,
            user: user.clone(),
            factors: session.is_some(),
            installation: Some(InstallationHandle { id: self.installation.clone(), secret_hash: None, user }),
            extension: true,
            ..Needs::default()
        }
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Opened> {
        let opener = match self.opener(facts, ctx) {
            Ok(opener) => opener,
            Err(reason) => return Decision::refuse(reason),
        };
        let found = facts.installation.as_deref();
        // Who does not belong there learns nothing of it.
        let Some(found) = found.filter(|found| found.belongs == Some(true)) else {
            return Decision::refuse(Reason::ObjectUnknown);
        };
        match may_open(found, facts) {
            Ok((extension, client)) => self.open(found, extension, client, &opener, facts, ctx),
            Err(reason) => {
                let event = event(EventKind::LaunchRefused, found, &opener, ctx).reason(reason);
                Decision::refuse_with(vec![Effect::Record(event)], reason)
            }
        }
    }

    fn opener<'a>(&self, facts: &'a Facts, ctx: &Ctx<'_>) -> Result<Opener<'a>, Reason> {
        match &self.who {
            Who::Session(_) => {
                let found = facts.session.as_ref().ok_or(Reason::NotSignedIn)?;
                let user = is_signed_in(found, ctx.now).map_err(|_| Reason::NotSignedIn)?;
                let needs_factor = facts.factors.is_there() || is_required(facts, user);
                if needs_factor && Class::of(&found.session.factors) < Class::Mfa {
                    return Err(Reason::SecondStepDue);
                }
                Ok(Opener { user, session: Some(&found.session), actor: Actor::User(user.id.clone()) })
            }
            Who::Person { by, .. } => {
                let user = facts.user.as_ref().map(|found| &found.user);
                user_stands(user, ctx.now)?;
                let user = user.ok_or(Reason::UserRemoved)?;
                Ok(Opener { user, session: None, actor: by.clone() })
            }
        }
    }

    fn open(
        &self,
        found: &InstallationFacts,
        extension: &Extension,
        client: &Client,
        opener: &Opener<'_>,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Decision<Opened> {
        let Some(address) = &extension.manifest.launch_url else {
            return Decision::refuse(Reason::LaunchNowhere);
        };
        let names = template::names(address);
        let wants_key = [template::USER_ID, template::RETRIEVAL_KEY].iter().all(|name| names.contains(name));
        if !wants_key {
            let url = template::fill(address, &values(found, extension, opener.user, None));
            let event = event(EventKind::Launched, found, opener, ctx);
            let opening = Opening { url, user: opener.user.id.clone(), key: None };
            return Decision::with(vec![Effect::Record(event)], Opened::At(Box::new(opening)));
        }
        let scopes = found.installation.scopes.intersection(&client.scopes);
        let mut effects = Vec::new();
        let consent = match self.consent(found, extension, &scopes, opener, facts, ctx, &mut effects) {
            Ok(consent) => consent,
            Err(step) => return step,
        };
        let expires_at = ctx.now.plus_s(KEY_S);
        let grant = grant(found, client, scopes, consent, opener, facts, ctx);
        let (key, secret) =
            TicketKey::mint(TicketKind::RetrievalKey, lifetime::code_forgotten_at(client, ctx.now), ctx);
        effects.push(Effect::InsertTicket(Ticket {
            grant: Some(grant.id),
            client: Some(client.id.clone()),
            ..Ticket::unbound(key, TicketKind::RetrievalKey, &grant.tenant, expires_at)
        }));
        let event = event(EventKind::Launched, found, opener, ctx).of_grant(&grant);
        effects.push(Effect::InsertGrant(grant));
        effects.push(Effect::Record(event));
        let url = template::fill(address, &values(found, extension, opener.user, Some(&secret)));
        let opening = Opening { url, user: opener.user.id.clone(), key: Some(secret) };
        Decision::with(effects, Opened::At(Box::new(opening)))
    }

    /// The consent that the grant stands under: the live one, or a new one where the manifest says that installing was consent enough, or
    /// the person was asked. Else what happens instead.
    #[expect(clippy::too_many_arguments, reason = "all that a consent is made of")]
    fn consent(
        &self,
        found: &InstallationFacts,
        extension: &Extension,
        scopes: &Scopes,
        opener: &Opener<'_>,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<ConsentId, Decision<Opened>> {
        let live = facts.consent.as_ref().filter(|consent| consent.ended_at.is_none());
        let asks = extension.manifest.consent == ConsentPolicy::Asked;
        let covers = live.is_some_and(|consent| scopes.is_subset(&consent.scopes));
        if self.allowed == Some(false) {
            let event = event(EventKind::ConsentDenied, found, opener, ctx).reason(Reason::AccessDenied);
            return Err(Decision::refuse_with(vec![Effect::Record(event)], Reason::AccessDenied));
        }
        if asks && !covers && self.allowed.is_none() {
            // Nobody is asked in whose place the platform acts.
            return Err(if opener.session.is_some() {
                Decision::answer(Opened::Ask { scopes: scopes.clone() })
            } else {
                Decision::refuse(Reason::ConsentRequired)
            });
        }
        let (id, is_new) = match live {
            Some(consent) if covers => return Ok(consent.id),
            Some(consent) => {
                effects.push(Effect::WidenConsent {
                    tenant: consent.tenant.clone(),
                    id: consent.id,
                    version: consent.version,
                    scopes: consent.scopes.union(scopes),
                    implicit: consent.implicit && !asks,
                });
                (consent.id, false)
            }
            None => (ConsentId::new(ctx.now, ctx.rng), true),
        };
        if is_new {
            effects.push(Effect::InsertConsent(Consent {
                id,
                tenant: facts.tenant.id.clone(),
                user: opener.user.id.clone(),
                client: extension.client(),
                installation: Some(found.installation.id.clone()),
                scopes: scopes.clone(),
                implicit: !asks,
                version: 1,
                created_at: ctx.now,
                ended_at: None,
            }));
        }
        let data = serde_json::json!({ "scope": scopes.to_string(), "implicit": !asks });
        effects.push(Effect::Record(event(EventKind::ConsentGiven, found, opener, ctx).data(data)));
        Ok(id)
    }
}

/// Whether it works, and what it is.
fn may_open<'a>(
    found: &'a InstallationFacts,
    facts: &'a Facts,
) -> Result<(&'a Extension, &'a Client), Reason> {
    installation_stands(found)?;
    let extension = facts.extension.as_deref().ok_or(Reason::ExtensionGone)?;
    let client = found.client.as_deref().map(|found| &found.client).ok_or(Reason::ExtensionGone)?;
    if client.disabled_at.is_some() || facts.tenant.disabled_at.is_some() {
        return Err(Reason::ClientDisabled);
    }
    if !client.issuers.is_empty() && !client.issuers.contains(&facts.issuer.id) {
        return Err(Reason::ClientIssuer);
    }
    Ok((extension, client))
}

/// Until its first redemption a grant ends with its key. One that the platform opened hangs on no session.
fn grant(
    found: &InstallationFacts,
    client: &Client,
    scopes: Scopes,
    consent: ConsentId,
    opener: &Opener<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Grant {
    let session = opener.session;
    let actor = match (&session, &opener.actor) {
        (Some(_), _) => None,
        (None, Actor::User(user)) => Some(user.0.clone()),
        (None, Actor::Client(client)) => Some(client.0.clone()),
        (None, Actor::Operator) => Some("operator".to_owned()),
        (None, Actor::Server | Actor::Unknown) => Some("server".to_owned()),
    };
    Grant {
        id: GrantId::new(ctx.now, ctx.rng),
        tenant: facts.tenant.id.clone(),
        issuer: facts.issuer.id.clone(),
        consent,
        session: session.map_or(SessionId::NONE, |session| session.id),
        user: opener.user.id.clone(),
        client: client.id.clone(),
        installation: Some(found.installed()),
        actor,
        offline: lifetime::is_offline(&scopes, client),
        scopes,
        resources: Vec::new(),
        authorization_details: None,
        cnf: None,
        auth_time: session.map_or(ctx.now, |session| session.auth_time),
        acr: session.map_or("0", |session| Class::of(&session.factors).as_str()).to_owned(),
        amr: session.map(crate::model::Session::amr).unwrap_or_default(),
        claims: None,
        generation: 0,
        mac_key: 0,
        spent_at: None,
        spent_before_at: None,
        used_at: ctx.now,
        idle_ms: KEY_S * 1000,
        expires_at: ctx.now.plus_s(KEY_S),
        redeemed_at: None,
        ended_at: None,
        ended_reason: None,
        created_at: ctx.now,
    }
}

/// What a template can name.
fn values<'a>(
    found: &'a InstallationFacts,
    extension: &'a Extension,
    user: &'a User,
    key: Option<&'a SecretString>,
) -> Vec<(&'a str, &'a str)> {
    let mut values = template::values(&found.installation, extension);
    values.push((template::USER_ID, user.id.as_str()));
    values.extend(key.map(|key| (template::RETRIEVAL_KEY, key.expose().as_str())));
    values
}

fn event(kind: EventKind, found: &InstallationFacts, opener: &Opener<'_>, ctx: &mut Ctx<'_>) -> Event {
    let of = &found.installation;
    Event::new(kind, &of.tenant, opener.actor.clone(), ctx)
        .user(&opener.user.id)
        .client(&of.extension_id.client())
        .installation(&of.id)
}

/// Seconds in which a key can be exchanged.
pub const KEY_S: i64 = 60;
