//! The conclusion of a sign-in: a session, or one answer for every kind of failure.

use doorward_crypto::secret::SecretString;

use super::attempt::Attempt;
use super::device::Device;
use crate::facts::{SessionHandle, UserFacts};
use crate::id::SessionId;
use crate::may_issue::user_stands;
use crate::model::session::Factor;
use crate::model::{Actor, Credential, Event, EventKind, Session};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// A sign-in whose password has been verified, or found wrong.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The attempt.
    pub attempt: Attempt,
    /// The hash that the password was verified against.
    pub against: String,
    /// Whether it fits.
    pub fits: bool,
    /// The same password hashed with today's parameters, when the row has older ones or was made by another system.
    pub upgraded: Option<String>,
    /// What is stored is no hash that could be worked with.
    pub invalid: bool,
    /// The session cookie that came with the form.
    pub session: Option<SessionHandle>,
    /// Whether "stay signed in" was ticked.
    pub remember: bool,
    /// The browser's own description.
    pub user_agent: String,
}

/// A person is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session, as it is now.
    pub session: Session,
    /// The new cookie.
    pub cookie: SecretString,
    /// The device that is known from now on.
    pub device: Option<Device>,
}

impl Conclusion {
    /// What must be loaded: the person again, for their state may have changed meanwhile, and the session that is there.
    pub fn needs(&self) -> Needs {
        Needs { login_name: self.attempt.name_key.clone(), session: self.session, ..Needs::default() }
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SignedIn> {
        let found = match self.proven(facts, ctx) {
            Ok(found) => found,
            Err(reason) => {
                let mut effects = Vec::new();
                let mut record = |kind: EventKind, reason| {
                    let mut event = Event::new(kind, &facts.tenant.id, Actor::Unknown, ctx).reason(reason);
                    if let Some(found) = &facts.user {
                        event = event.user(&found.user.id);
                    }
                    effects.push(Effect::Record(event));
                };
                record(EventKind::SignInFailed, reason);
                if self.invalid && facts.user.is_some() {
                    // Nobody can sign in with it: somebody must hear of it.
                    record(EventKind::HashInvalid, reason);
                }
                // One answer for all: unknown, wrong, disabled, locked.
                return Decision::refuse_with(effects, Reason::SignInFailed);
            }
        };
        let user = &found.user;
        let mut effects: Vec<Effect> = self.attempt.forgiven(facts).collect();
        if let (Some(upgraded), Some(old)) = (&self.upgraded, &found.password) {
            let credential = Credential { data: upgraded.clone(), ..old.clone() };
            effects.push(Effect::UpgradeCredential { credential, from: old.data.clone() });
        }
        let signed_in = self.session(found, facts, ctx, &mut effects);
        let event = Event::new(EventKind::SignedIn, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
            .user(&user.id)
            .data(serde_json::json!({ "session": signed_in.session.id.to_string(), "amr": ["pwd"] }));
        effects.push(Effect::Record(event));
        Decision::with(effects, signed_in)
    }

    fn proven<'a>(&self, facts: &'a Facts, ctx: &Ctx<'_>) -> Result<&'a UserFacts, Reason> {
        let found = facts.user.as_ref().ok_or(Reason::SignInUnknown)?;
        let is_current = found.password.as_ref().is_some_and(|credential| credential.data == self.against);
        if !self.fits || !is_current {
            return Err(Reason::SignInFailed);
        }
        if facts.tenant.disabled_at.is_some() {
            return Err(Reason::TenantDisabled);
        }
        user_stands(Some(&found.user), ctx.now)?;
        Ok(found)
    }

    /// The same person again keeps the row, with a new secret; another person gets a new row, and the old one ends.
    fn session(
        &self,
        found: &UserFacts,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
        effects: &mut Vec<Effect>,
    ) -> SignedIn {
        let settings = &facts.tenant.settings;
        let (idle_s, absolute_s) = if self.remember {
            (settings.session_remembered_s, settings.session_remembered_s)
        } else {
            (settings.session_idle_s, settings.session_absolute_s)
        };
        let earlier =
            facts.session.as_ref().map(|found| &found.session).filter(|session| session.is_open(ctx.now));
        let same = earlier.filter(|session| session.user == found.user.id);
        let id = same.map_or_else(|| SessionId::new(ctx.now, ctx.rng), |session| session.id);
        let (handle, cookie) = SessionHandle::mint(id, ctx);
        let session = Session {
            id,
            tenant: facts.tenant.id.clone(),
            user: found.user.id.clone(),
            secret_hash: handle.secret_hash,
            auth_time: ctx.now,
            acr: ACR_PASSWORD.to_owned(),
            factors: vec![Factor { method: "pwd".to_owned(), at: ctx.now }],
            remembered: self.remember,
            used_at: ctx.now,
            idle_ms: idle_s.saturating_mul(1000),
            expires_at: ctx.now.plus_s(absolute_s),
            ended_at: None,
            user_agent: self.user_agent.clone(),
            address: ctx.address.to_owned(),
            created_at: same.map_or(ctx.now, |session| session.created_at),
        };
        match (same, earlier) {
            (Some(same), _) => {
                effects.push(Effect::RenewSession { session: session.clone(), from: same.secret_hash })
            }
            (None, Some(other)) => {
                effects.push(Effect::EndSession { tenant: other.tenant.clone(), id: other.id, now: ctx.now });
                effects.push(Effect::InsertSession(session.clone()));
            }
            (None, None) => effects.push(Effect::InsertSession(session.clone())),
        }
        let device = Device::of(&session.user, &facts.keys, ctx.now);
        SignedIn { session, cookie, device }
    }
}

/// The class of a sign-in by password (`acr`, OpenID Connect Core, section 2).
pub const ACR_PASSWORD: &str = "urn:doorward:acr:password";
