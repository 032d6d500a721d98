//! `urn:doorward:grant:retrieval-key`: the one-time key that an extension is opened with, and the person that it was opened by, for tokens
//! of exactly that person, extension and installation. The extension authenticates as a client does, or by its installation's secret.

use doorward_wire::grant_type::GrantType as Name;
use doorward_wire::params::Params;

use super::redeem::{self, Redemption};
use super::{GrantType, TokenRequest};
use crate::client_auth::Authenticated;
use crate::effect::MAX_TICKET_FAILURES;
use crate::facts::{GrantFacts, TicketFacts};
use crate::may_issue::may_issue;
use crate::model::{Actor, Event, EventKind, Ticket, TicketKey, TicketKind};
use crate::token::issue::Issued;
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: Name::RetrievalKey.as_str(),
    is_legacy: false,
    needs: |params, mount, needs| {
        needs.ticket = Some(key(params)?);
        needs.for_access_token(mount.policies);
        user_id(params)?;
        Ok(())
    },
    for_installations: true,
    decide,
};

fn key(params: &Params) -> Result<TicketKey, Reason> {
    let key = params.get("retrieval_key").ok_or(Reason::ParameterMissing)?;
    TicketKey::of_secret(TicketKind::RetrievalKey, key).ok_or(Reason::LaunchKeyUnknown)
}

fn user_id(params: &Params) -> Result<&str, Reason> {
    params.get("user_id").ok_or(Reason::ParameterMissing)
}

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let params = &request.params;
    if !client.is_proven() && !client.is_unnamed() {
        return Decision::refuse(Reason::ClientAnonymous);
    }
    let Some(TicketFacts { ticket, grant: Some(of), .. }) = facts.ticket.as_ref() else {
        return Decision::refuse(Reason::LaunchKeyUnknown);
    };
    if ticket.kind != TicketKind::RetrievalKey {
        return Decision::refuse(Reason::LaunchKeyUnknown);
    }
    let user = match user_id(params) {
        Ok(user) => user,
        Err(reason) => return Decision::refuse(reason),
    };
    match may_redeem(user, ticket, of, client, facts, ctx) {
        Ok(()) => {
            let redemption = Redemption { ticket, of, nonce: None, event: EventKind::LaunchRedeemed };
            redeem::redeem(params, client, facts, redemption, ctx)
        }
        Err(reason) => refuse(reason, client, ticket, of, ctx),
    }
}

/// Whether this key is for this extension, installation and person, fresh, and all that it hangs on stands. It is not used up by whom it
/// is not for.
fn may_redeem(
    user: &str,
    ticket: &Ticket,
    of: &GrantFacts,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &Ctx<'_>,
) -> Result<(), Reason> {
    if ticket.client.as_ref() != Some(&client.client.id) {
        return Err(Reason::LaunchKeyWrongExtension);
    }
    if client.installation.is_some_and(|found| !of.grant.is_of(&found.installation.id)) {
        return Err(Reason::LaunchKeyWrongInstallation);
    }
    if of.grant.issuer != facts.issuer.id {
        return Err(Reason::LaunchKeyWrongIssuer);
    }
    if user != of.grant.user.as_str() {
        return Err(Reason::LaunchKeyWrongUser);
    }
    if ticket.consumed_at.is_some() {
        let is_burnt = ticket.failures >= MAX_TICKET_FAILURES;
        return Err(if is_burnt { Reason::LaunchKeyBurnt } else { Reason::LaunchKeyRepeated });
    }
    if ctx.now >= ticket.expires_at {
        return Err(Reason::LaunchKeyExpired);
    }
    may_issue(of, ctx.now)
}

/// Refused and recorded; nothing ends. Who guesses at the person burns the key.
fn refuse(
    reason: Reason,
    client: &Authenticated<'_>,
    ticket: &Ticket,
    of: &GrantFacts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let actor = Actor::Client(client.client.id.clone());
    let event =
        Event::new(EventKind::LaunchRefused, &ticket.tenant, actor, ctx).of_grant(&of.grant).reason(reason);
    let mut effects = vec![Effect::Record(event)];
    if reason == Reason::LaunchKeyWrongUser && ticket.consumed_at.is_none() {
        effects.push(Effect::CountTicketFailure {
            tenant: ticket.tenant.clone(),
            key: ticket.key,
            now: ctx.now,
        });
    }
    Decision::refuse_with(effects, reason)
}
