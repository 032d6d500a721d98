//! What a person does with their second factor on the account page. Each act asks for the password once more, and whoever has a
//! factor has shown it in this session. They are told of it by mail.

use super::{Recovery, is_due, is_offered, is_required};
use crate::id::UserId;
use crate::login::account::own;
use crate::login::attempt::Attempt;
use crate::login::forgot::notice;
use crate::model::{Actor, Event, EventKind, MailKind, Session, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Begin to set one up, in the place of the one that is there.
    Begin,
    /// Make new recovery codes; those before work no more.
    NewCodes,
    /// Take it away, with the recovery codes.
    Remove,
}

/// An act, and the password that was shown for it.
#[derive(Clone, Debug)]
pub struct Manage {
    /// What is done.
    pub act: Act,
    /// The attempt as which the password was counted.
    pub attempt: Attempt,
    /// The session.
    pub session: SessionHandle,
    /// The person, as the session named them.
    pub user: UserId,
    /// The hash that the password was verified against.
    pub against: String,
    /// Whether it fits.
    pub fits: bool,
}

impl Manage {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: Some(self.session),
            user: Some(self.user.clone()),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide: the recovery codes that are new.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Vec<String>> {
        let (session, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        if !self.is_shown(user, facts) {
            let event =
                Event::new(EventKind::SignInFailed, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
                    .user(&user.id)
                    .reason(Reason::PasswordWrong);
            return Decision::refuse_with(vec![Effect::Record(event)], Reason::PasswordWrong);
        }
        let mut effects: Vec<Effect> = self.attempt.forgiven(facts).collect();
        match self.act(session, user, facts, ctx) {
            Ok((done, codes)) => {
                effects.extend(done);
                Decision::with(effects, codes)
            }
            Err(reason) => Decision::refuse_with(effects, reason),
        }
    }

    fn is_shown(&self, user: &User, facts: &Facts) -> bool {
        let current = facts.user.as_ref().filter(|found| found.user.id == user.id);
        let current = current.and_then(|found| found.password.as_ref());
        self.fits && current.is_some_and(|credential| credential.data == self.against)
    }

    fn act(
        &self,
        session: &Session,
        user: &User,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Vec<Effect>, Vec<String>), Reason> {
        let factors = &facts.factors;
        if is_due(facts, session) {
            return Err(Reason::SecondStepDue);
        }
        let event = |kind, ctx: &mut Ctx<'_>| {
            let by = Actor::User(user.id.clone());
            Effect::Record(Event::new(kind, &facts.tenant.id, by, ctx).user(&user.id))
        };
        match (self.act, &factors.totp) {
            (Act::Begin, None) if !is_offered(&facts.tenant) => Err(Reason::FactorNotOffered),
            (Act::Begin, _) => Ok((Vec::new(), Vec::new())),
            (Act::NewCodes | Act::Remove, None) => Err(Reason::ObjectUnknown),
            (Act::NewCodes, Some(_)) => {
                let (put, codes) = Recovery::fresh(user, ctx);
                let mut effects = vec![put, event(EventKind::RecoveryCodesMade, ctx)];
                effects.extend(notice(MailKind::RecoveryCodesMade, user, facts, ctx));
                Ok((effects, codes))
            }
            (Act::Remove, Some(_)) if is_required(facts, user) => Err(Reason::FactorRequired),
            (Act::Remove, Some(totp)) => {
                let gone = [Some(totp), factors.recovery.as_ref()].into_iter().flatten();
                let mut effects: Vec<Effect> = gone.cloned().map(Effect::RemoveCredential).collect();
                effects.push(event(EventKind::FactorRemoved, ctx));
                effects.extend(notice(MailKind::FactorRemoved, user, facts, ctx));
                Ok((effects, Vec::new()))
            }
        }
    }
}
