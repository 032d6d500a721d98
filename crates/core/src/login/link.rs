//! Links for one person: mailed, or handed over by an administrator. Each works once, while it is the newest of its kind, while its
//! time lasts, and as long as the account is as it was. Anybody can have a link to a new password mailed: that takes none back that was
//! handed over, until the password is another. Opening one spends nothing; the button does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::undo::TakenBack;
use crate::effect::ConsumeTicket;
use crate::id::UserId;
use crate::may_issue::user_stands;
use crate::model::{Actor, Credential, Event, EventKind, Ticket, TicketKey, TicketKind, User};
use crate::permission::Permission;
use crate::permission::held::ADMIN_DOMAIN;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};
use doorward_crypto::base64url;
use doorward_crypto::secret::SecretString;

/// What the ticket of a link keeps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkData {
    /// Whose link.
    pub user: UserId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The address that it went to, or that it is about.
    #[serde(default)]
    pub address: Option<String>,
    /// The address that an undoing brings back, with when it had been verified.
    #[serde(default)]
    pub before: Option<(String, Option<Timestamp>)>,
    /// Where it was handed over, and not mailed: what the person administered of the tenant then, all of which its maker held too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<BTreeSet<Permission>>,
}

/// A link that works, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Works<'a> {
    /// Its ticket.
    pub ticket: &'a Ticket,
    /// The person.
    pub user: &'a User,
}

/// Makes a link of `kind` that works for `life_s` seconds: the effects, and the secret. The one before it works no longer.
pub fn mint(
    kind: TicketKind,
    data: &LinkData,
    life_s: i64,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> (Vec<Effect>, SecretString) {
    let (ticket, secret) = Ticket::of_link(kind, &facts.tenant.id, life_s, data, ctx);
    let newest = Credential {
        tenant: facts.tenant.id.clone(),
        user: data.user.clone(),
        kind: kind.as_str().to_owned(),
        data: base64url::encode(&ticket.key.hash),
        created_at: ctx.now,
    };
    let mut effects = vec![Effect::InsertTicket(ticket)];
    if kind != TicketKind::AddressUndo {
        let name = data.newest_as(kind);
        if name != newest.kind {
            effects.push(Effect::PutCredential(Credential { kind: name.to_owned(), ..newest.clone() }));
        }
        effects.push(Effect::PutCredential(newest));
    }
    (effects, secret)
}

impl LinkData {
    /// Where it stands whether a link of `kind` with this data is the newest. One that was handed over takes mailed ones back, and they
    /// do not take it back.
    pub const fn newest_as(&self, kind: TicketKind) -> &'static str {
        match kind {
            TicketKind::PasswordReset if self.handed.is_some() => HANDED,
            _ => kind.as_str(),
        }
    }
}

/// A link that does not work: an event, and the reason.
pub fn refused<T>(kind: TicketKind, reason: Reason, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<T> {
    let event = Event::new(EventKind::LinkRefused, &facts.tenant.id, Actor::Unknown, ctx)
        .reason(reason)
        .data(serde_json::json!({ "kind": kind.as_str() }));
    Decision::refuse_with(vec![Effect::Record(event)], reason)
}

/// What must be loaded for a link of `kind`: its ticket; the person, what they hold and which link is the newest come with it.
pub fn needs(kind: TicketKind, link: &str) -> Needs {
    Needs { ticket: TicketKey::of_secret(kind, link), held: true, ..Needs::default() }
}

/// What a person administers of the whole tenant, by their roles.
pub fn administered(facts: &Facts) -> BTreeSet<Permission> {
    let held = facts.held.iter().flat_map(|held| &held.roles).filter(|role| role.context.is_none());
    held.flat_map(|role| &role.permissions).filter(|held| held.domain() == ADMIN_DOMAIN).cloned().collect()
}

/// Whether somebody has come to administer what they did not when a link to them was handed over: it reaches whom its maker could
/// reach, and nobody who may more.
fn has_risen(user: &User, before: &BTreeSet<Permission>, made_at: Timestamp, facts: &Facts) -> bool {
    user.administrator_since.is_some_and(|since| since > made_at)
        || administered(facts).iter().any(|now| !before.iter().any(|held| held.covers(now.as_str())))
}

/// Whether a link of `kind` works, and what it keeps. All that speaks against it is one and the same to whoever holds it.
pub fn works<'a>(
    kind: TicketKind,
    facts: &'a Facts,
    now: Timestamp,
) -> Result<(Works<'a>, LinkData), Reason> {
    let ticket = facts.ticket.as_ref().map(|found| &found.ticket).ok_or(Reason::LinkSpent)?;
    if ticket.kind != kind || ticket.consumed_at.is_some() || now >= ticket.expires_at {
        return Err(Reason::LinkSpent);
    }
    let data: LinkData = serde_json::from_str(&ticket.data).map_err(|_| Reason::LinkSpent)?;
    let found = facts.user.as_ref().filter(|found| found.user.id == data.user).ok_or(Reason::LinkSpent)?;
    let newest = facts.newest_link.as_deref();
    let is_newest = match kind {
        TicketKind::AddressUndo => !TakenBack::parse(newest).holds(data.made_at),
        _ => newest == Some(base64url::encode(&ticket.key.hash).as_str()),
    };
    let changed_since = found.password.as_ref().is_some_and(|password| password.created_at > data.made_at);
    let is_closed = facts.tenant.disabled_at.is_some() || found.user.disabled_at.is_some();
    let stands = user_stands(Some(&found.user), data.made_at).is_ok();
    // Undoing is for who lost the account to somebody: neither a changed password nor a lock stands in their way.
    let may_have_changed = kind == TicketKind::AddressUndo;
    // One that was mailed is for who has that mailbox now.
    let of_mailbox = matches!(kind, TicketKind::PasswordReset | TicketKind::AddressVerify);
    let moved = of_mailbox && data.address.is_some() && data.address != found.user.email;
    let promoted =
        data.handed.as_ref().is_some_and(|before| has_risen(&found.user, before, data.made_at, facts));
    if !is_newest || is_closed || moved || promoted || (!may_have_changed && (changed_since || !stands)) {
        return Err(Reason::LinkSpent);
    }
    Ok((Works { ticket, user: &found.user }, data))
}

impl Works<'_> {
    /// Spends it.
    pub fn spend(&self, now: Timestamp) -> Effect {
        Effect::ConsumeTicket(ConsumeTicket::of(self.ticket, now))
    }
}

impl TicketKind {
    /// Whether its tickets are links of one person, whose id is in their data.
    pub const fn is_link_of_person(self) -> bool {
        matches!(
            self,
            Self::AddressConfirm
                | Self::AddressUndo
                | Self::AddressVerify
                | Self::PasswordReset
                | Self::SignInLink
        )
    }
}

/// The kind of the credential that says which link to a new password was handed over last.
const HANDED: &str = "password_reset_handed";
