//! An administrator takes a person's second factor away: the device is gone, and so are the recovery codes.

use crate::id::UserId;
use crate::login::forgot::notice;
use crate::model::{Actor, Event, EventKind, MailKind};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// What must be loaded.
pub fn needs(user: &UserId) -> Needs {
    Needs { user: Some(user.clone()), factors: true, ..Needs::default() }
}

/// Decide: whether there was one. The person is told by mail, where they have an address. Who must have a factor sets a new one up at their next sign-in. Sessions stay as they are: whoever
/// lost a device ends those of it by themselves, or the administrator does.
pub fn decide(user: &UserId, actor: Actor, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<bool> {
    let Some(found) = facts.user.as_ref().filter(|found| found.user.id == *user) else {
        return Decision::refuse(Reason::ObjectUnknown);
    };
    let factors = [&facts.factors.totp, &facts.factors.recovery].into_iter().flatten();
    let mut effects: Vec<Effect> = factors.cloned().map(Effect::RemoveCredential).collect();
    if effects.is_empty() {
        return Decision::answer(false);
    }
    let event = Event::new(EventKind::FactorReset, &facts.tenant.id, actor, ctx).user(&found.user.id);
    effects.push(Effect::Record(event));
    effects.extend(notice(MailKind::FactorReset, &found.user, facts, ctx));
    Decision::with(effects, true)
}
