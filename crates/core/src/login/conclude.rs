//! The conclusion of a sign-in's first step: a session, or the second step, or one answer for every kind of failure.

use super::attempt::Attempt;
use super::forgot::notice;
use super::second_factor::TOLD_CLOSED;
use super::second_factor::step::{Concluded, Pending, after_first, told};
use crate::facts::{SessionHandle, UserFacts};
use crate::may_issue::user_stands;
use crate::model::{Actor, Credential, Event, EventKind, MailKind, User};
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

impl Conclusion {
    /// What must be loaded: the person again, for their state may have changed meanwhile, and the session that is there.
    pub fn needs(&self) -> Needs {
        Needs {
            login_name: self.attempt.name_key.clone(),
            factors: true,
            session: self.session,
            ..Needs::default()
        }
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Concluded> {
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
                // Whoever showed the password hears by mail what the page does not say.
                let is_closed = matches!(reason, Reason::UserDisabled | Reason::UserLocked);
                if let (true, Some(found)) = (is_closed, &facts.user) {
                    effects.extend(told_closed(&found.user, facts, ctx));
                }
                // One answer for all: unknown, wrong, disabled, locked.
                return Decision::refuse_with(effects, Reason::SignInFailed);
            }
        };
        let mut effects: Vec<Effect> = self.attempt.forgiven(facts).collect();
        if let (Some(upgraded), Some(old)) = (&self.upgraded, &found.password) {
            let credential = Credential { data: upgraded.clone(), ..old.clone() };
            effects.push(Effect::UpgradeCredential { credential, from: old.data.clone() });
        }
        let phc = self.upgraded.as_ref().unwrap_or(&self.against);
        let pending = Pending::by_password(found, phc, self.remember, ctx.now);
        let concluded = after_first(pending, found, &self.user_agent, facts, ctx, &mut effects);
        if let Concluded::SignedIn(_) = concluded {
            effects.extend(told(&self.attempt, &found.user, &self.user_agent, facts, ctx));
        }
        Decision::with(effects, concluded)
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
}

/// That the account is closed, once a day at most.
fn told_closed(user: &User, facts: &Facts, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let last = facts.factors.told_closed.as_ref().map(|note| note.created_at);
    if last.is_some_and(|last| ctx.now.since_ms(last) < DAY_MS) {
        return Vec::new();
    }
    let Some(mail) = notice(MailKind::AccountClosed, user, facts, ctx) else { return Vec::new() };
    let note = Credential {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        kind: TOLD_CLOSED.to_owned(),
        data: String::new(),
        created_at: ctx.now,
    };
    vec![mail, Effect::PutCredential(note)]
}

const DAY_MS: i64 = 86_400_000;
