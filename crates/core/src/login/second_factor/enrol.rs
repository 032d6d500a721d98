//! Setting a second factor up: the person shows a first code of the seed that they were shown, and gets recovery codes, once.

use doorward_crypto::secret::SecretString;
use doorward_crypto::totp::{Code, Found, Seed};

use super::step::{Pending, step_up};
use super::{Recovery, STEPS_S, TOTP, Totp, credential, is_due, is_offered};
use crate::id::UserId;
use crate::login::account::own;
use crate::login::forgot::notice;
use crate::login::opening::SignedIn;
use crate::model::{Actor, Credential, Event, EventKind, MailKind, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};

/// A seed that was shown, and the first code of it.
#[derive(Clone, Debug)]
pub struct NewFactor {
    /// The seed.
    pub seed: Seed,
    /// The same, sealed for its row, base64url.
    pub sealed: String,
    /// When it was shown.
    pub shown_at: Timestamp,
    /// What was typed; none when it cannot be a code.
    pub code: Option<Code>,
}

/// Set up on the way of a sign-in, by a person who must have a factor.
#[derive(Clone, Debug)]
pub struct EnrolAtSignIn {
    /// The first step.
    pub pending: Pending,
    /// The factor.
    pub new: NewFactor,
    /// The session cookie that came with the form.
    pub session: Option<SessionHandle>,
    /// The browser's own description.
    pub user_agent: String,
}

/// Set up by a person who is signed in and has just shown their password.
#[derive(Clone, Debug)]
pub struct EnrolSignedIn {
    /// The session.
    pub session: SessionHandle,
    /// The person, as the form named them.
    pub user: UserId,
    /// The factor.
    pub new: NewFactor,
}

/// A factor was set up.
#[derive(Debug)]
pub struct Enrolled<T> {
    /// What the browser is signed in by from now on.
    pub session: T,
    /// The recovery codes, to be shown this once.
    pub codes: Vec<String>,
}

impl EnrolAtSignIn {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        self.pending.needs(self.session)
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Enrolled<SignedIn>> {
        let user = match self.pending.stands(facts, ctx) {
            Ok(found) => &found.user,
            Err(reason) => return Decision::refuse(reason),
        };
        // Set up in another tab meanwhile: that one is asked for. A password that became due meanwhile comes first.
        if facts.factors.is_there() || user.password_due_at.is_some() {
            return Decision::refuse(Reason::SecondStepStale);
        }
        match self.new.added(user, facts, ctx) {
            Ok((mut effects, codes)) => {
                let session = self.pending.open(user, &self.user_agent, facts, ctx, &mut effects);
                Decision::with(effects, Enrolled { session, codes })
            }
            Err(reason) => Decision::refuse(reason),
        }
    }
}

impl EnrolSignedIn {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: Some(self.session),
            user: Some(self.user.clone()),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide. Whoever has a factor has shown it in this session before they put another in its place.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Enrolled<SecretString>> {
        let (session, user) = match own(facts, ctx) {
            Ok(own) => own,
            Err(reason) => return Decision::refuse(reason),
        };
        if user.id != self.user {
            return Decision::refuse(Reason::NotSignedIn);
        }
        if is_due(facts, session) {
            return Decision::refuse(Reason::SecondStepDue);
        }
        match self.new.added(user, facts, ctx) {
            Ok((mut effects, codes)) => {
                let session = step_up(session, facts, ctx, &mut effects);
                Decision::with(effects, Enrolled { session, codes })
            }
            Err(reason) => Decision::refuse(reason),
        }
    }
}

impl NewFactor {
    /// What setting it up changes, and the recovery codes. The first code is used by it. The person is told by mail.
    fn added(
        &self,
        user: &User,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Vec<Effect>, Vec<String>), Reason> {
        let before = facts.factors.totp.as_ref();
        if before.is_none() && !is_offered(&facts.tenant) {
            return Err(Reason::FactorNotOffered);
        }
        if ctx.now.since_ms(self.shown_at) > STEPS_S * 1000 {
            return Err(Reason::SecondStepStale);
        }
        let code = self.code.as_ref().ok_or(Reason::TotpWrong)?;
        let Found::Fits(last_step) = self.seed.find(code, ctx.now.seconds(), NO_STEP) else {
            return Err(Reason::TotpWrong);
        };
        let data = Totp { sealed: self.sealed.clone(), last_step }.data();
        let put = match before {
            None => Effect::AddCredential(credential(user, TOTP, data, ctx)),
            Some(before) => Effect::UpgradeCredential {
                credential: Credential { data, created_at: ctx.now, ..before.clone() },
                from: before.data.clone(),
            },
        };
        let (recovery, codes) = Recovery::fresh(user, ctx);
        let event = Event::new(EventKind::FactorAdded, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
            .user(&user.id)
            .data(serde_json::json!({ "kind": TOTP, "replaced": before.is_some() }));
        let mut effects = vec![put, recovery, Effect::Record(event)];
        effects.extend(notice(MailKind::FactorAdded, user, facts, ctx));
        Ok((effects, codes))
    }
}

/// Before every step.
const NO_STEP: i64 = -1;
