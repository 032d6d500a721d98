//! Sign-in inside a frame, where the browser sends none of our cookies: the page around it hands in a ticket that works once, and who redeems
//! it gets a cookie of the frame's own. It signs a person in to one installation and to nothing else, and hangs on a grant, so on all that
//! a grant hangs on.

use doorward_crypto::secret::SecretString;

use super::opening::{self, Open, Who};
use crate::effect::ConsumeTicket;
use crate::facts::{GrantFacts, TicketFacts};
use crate::id::{ExtensionId, InstallationId, SessionId};
use crate::may_issue::may_issue;
use crate::model::{Actor, Event, EventKind, Ticket, TicketKey, TicketKind};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// Somebody wants a frame to be signed in to an installation as a person: themselves, or the platform for them.
#[derive(Clone, Debug)]
pub struct MakeTicket {
    /// To which.
    pub installation: InstallationId,
    /// As whom.
    pub who: Who,
}

impl MakeTicket {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        opening::needs(&self.installation, &self.who)
    }

    /// Decide: the ticket's secret, for [`TICKET_S`] seconds. Nobody is asked for consent here: where it is due, that is said.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SecretString> {
        let open = match Open::of(&self.who, facts, ctx) {
            Ok(open) => open,
            Err((reason, effects)) => return Decision::refuse_with(effects, reason),
        };
        if open.extension.manifest.frame_origins.is_empty() {
            return Decision::refuse(Reason::FrameNowhere);
        }
        if open.asks(facts) {
            return Decision::refuse(Reason::ConsentRequired);
        }
        // Never offline: what is seen in a frame ends with the person's session.
        let life = (false, TICKET_S);
        let (effects, secret) =
            open.begin(TicketKind::FrameSignIn, EventKind::FrameTicketMade, life, facts, ctx);
        Decision::with(effects, secret)
    }
}

/// A frame of ours hands in a ticket.
#[derive(Clone, Debug)]
pub struct RedeemTicket {
    /// The ticket.
    pub ticket: TicketKey,
    /// The extension whose sign-in is shown in the frame.
    pub extension: ExtensionId,
    /// The installation or context that the frame's request names.
    pub place: Option<String>,
}

/// A frame that is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What its cookie holds.
    pub cookie: SecretString,
    /// To which installation.
    pub installation: InstallationId,
    /// Seconds for which the browser keeps it.
    pub life_s: i64,
}

impl RedeemTicket {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { ticket: Some(self.ticket), ..Needs::default() }
    }

    /// Decide. A ticket is not used up by a frame that it is not for.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SignedIn> {
        let Some(TicketFacts { ticket, grant: Some(of), .. }) = facts.ticket.as_ref() else {
            return Decision::refuse(Reason::FrameTicketUnknown);
        };
        if let Err(reason) = self.may_redeem(ticket, of, facts, ctx) {
            let event = Event::new(EventKind::FrameRefused, &ticket.tenant, Actor::Unknown, ctx)
                .of_grant(&of.grant)
                .reason(reason);
            return Decision::refuse_with(vec![Effect::Record(event)], reason);
        }
        let Some(installed) = &of.grant.installation else {
            return Decision::refuse(Reason::FrameTicketUnknown);
        };
        let grant = &of.grant;
        let life_s = if grant.session == SessionId::NONE { PLATFORM_FRAME_S } else { FRAME_S };
        let expires_at = of.ends_at(ctx.now.plus_s(life_s));
        let (key, cookie) = TicketKey::mint(TicketKind::Frame, expires_at, ctx);
        let frame = Ticket {
            grant: Some(grant.id),
            client: ticket.client.clone(),
            ..Ticket::unbound(key, TicketKind::Frame, &grant.tenant, expires_at)
        };
        let actor = Actor::User(grant.user.clone());
        let event = Event::new(EventKind::FrameSignedIn, &grant.tenant, actor, ctx).of_grant(grant);
        let effects = vec![
            Effect::ConsumeTicket(ConsumeTicket::of(ticket, ctx.now)),
            Effect::StartGrant {
                tenant: grant.tenant.clone(),
                id: grant.id,
                now: ctx.now,
                generation: 0,
                mac_key: 0,
                idle_ms: life_s.saturating_mul(1000),
                expires_at,
                unnamed: false,
            },
            Effect::InsertTicket(frame),
            Effect::Record(event),
        ];
        Decision::with(effects, SignedIn { cookie, installation: installed.id.clone(), life_s })
    }

    fn may_redeem(
        &self,
        ticket: &Ticket,
        of: &GrantFacts,
        facts: &Facts,
        ctx: &Ctx<'_>,
    ) -> Result<(), Reason> {
        if ticket.kind != TicketKind::FrameSignIn {
            return Err(Reason::FrameTicketUnknown);
        }
        if ticket.client.as_ref() != Some(&self.extension.client()) {
            return Err(Reason::FrameTicketWrongExtension);
        }
        if of.grant.issuer != facts.issuer.id {
            return Err(Reason::FrameTicketWrongIssuer);
        }
        let found = of.installation.as_deref().map(|found| &found.installation);
        let is_there =
            |named: &String| found.is_some_and(|found| *named == found.id.0 || *named == found.context_id.0);
        if !self.place.as_ref().is_none_or(is_there) {
            return Err(Reason::FrameTicketWrongPlace);
        }
        if ticket.consumed_at.is_some() {
            return Err(Reason::FrameTicketRepeated);
        }
        if ctx.now >= ticket.expires_at {
            return Err(Reason::FrameTicketExpired);
        }
        may_issue(of, ctx.now)
    }
}

/// Seconds in which a ticket can be handed in.
pub const TICKET_S: i64 = 60;
/// Seconds that a frame stays signed in at most; it ends with the session of who signed it in.
pub const FRAME_S: i64 = 28_800;
/// The same where the platform signed it in: of what it thinks of the person's session we hear nothing.
pub const PLATFORM_FRAME_S: i64 = 3600;
