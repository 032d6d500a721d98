//! What a person does in their account page: change the password, end sessions, take consents back.

use super::attempt::Attempt;
use super::forgot::notice;
use super::second_factor::is_due;
use crate::id::{ConsentId, SessionId};
use crate::may_issue::is_signed_in;
use crate::model::{Actor, Credential, Event, EventKind, MailKind, Session, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};
use doorward_crypto::secret::SecretString;

/// A change of password by the person, signed in.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// The session.
    pub session: SessionHandle,
    /// The person, as the session named them.
    pub user: crate::id::UserId,
    /// The hash that the current password was verified against.
    pub against: String,
    /// Whether it fits.
    pub fits: bool,
    /// The new password's PHC string.
    pub new: String,
    /// Whether everything else ends: other sessions, and every application's grant.
    pub everywhere: bool,
}

/// A session of one's own to end.
#[derive(Clone, Debug)]
pub struct EndSession {
    /// The session that asks.
    pub session: SessionHandle,
    /// The session to end.
    pub target: SessionId,
}

/// A consent to take back.
#[derive(Clone, Debug)]
pub struct EndConsent {
    /// The session that asks.
    pub session: SessionHandle,
    /// The consent.
    pub consent: ConsentId,
}

impl ChangePassword {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: Some(self.session),
            user: Some(self.user.clone()),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide. Whoever has a second factor has shown it in this session. The session goes on under a new secret: changing the password is a sign-in.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SecretString> {
        let (session, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        let current = facts
            .user
            .as_ref()
            .filter(|found| found.user.id == user.id)
            .and_then(|found| found.password.as_ref());
        if !self.fits || current.is_none_or(|credential| credential.data != self.against) {
            let event =
                Event::new(EventKind::SignInFailed, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
                    .user(&user.id)
                    .reason(Reason::PasswordWrong);
            return Decision::refuse_with(vec![Effect::Record(event)], Reason::PasswordWrong);
        }
        if is_due(facts, session) {
            return Decision::refuse_with(self.attempt.forgiven(facts).collect(), Reason::SecondStepDue);
        }
        let (handle, cookie) = SessionHandle::mint(session.id, ctx);
        let renewed = Session {
            secret_hash: handle.secret_hash,
            auth_time: ctx.now,
            used_at: ctx.now,
            ..session.clone()
        };
        let event =
            Event::new(EventKind::PasswordChanged, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
                .user(&user.id)
                .data(serde_json::json!({ "everywhere": self.everywhere }));
        let mut effects = vec![
            Effect::PutCredential(Credential {
                tenant: facts.tenant.id.clone(),
                user: user.id.clone(),
                kind: "password".to_owned(),
                data: self.new.clone(),
                created_at: ctx.now,
            }),
            Effect::RenewSession { session: renewed, from: session.secret_hash },
            Effect::Record(event),
        ];
        effects.extend(notice(MailKind::PasswordChanged, user, facts, ctx));
        effects.extend(self.attempt.forgiven(facts));
        if self.everywhere {
            effects.push(Effect::EndSessionsOf {
                tenant: facts.tenant.id.clone(),
                user: user.id.clone(),
                except: Some(session.id),
                now: ctx.now,
            });
            // Grants made before are dead by this stamp, offline ones too; the renewed session is as new as the stamp.
            effects.push(Effect::PutUser(User {
                valid_from: Some(ctx.now),
                // A new one was due: here it is.
                password_due_at: None,
                updated_at: ctx.now,
                ..user.clone()
            }));
        }
        Decision::with(effects, cookie)
    }
}

impl EndSession {
    /// What must be loaded; the sessions of the person come beside it.
    pub fn needs(&self) -> Needs {
        Needs { session: Some(self.session), ..Needs::default() }
    }

    /// Decide: `theirs` are the sessions of the person who asks.
    pub fn decide(&self, facts: &Facts, theirs: &[Session], ctx: &mut Ctx<'_>) -> Decision<()> {
        let (_, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        if !theirs.iter().any(|session| session.id == self.target && session.user == user.id) {
            return Decision::refuse(Reason::ObjectUnknown);
        }
        let event = Event::new(EventKind::SessionEnded, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
            .user(&user.id)
            .data(serde_json::json!({ "session": self.target.to_string(), "by": "account" }));
        let end = Effect::EndSession { tenant: facts.tenant.id.clone(), id: self.target, now: ctx.now };
        Decision::with(vec![end, Effect::Record(event)], ())
    }
}

impl EndConsent {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { session: Some(self.session), consent: Some(self.consent), ..Needs::default() }
    }

    /// Decide: every grant under the consent is dead with it.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (_, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        let Some(consent) =
            facts.consent.as_ref().filter(|consent| consent.id == self.consent && consent.user == user.id)
        else {
            return Decision::refuse(Reason::ObjectUnknown);
        };
        let event = Event::new(EventKind::ConsentEnded, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
            .user(&user.id)
            .client(&consent.client);
        let end = Effect::EndConsent { tenant: facts.tenant.id.clone(), id: consent.id, now: ctx.now };
        Decision::with(vec![end, Effect::Record(event)], ())
    }
}

/// Looking at one's account: it counts as use of the session, stamped at most once a minute.
pub fn look(facts: &Facts, ctx: &Ctx<'_>) -> Decision<User> {
    match own(facts, ctx) {
        Ok((session, user)) => {
            let touch = Effect::TouchSession { tenant: session.tenant.clone(), id: session.id, now: ctx.now };
            let is_due = ctx.now.since_ms(session.used_at) >= 60_000;
            Decision::with(is_due.then_some(touch).into_iter().collect(), user.clone())
        }
        Err(reason) => Decision::refuse(reason),
    }
}

/// The session of who asks, and its person.
pub(super) fn own<'a>(facts: &'a Facts, ctx: &Ctx<'_>) -> Result<(&'a Session, &'a User), Reason> {
    let found = facts.session.as_ref().ok_or(Reason::NotSignedIn)?;
    let user = is_signed_in(found, ctx.now).map_err(|_| Reason::NotSignedIn)?;
    Ok((&found.session, user))
}
