//! The second step of a sign-in, and the step that a session lacks.

use serde::{Deserialize, Serialize};

use super::proof::{self, Proof};
use super::{STEPS_S, is_required};
use crate::facts::UserFacts;
use crate::id::UserId;
use crate::login::account::own;
use crate::login::acr::{Class, OTP, PWD};
use crate::login::attempt::Attempt;
use crate::login::forgot;
use crate::login::opening::{Opening, SignedIn};
use crate::may_issue::user_stands;
use crate::model::session::Factor;
use crate::model::{Actor, Event, EventKind, MailKind, Session, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};
use doorward_crypto::secret::SecretString;
use doorward_crypto::{base64url, digest};

/// A first step that was right, while the second is due: it travels sealed in the form, and opens nothing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Who.
    pub user: UserId,
    /// What they showed, and when.
    pub first: Factor,
    /// The second factor, once it was shown and a new password is due still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Factor>,
    /// What tells the password that they showed from every other; empty where they showed none.
    pub password: String,
    /// Whether "stay signed in" was ticked.
    pub remember: bool,
}

/// What a first step leads to.
#[derive(Debug)]
pub enum Concluded {
    /// They are signed in.
    SignedIn(Box<SignedIn>),
    /// A code is due first: of the factor that they have, or of the one that they must set up now.
    Pending {
        /// The first step.
        pending: Pending,
        /// Whether they have a factor.
        has_factor: bool,
    },
    /// A new password must be chosen first.
    NewPassword(Pending),
}

/// The second step: a code.
#[derive(Clone, Debug)]
pub struct SecondStep {
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// The first step.
    pub pending: Pending,
    /// The code.
    pub proof: Proof,
    /// The session cookie that came with the form.
    pub session: Option<SessionHandle>,
    /// The browser's own description.
    pub user_agent: String,
}

/// A code from somebody who is signed in, for what asks for more than they have shown.
#[derive(Clone, Debug)]
pub struct StepUp {
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// The session.
    pub session: SessionHandle,
    /// The person, as the session named them.
    pub user: UserId,
    /// The code.
    pub proof: Proof,
}

impl Pending {
    /// The first step of that person, who showed their password.
    pub fn by_password(found: &UserFacts, phc: &str, remember: bool, now: Timestamp) -> Self {
        Self {
            user: found.user.id.clone(),
            first: Factor { method: PWD.to_owned(), at: now },
            second: None,
            password: told_apart(phc),
            remember,
        }
    }

    /// What must be loaded.
    pub fn needs(&self, session: Option<SessionHandle>) -> Needs {
        Needs { user: Some(self.user.clone()), factors: true, session, ..Needs::default() }
    }

    /// The person, if the first step still counts: it is minutes old, and neither they nor their password changed since.
    pub(in crate::login) fn stands<'a>(
        &self,
        facts: &'a Facts,
        ctx: &Ctx<'_>,
    ) -> Result<&'a UserFacts, Reason> {
        let at = self.first.at;
        let found = facts.user.as_ref().filter(|found| found.user.id == self.user);
        let found = found.ok_or(Reason::SecondStepStale)?;
        if ctx.now.since_ms(at) > STEPS_S * 1000 || facts.tenant.disabled_at.is_some() {
            return Err(Reason::SecondStepStale);
        }
        user_stands(Some(&found.user), at).map_err(|_| Reason::SecondStepStale)?;
        let password = found.password.as_ref().map(|credential| told_apart(&credential.data));
        if !self.password.is_empty() && password.as_ref() != Some(&self.password) {
            return Err(Reason::SecondStepStale);
        }
        Ok(found)
    }

    /// Open the session, by both steps.
    pub(super) fn open(
        &self,
        user: &User,
        user_agent: &str,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
        effects: &mut Vec<Effect>,
    ) -> SignedIn {
        let opening = Opening {
            user,
            factors: vec![self.first.clone(), proof::factor(ctx)],
            remember: self.remember,
            user_agent,
        };
        let signed_in = opening.open(facts, ctx, effects);
        effects.push(Effect::Record(signed_in_event(&signed_in.session, facts, ctx)));
        signed_in
    }
}

/// What a first step that was right leads to: a session, unless a code is due. `pending` is that step.
pub fn after_first(
    pending: Pending,
    found: &UserFacts,
    session: &str,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
    effects: &mut Vec<Effect>,
) -> Concluded {
    let user = &found.user;
    let has_factor = facts.factors.is_there();
    if !has_factor && user.password_due_at.is_some() {
        return Concluded::NewPassword(pending);
    }
    if has_factor || is_required(facts, user) {
        let event =
            Event::new(EventKind::SecondStepAsked, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
                .user(&user.id)
                .data(serde_json::json!({ "has_factor": has_factor }));
        effects.push(Effect::Record(event));
        return Concluded::Pending { pending, has_factor };
    }
    let opening =
        Opening { user, factors: vec![pending.first], remember: pending.remember, user_agent: session };
    let signed_in = opening.open(facts, ctx, effects);
    effects.push(Effect::Record(signed_in_event(&signed_in.session, facts, ctx)));
    Concluded::SignedIn(Box::new(signed_in))
}

impl SecondStep {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        self.pending.needs(self.session)
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Concluded> {
        let user = match self.pending.stands(facts, ctx) {
            Ok(found) => &found.user,
            Err(reason) => return Decision::refuse(reason),
        };
        let mut effects = match self.proof.spend(user, facts, ctx) {
            Ok(effects) => effects,
            Err(reason) => return refused(&user.id, Actor::Unknown, reason, facts, ctx),
        };
        effects.extend(self.attempt.forgiven(facts));
        if user.password_due_at.is_some() {
            let pending = Pending { second: Some(proof::factor(ctx)), ..self.pending.clone() };
            return Decision::with(effects, Concluded::NewPassword(pending));
        }
        let signed_in = self.pending.open(user, &self.user_agent, facts, ctx, &mut effects);
        effects.extend(told(&self.attempt, user, &self.user_agent, facts, ctx));
        Decision::with(effects, Concluded::SignedIn(Box::new(signed_in)))
    }
}

impl StepUp {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: Some(self.session),
            user: Some(self.user.clone()),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide: the session goes on under a new secret, and says what was shown. `auth_time` stays, for the password is as old as it was.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SecretString> {
        let (session, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        if user.id != self.user {
            return Decision::refuse(Reason::NotSignedIn);
        }
        let mut effects = match self.proof.spend(user, facts, ctx) {
            Ok(effects) => effects,
            Err(reason) => return refused(&user.id, Actor::User(user.id.clone()), reason, facts, ctx),
        };
        effects.extend(self.attempt.forgiven(facts));
        let cookie = step_up(session, facts, ctx, &mut effects);
        Decision::with(effects, cookie)
    }
}

/// The session with the factor that has just been shown, under a new secret.
pub(super) fn step_up(
    session: &Session,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
    effects: &mut Vec<Effect>,
) -> SecretString {
    let (handle, cookie) = SessionHandle::mint(session.id, ctx);
    let mut factors = session.factors.clone();
    factors.retain(|factor| factor.method != OTP);
    factors.push(proof::factor(ctx));
    let renewed = Session {
        secret_hash: handle.secret_hash,
        acr: Class::of(&factors).as_str().to_owned(),
        factors,
        used_at: ctx.now,
        ..session.clone()
    };
    let event = Event::new(EventKind::SteppedUp, &facts.tenant.id, Actor::User(session.user.clone()), ctx)
        .user(&session.user)
        .data(serde_json::json!({ "session": session.id.to_string(), "amr": renewed.amr() }));
    effects.push(Effect::RenewSession { session: renewed, from: session.secret_hash });
    effects.push(Effect::Record(event));
    cookie
}

fn refused<T>(user: &UserId, actor: Actor, reason: Reason, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<T> {
    let event = Event::new(EventKind::SignInFailed, &facts.tenant.id, actor, ctx).user(user).reason(reason);
    Decision::refuse_with(vec![Effect::Record(event)], reason)
}

/// Tell the person of a sign-in from a browser that was not known. Whoever has just been made knows.
pub(in crate::login) fn told(
    attempt: &Attempt,
    user: &User,
    browser: &str,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Option<Effect> {
    if attempt.is_known(facts) {
        return None;
    }
    told_of_browser(user, browser, facts, ctx)
}

/// The same, of a browser whatever is known of it.
pub(in crate::login) fn told_of_browser(
    user: &User,
    browser: &str,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Option<Effect> {
    if ctx.now.since_ms(user.created_at) < NEW_MS {
        return None;
    }
    let notice = forgot::notice_of(MailKind::NewDevice, user, facts, ctx)?;
    Some(Effect::QueueMail(Box::new(notice.value("device", browser))))
}

pub(in crate::login) fn signed_in_event(session: &Session, facts: &Facts, ctx: &mut Ctx<'_>) -> Event {
    Event::new(EventKind::SignedIn, &facts.tenant.id, Actor::User(session.user.clone()), ctx)
        .user(&session.user)
        .data(serde_json::json!({ "session": session.id.to_string(), "amr": session.amr() }))
}

/// A name for a stored password, which does not tell it.
pub(in crate::login) fn told_apart(phc: &str) -> String {
    base64url::encode(&digest::sha256_all(&[b"doorward password version\0", phc.as_bytes()])[..16])
}

/// Whoever was made so recently is not told of their first sign-in.
const NEW_MS: i64 = 3_600_000;
