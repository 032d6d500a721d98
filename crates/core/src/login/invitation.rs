//! Invitations, and signing up: a link by which somebody makes their account. What an invitation gives was checked against what its
//! maker holds; whoever signs up gets nothing but an account, with an address that they have shown to be theirs.

use serde::{Deserialize, Serialize};

use super::link;
use crate::effect::ConsumeTicket;
use crate::id::{ContextId, ContextKey, RoleId, RoleKey};
use crate::model::{
    Actor, Assignment, Credential, Event, EventKind, Mail, MailKind, Membership, Ticket, TicketKey,
    TicketKind, User,
};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};
use doorward_crypto::base62;
use doorward_crypto::secret::SecretString;
use doorward_wire::text::Email;

/// What an invitation holds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Invited {
    /// Who made it; none for a sign-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
    /// The address that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the link was sent there, and shown to nobody else.
    #[serde(default)]
    pub mailed: bool,
    /// Their name, as pages show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Roles in the whole tenant.
    #[serde(default)]
    pub roles: Vec<(RoleKey, RoleId)>,
    /// Contexts.
    #[serde(default)]
    pub contexts: Vec<InvitedTo>,
}

/// A context that an invitation makes somebody a member of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvitedTo {
    /// The context.
    pub context: ContextKey,
    /// Its name.
    pub id: ContextId,
    /// Roles there.
    #[serde(default)]
    pub roles: Vec<(RoleKey, RoleId)>,
}

/// An invitation that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// The key of its ticket.
    pub key: TicketKey,
    /// What it holds.
    pub invited: Invited,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// Its link, unless it was sent.
    pub url: Option<String>,
}

/// An invitation is called back: its link works no longer.
#[derive(Clone, Copy, Debug)]
pub struct Withdraw {
    /// Which.
    pub key: TicketKey,
}

/// The outbox answers who signed up.
#[derive(Clone, Debug)]
pub struct SignUpAnswer {
    /// The address.
    pub email: Email,
    /// The language of the page.
    pub locale: Option<String>,
}

/// Somebody makes their account, by an invitation or by the link of a sign-up.
#[derive(Clone, Debug)]
pub struct Join {
    /// [`TicketKind::Invitation`] or [`TicketKind::SignUp`].
    pub kind: TicketKind,
    /// The link's secret.
    pub link: String,
    /// Who they are.
    pub user: User,
    /// The hash of their password.
    pub phc: String,
}

impl Invited {
    /// Make the invitation: the secret of its link.
    pub fn mint(
        &self,
        kind: TicketKind,
        lasts_s: i64,
        facts: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> (Ticket, SecretString) {
        Ticket::of_link(kind, &facts.tenant.id, lasts_s, self, ctx)
    }

    /// What its event says: what it gives, and nothing of whom.
    fn told(&self) -> serde_json::Value {
        let names = |roles: &[(RoleKey, RoleId)]| -> Vec<String> {
            roles.iter().map(|(_, id)| id.0.clone()).collect()
        };
        let contexts: std::collections::BTreeMap<&str, Vec<String>> =
            self.contexts.iter().map(|to| (to.id.as_str(), names(&to.roles))).collect();
        serde_json::json!({ "by_mail": self.mailed, "roles": names(&self.roles), "contexts": contexts })
    }

    /// Invite.
    pub fn invite(mut self, actor: Actor, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Made> {
        (self.by, self.made_at) = (Some(actor.clone()), Some(ctx.now));
        let (ticket, secret) = self.mint(TicketKind::Invitation, INVITATION_S, facts, ctx);
        let (key, expires_at) = (ticket.key, ticket.expires_at);
        let url = format!("{}/join?link={}", facts.issuer.url, secret.expose());
        let mut told = self.told();
        told["id"] = id_of(key).into();
        let event = Event::new(EventKind::Invited, &facts.tenant.id, actor, ctx).data(told);
        let mut effects = vec![Effect::InsertTicket(ticket), Effect::Record(event)];
        let url = match self.email.as_deref().filter(|_| self.mailed) {
            Some(address) => {
                let name = self.name.as_deref().unwrap_or_default();
                let mail = Mail::new(MailKind::Invitation, &facts.tenant.id, address, name, ctx).link(url);
                effects.push(Effect::QueueMail(Box::new(mail)));
                None
            }
            None => Some(url),
        };
        Decision::with(effects, Made { key, invited: self, expires_at, url })
    }
}

impl Withdraw {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { ticket: Some(self.key), ..Needs::default() }
    }

    /// Decide. One that was used, or is too old, is none any more.
    pub fn decide(&self, actor: Actor, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let open = facts.ticket.as_ref().map(|found| &found.ticket).filter(|ticket| is_open(ticket, ctx.now));
        let Some(ticket) = open.filter(|ticket| ticket.kind == TicketKind::Invitation) else {
            return Decision::refuse(Reason::ObjectUnknown);
        };
        let event = Event::new(EventKind::InvitationWithdrawn, &facts.tenant.id, actor, ctx)
            .data(serde_json::json!({ "id": id_of(ticket.key) }));
        // Spent, and not only ended: of whoever uses it at the same moment one is first.
        let end = Effect::ConsumeTicket(ConsumeTicket::of(ticket, ctx.now));
        Decision::with(vec![end, Effect::Record(event)], ())
    }
}

/// What the invitation of that ticket is called: its key is no secret, for it comes of the link by a hash.
pub fn id_of(key: TicketKey) -> String {
    format!("{ID}{}", base62::encode_fixed(&key.to_bytes(), base62::length_for(KEY)))
}

/// The ticket of the invitation that is called so; none when nothing is.
pub fn key_of(id: &str) -> Option<TicketKey> {
    TicketKey::from_bytes(&base62::decode_fixed(id.strip_prefix(ID)?, KEY)?)
}

fn is_open(ticket: &Ticket, now: Timestamp) -> bool {
    ticket.consumed_at.is_none() && now < ticket.expires_at
}

impl SignUpAnswer {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { login_name: Some(self.email.key().to_owned()), ..Needs::default() }
    }

    /// Decide: the link that makes an account, or a word to whom the address belongs.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        if facts.tenant.disabled_at.is_some() || !facts.tenant.settings.sign_up.takes(self.email.domain()) {
            return Decision::answer(());
        }
        let tenant = &facts.tenant.id;
        if let Some(found) = &facts.user {
            let (user, address) = (&found.user, self.email.as_str());
            let mail = Mail::new(MailKind::SignUpKnown, tenant, address, user.display_name(), ctx)
                .user(user)
                .value("user_name", &user.user_name);
            return Decision::with(vec![Effect::QueueMail(Box::new(mail))], ());
        }
        let invited =
            Invited { email: Some(self.email.as_str().to_owned()), mailed: true, ..Invited::default() };
        let (ticket, secret) = invited.mint(TicketKind::SignUp, SIGN_UP_S, facts, ctx);
        let url = format!("{}/sign-up/finish?link={}", facts.issuer.url, secret.expose());
        let mail = Mail::new(MailKind::SignUp, tenant, self.email.as_str(), "", ctx)
            .locale(self.locale.clone())
            .link(url);
        let mail = Effect::QueueMail(Box::new(mail));
        let event = Effect::Record(Event::new(EventKind::SignUpAsked, tenant, Actor::Unknown, ctx));
        Decision::with(vec![Effect::InsertTicket(ticket), mail, event], ())
    }
}

impl Join {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        let names = [Some(self.user.user_name_key.clone()), self.user.email_key.clone()];
        Needs {
            ticket: TicketKey::of_secret(self.kind, &self.link),
            whose: names.into_iter().flatten().collect(),
            ..Needs::default()
        }
    }

    /// What the link gives, if it works. Looking spends nothing.
    pub fn look(kind: TicketKind, facts: &Facts, now: Timestamp) -> Option<(&Ticket, Invited)> {
        let ticket = &facts.ticket.as_ref()?.ticket;
        let works = ticket.kind == kind && is_open(ticket, now) && facts.tenant.disabled_at.is_none();
        let invited: Invited = serde_json::from_str(&ticket.data).ok()?;
        let domain = invited.email.as_deref().and_then(|email| email.rsplit_once('@'));
        let is_open = kind != TicketKind::SignUp
            || domain.is_some_and(|(_, domain)| facts.tenant.settings.sign_up.takes(domain));
        (works && is_open).then_some((ticket, invited))
    }

    /// Whether an account could be made of it as it stands: asked before a password is hashed. What refuses it leaves its event.
    pub fn look_through(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        match self.stands(facts, ctx.now) {
            Ok(_) => Decision::answer(()),
            Err(reason) => self.refused(reason, facts, ctx),
        }
    }

    fn stands<'a>(&self, facts: &'a Facts, now: Timestamp) -> Result<(&'a Ticket, Invited), Reason> {
        let (ticket, invited) = Self::look(self.kind, facts, now).ok_or(Reason::InvitationInvalid)?;
        let is_for = invited.email.as_deref().is_none_or(|address| {
            Email::parse(address).is_ok_and(|email| Some(email.key()) == self.user.email_key.as_deref())
        });
        if !is_for {
            return Err(Reason::InvitationAddress);
        }
        match facts.whose.as_slice() {
            [Some(_), ..] => Err(Reason::NameTaken),
            [_, Some(_)] => Err(Reason::AddressTaken),
            _ => Ok((ticket, invited)),
        }
    }

    /// What speaks against the link leaves an event; a name that is taken does not.
    fn refused(&self, reason: Reason, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        match reason {
            Reason::NameTaken | Reason::AddressTaken => Decision::refuse(reason),
            _ => link::refused(self.kind, reason, facts, ctx),
        }
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (ticket, invited) = match self.stands(facts, ctx.now) {
            Ok(stands) => stands,
            Err(reason) => return self.refused(reason, facts, ctx),
        };
        let user = User {
            email_verified_at: (invited.mailed && self.user.email.is_some()).then_some(ctx.now),
            ..self.user.clone()
        };
        let kind = if self.kind == TicketKind::SignUp { EventKind::SignedUp } else { EventKind::Joined };
        let event = Event::new(kind, &facts.tenant.id, Actor::User(user.id.clone()), ctx).user(&user.id);
        let mut effects = vec![
            Effect::ConsumeTicket(ConsumeTicket::of(ticket, ctx.now)),
            Effect::PutUser(user.clone()),
            Effect::PutCredential(Credential {
                tenant: user.tenant.clone(),
                user: user.id.clone(),
                kind: "password".to_owned(),
                data: self.phc.clone(),
                created_at: ctx.now,
            }),
            Effect::Record(event),
        ];
        effects.extend(invited.roles.iter().flat_map(|role| assign(&user, None, role, ctx)));
        for InvitedTo { context, id, roles } in &invited.contexts {
            effects.push(Effect::PutMembership(Membership {
                tenant: user.tenant.clone(),
                user: user.id.clone(),
                context: *context,
                context_id: id.clone(),
                external_version: None,
                version: 0,
                created_at: ctx.now,
            }));
            let data = serde_json::json!({ "object": "membership", "id": format!("{} in {id}", user.id) });
            effects.push(Effect::Record(by_invitation(EventKind::ObjectCreated, &user, data, ctx)));
            effects.extend(roles.iter().flat_map(|role| assign(&user, Some((*context, id)), role, ctx)));
        }
        Decision::with(effects, ())
    }
}

/// A role, and its event.
fn assign(
    user: &User,
    context: Option<(ContextKey, &ContextId)>,
    (role, role_id): &(RoleKey, RoleId),
    ctx: &mut Ctx<'_>,
) -> [Effect; 2] {
    let given = Assignment {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        context: context.map(|(key, _)| key),
        role: *role,
        role_id: role_id.clone(),
        created_at: ctx.now,
    };
    let data = match context {
        Some((_, context)) => serde_json::json!({ "role": role_id, "context": context }),
        None => serde_json::json!({ "role": role_id }),
    };
    [Effect::Assign(given), Effect::Record(by_invitation(EventKind::RoleGiven, user, data, ctx))]
}

/// What somebody has by an invitation.
fn by_invitation(kind: EventKind, user: &User, data: serde_json::Value, ctx: &mut Ctx<'_>) -> Event {
    Event::new(kind, &user.tenant, Actor::User(user.id.clone()), ctx).user(&user.id).data(data)
}

/// Seconds that an invitation works.
pub const INVITATION_S: i64 = 7 * 86_400;
/// Seconds in which a sign-up can be finished.
pub const SIGN_UP_S: i64 = 86_400;
/// What the names of invitations begin with.
const ID: &str = "inv_";
/// Bytes of a ticket's key.
const KEY: usize = 36;
