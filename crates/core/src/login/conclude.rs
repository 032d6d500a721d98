//! The conclusion of a sign-in's first step: a session, or the second step, or one answer for every kind of failure.

use super::attempt::Attempt;
use super::second_factor::step::{Concluded, Pending, after_first, told};
use super::verified::Verified;
use crate::model::Actor;
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Facts, Needs, Reason};

/// A sign-in whose password has been verified, or found wrong.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The attempt.
    pub attempt: Attempt,
    /// What came of the password.
    pub verified: Verified,
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
        let found = match self.verified.person(facts, ctx) {
            Ok(found) => found,
            // One answer for all: unknown, wrong, disabled, locked.
            Err(reason) => {
                let effects = self.verified.failed(reason, &Actor::Unknown, facts, ctx);
                return Decision::refuse_with(effects, Reason::SignInFailed);
            }
        };
        let mut effects = self.verified.succeeded(&self.attempt, found, facts);
        let pending = Pending::by_password(found, self.verified.stored(), self.remember, ctx.now);
        let concluded = after_first(pending, found, &self.user_agent, facts, ctx, &mut effects);
        if let Concluded::SignedIn(_) = concluded {
            effects.extend(told(&self.attempt, &found.user, &self.user_agent, facts, ctx));
        }
        Decision::with(effects, concluded)
    }
}
