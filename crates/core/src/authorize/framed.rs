//! An authorization request inside a frame. Nothing is asked there: whoever looks may be shown the frame by somebody else's page, and would
//! not know what they click. It is answered for whom the frame's own cookie names, in the installation that it is of; what would need a page
//! is told to the client, and a frame that nobody is signed in to wants a ticket.

use doorward_wire::params::Params;
use doorward_wire::prompt::Prompt;

use super::acr;
use super::approve::{self, SignIn};
use super::installed::named;
use super::max_age::is_recent;
use super::{Act, Asked, AuthorizationRequest, Step, answer_refused};
use crate::facts::{GrantFacts, TicketFacts};
use crate::grant::touch_session;
use crate::id::SessionId;
use crate::login::acr::Class;
use crate::login::second_factor::is_expected;
use crate::may_issue::may_issue;
use crate::model::{TicketKey, TicketKind, User};
use crate::{Ctx, Decision, Facts, Needs, Reason, Timestamp};

/// The request.
#[derive(Clone, Debug)]
pub struct FramedRequest {
    /// Its parameters, as they came.
    pub params: Params,
    /// What the frame's cookie holds.
    pub frame: TicketKey,
    /// Since when the frame waited for the ticket that was handed in for this very request; none where none was.
    pub waited_since: Option<Timestamp>,
}

impl FramedRequest {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            client: self.params.get("client_id").map(Into::into),
            ticket: Some(self.frame),
            factors: true,
            ..Needs::default()
        }
    }

    /// Decide: [`Step::Return`], or [`Step::SignIn`] where the frame is not signed in to what is asked for.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Step> {
        let request = AuthorizationRequest {
            params: self.params.clone(),
            started_at: ctx.now,
            key: None,
            session: None,
            act: Act::None,
        };
        let asked = match request.check(facts) {
            Ok(asked) => asked,
            Err(refused) => return request.refuse(*refused, facts, ctx),
        };
        let waits = |asked: &Asked<'_>| {
            Decision::answer(Step::SignIn { client_name: asked.client.name.clone(), name: None })
        };
        let Some((of, user)) = self.signed_in(&asked, facts, ctx) else { return waits(&asked) };
        match self.needs_no_page(&asked, (of, user), facts, ctx) {
            Ok(()) => {}
            // Another sign-in mends it, outside of the frame, whose ticket is then waited for: once, so that nothing goes round.
            Err(Reason::LoginRequired | Reason::AcrUnmet)
                if self.waited_since.is_none() && !asked.prompts.contains(Prompt::None) =>
            {
                return waits(&asked);
            }
            Err(reason) => return refuse(asked, reason, facts),
        }
        // What was consented to when the frame was signed in, and still is; more since then takes another ticket. Never offline: what is
        // seen in a frame ends with the person's session.
        let mut allowed = of.grant.scopes.filter(|scope| scope != "offline_access");
        if let Some(found) = &of.installation {
            allowed = allowed.intersection(&found.installation.scopes);
        }
        let asked = Asked {
            scopes: asked.scopes.intersection(&allowed),
            installed: of.grant.installation.clone(),
            ..asked
        };
        let asked = match asked.in_the_name_of(user, facts) {
            Ok(asked) => asked,
            Err(target) => {
                let answer = answer_refused(*target, &Reason::PersonMayNot.into(), facts);
                return Decision::answer(Step::Return(answer));
            }
        };
        let grant = approve::grant(&asked, signed_in_by(of, &asked), of.grant.consent, facts, ctx);
        let touched = touch_session(of, ctx).into_iter().collect();
        approve::answer(asked, grant, user, touched, facts, ctx)
    }

    /// Who is signed in inside this frame, to what this request is of.
    fn signed_in<'a>(
        &self,
        asked: &Asked<'_>,
        facts: &'a Facts,
        ctx: &Ctx<'_>,
    ) -> Option<(&'a GrantFacts, &'a User)> {
        let TicketFacts { ticket, grant: Some(of), .. } = facts.ticket.as_ref()? else { return None };
        let is_this = ticket.kind == TicketKind::Frame
            && ctx.now < ticket.expires_at
            && of.grant.client == asked.client.id
            && of.grant.issuer == facts.issuer.id;
        if !is_this || may_issue(of, ctx.now).is_err() || !self.is_meant(of) {
            return None;
        }
        Some((of, of.user.as_ref()?))
    }

    /// Whether a request that names an installation or a context names this one.
    fn is_meant(&self, of: &GrantFacts) -> bool {
        let Some(found) = of.installation.as_deref().map(|found| &found.installation) else { return false };
        let fits = |named: &str| named == found.id.as_str() || named == found.context_id.as_str();
        named(&self.params).is_none_or(fits)
    }

    /// Whether the request can be answered without asking anything.
    fn needs_no_page(
        &self,
        asked: &Asked<'_>,
        (of, user): (&GrantFacts, &User),
        facts: &Facts,
        ctx: &Ctx<'_>,
    ) -> Result<(), Reason> {
        let is_meant = asked.hinted.as_deref().is_none_or(|hinted| hinted == user.id.as_str());
        if !is_meant || !is_recent(asked, self.waited_since, of.grant.auth_time, ctx.now) {
            return Err(Reason::LoginRequired);
        }
        if asked.prompts.contains(Prompt::Consent) {
            return Err(Reason::ConsentRequired);
        }
        if asked.prompts.contains(Prompt::SelectAccount) {
            return Err(Reason::SelectionRequired);
        }
        // What their platform vouches for in its own way is not asked again here.
        let is_ours = of.grant.session != SessionId::NONE;
        let by_person = (is_ours && is_expected(facts, user)).then_some(Class::Mfa);
        let least = acr::least(asked).max(by_person);
        if least.is_some() && Class::parse(&of.grant.acr) < least {
            return Err(Reason::AcrUnmet);
        }
        Ok(())
    }
}

/// As the frame was signed in.
fn signed_in_by(of: &GrantFacts, asked: &Asked<'_>) -> SignIn {
    let grant = &of.grant;
    let class = Class::parse(&grant.acr);
    SignIn {
        session: grant.session,
        user: grant.user.clone(),
        auth_time: grant.auth_time,
        acr: class.map_or_else(|| grant.acr.clone(), |class| asked.acr.told(class).as_str().to_owned()),
        amr: grant.amr.clone(),
        actor: grant.actor.clone(),
    }
}

fn refuse(asked: Asked<'_>, reason: Reason, facts: &Facts) -> Decision<Step> {
    Decision::answer(Step::Return(answer_refused(asked.target, &reason.into(), facts)))
}
