//! Opening a session: the one place where a person becomes signed in, whichever way they came.

use doorward_crypto::secret::SecretString;

use super::acr::Class;
use super::device::Device;
use crate::id::SessionId;
use crate::model::session::Factor;
use crate::model::{Session, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Effect, Facts};

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

/// Who is signed in, and how they showed that it is they.
#[derive(Debug)]
pub struct Opening<'a> {
    /// Who.
    pub user: &'a User,
    /// What they showed, and when.
    pub factors: Vec<Factor>,
    /// Whether "stay signed in" was ticked.
    pub remember: bool,
    /// The browser's own description.
    pub user_agent: &'a str,
}

impl Opening<'_> {
    /// Open it. The same person again keeps the row, with a new secret; another person gets a new row, and the old one ends.
    pub fn open(self, facts: &Facts, ctx: &mut Ctx<'_>, effects: &mut Vec<Effect>) -> SignedIn {
        let settings = &facts.tenant.settings;
        let (idle_s, absolute_s) = if self.remember {
            (settings.session_remembered_s, settings.session_remembered_s)
        } else {
            (settings.session_idle_s, settings.session_absolute_s)
        };
        let earlier =
            facts.session.as_ref().map(|found| &found.session).filter(|session| session.is_open(ctx.now));
        let same = earlier.filter(|session| session.user == self.user.id);
        let id = same.map_or_else(|| SessionId::new(ctx.now, ctx.rng), |session| session.id);
        let (handle, cookie) = SessionHandle::mint(id, ctx);
        let session = Session {
            id,
            tenant: facts.tenant.id.clone(),
            user: self.user.id.clone(),
            secret_hash: handle.secret_hash,
            auth_time: ctx.now,
            acr: Class::of(&self.factors).as_str().to_owned(),
            factors: self.factors,
            remembered: self.remember,
            used_at: ctx.now,
            idle_ms: idle_s.saturating_mul(1000),
            expires_at: ctx.now.plus_s(absolute_s),
            ended_at: None,
            user_agent: self.user_agent.to_owned(),
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
