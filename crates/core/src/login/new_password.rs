//! A new password that is due at sign-in: chosen after every other step, and before anything is opened.

use super::forgot::replace_password;
use super::opening::Opening;
use super::second_factor::is_required;
use super::second_factor::step::{Concluded, Pending, signed_in_event, told_apart};
use crate::model::session::Factor;
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// The new password.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// What was shown.
    pub pending: Pending,
    /// The new password's hash.
    pub phc: String,
    /// The session cookie that came with the form.
    pub session: Option<SessionHandle>,
    /// The browser's own description.
    pub user_agent: String,
}

impl NewPassword {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        self.pending.needs(self.session)
    }

    /// Decide: signed in, or a second factor must be set up now.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Concluded> {
        let found = match self.pending.stands(facts, ctx) {
            Ok(found) => found,
            Err(reason) => return Decision::refuse(reason),
        };
        let user = &found.user;
        if user.password_due_at.is_none() {
            return Decision::refuse(Reason::SecondStepStale);
        }
        if facts.factors.is_there() && self.pending.second.is_none() {
            return Decision::refuse(Reason::SecondStepDue);
        }
        let mut effects = replace_password(user, &self.phc, "sign_in", facts, ctx);
        // The session that is there goes on, as that of whoever signs in now.
        for effect in &mut effects {
            if let Effect::EndSessionsOf { except, .. } = effect {
                *except = facts.session.as_ref().map(|found| found.session.id);
            }
        }
        let first = Factor { at: ctx.now, ..self.pending.first.clone() };
        if !facts.factors.is_there() && is_required(facts, user) {
            let pending =
                Pending { first, password: told_apart(&self.phc), second: None, ..self.pending.clone() };
            return Decision::with(effects, Concluded::Pending { pending, has_factor: false });
        }
        let factors = [Some(first), self.pending.second.clone()].into_iter().flatten().collect();
        let opening =
            Opening { user, factors, remember: self.pending.remember, user_agent: &self.user_agent };
        let signed_in = opening.open(facts, ctx, &mut effects);
        effects.push(Effect::Record(signed_in_event(&signed_in.session, facts, ctx)));
        Decision::with(effects, Concluded::SignedIn(Box::new(signed_in)))
    }
}
