//! The window of ours beside a frame: whoever is signed in there hands a ticket to the frame, and first shows what the frame's request asks
//! of a sign-in, since nothing is asked in the frame itself.

use doorward_wire::params::Params;

use super::acr::{self, Missing};
use super::max_age::is_recent;
use super::{Act, AuthorizationRequest};
use crate::login::account::look;
use crate::model::User;
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Facts, Needs, Timestamp};

/// Somebody is there to hand a ticket over.
#[derive(Clone, Debug)]
pub struct Handover {
    /// The parameters of the frame's request, with the extension's `client_id`.
    pub params: Params,
    /// Since when the frame waits; none where it is not known, so that no sign-in counts as one for it.
    pub waits_since: Option<Timestamp>,
    /// Whose browser.
    pub session: Option<SessionHandle>,
}

impl Handover {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: self.session,
            client: self.params.get("client_id").map(Into::into),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide: who they are, and what they have to show first. What is wrong with the request itself the frame tells.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<(User, Option<Missing>)> {
        let Decision { effects, answer } = look(facts, ctx);
        Decision {
            effects,
            answer: answer.map(|user| {
                let missing = self.missing(&user, facts, ctx);
                (user, missing)
            }),
        }
    }

    fn missing(&self, user: &User, facts: &Facts, ctx: &Ctx<'_>) -> Option<Missing> {
        let found = facts.session.as_ref()?;
        let request = AuthorizationRequest {
            params: self.params.clone(),
            started_at: ctx.now,
            key: None,
            session: self.session,
            act: Act::None,
        };
        let asked = request.check(facts).ok()?;
        if !is_recent(&asked, self.waits_since, found.session.auth_time, ctx.now) {
            return Some(Missing::SignIn);
        }
        acr::missing(&asked, self.waits_since, found, user, facts, ctx)
    }
}
