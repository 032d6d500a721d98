//! A password that was looked at, outside of the core.

use super::attempt::Attempt;
use super::forgot::notice;
use super::second_factor::TOLD_CLOSED;
use crate::facts::UserFacts;
use crate::may_issue::user_stands;
use crate::model::{Actor, Credential, Event, EventKind, MailKind, User};
use crate::{Ctx, Effect, Facts, Reason};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The hash that it was held against.
    pub against: String,
    /// Whether it fits.
    pub fits: bool,
    /// The same password hashed with today's parameters, when the row has older ones or was made by another system.
    pub upgraded: Option<String>,
    /// What is stored is no hash that could be worked with.
    pub invalid: bool,
}

impl Verified {
    /// Whose password it is, if it still is, and they may sign in.
    pub(crate) fn person<'a>(&self, facts: &'a Facts, ctx: &Ctx<'_>) -> Result<&'a UserFacts, Reason> {
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

    /// What a failure leaves: the reason is recorded, and told to nobody.
    pub(crate) fn failed(
        &self,
        reason: Reason,
        actor: &Actor,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut record = |kind: EventKind, reason| {
            let mut event = Event::new(kind, &facts.tenant.id, actor.clone(), ctx).reason(reason);
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
        // Whoever showed the password hears by mail what the answer does not say.
        let is_closed = matches!(reason, Reason::UserDisabled | Reason::UserLocked);
        if let (true, Some(found)) = (is_closed, &facts.user) {
            effects.extend(told_closed(&found.user, facts, ctx));
        }
        effects
    }

    /// What a success leaves: the attempts are given back, and the hash is as hashes are made today.
    pub(crate) fn succeeded(&self, attempt: &Attempt, found: &UserFacts, facts: &Facts) -> Vec<Effect> {
        let mut effects: Vec<Effect> = attempt.forgiven(facts).collect();
        if let (Some(upgraded), Some(old)) = (&self.upgraded, &found.password) {
            let credential = Credential { data: upgraded.clone(), ..old.clone() };
            effects.push(Effect::UpgradeCredential { credential, from: old.data.clone() });
        }
        effects
    }

    /// The hash that is stored from now on.
    pub(crate) fn stored(&self) -> &str {
        self.upgraded.as_ref().unwrap_or(&self.against)
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
