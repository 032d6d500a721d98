//! A forgotten password: a link is mailed to the address of the account; who opens it chooses a new one. Equal work and one answer,
//! whether or not there is such an account.

use super::link::{self, LinkData, Works};
use crate::id::TenantId;
use crate::keys::TenantKeys;
use crate::model::{Actor, Bucket, Credential, Event, EventKind, Mail, MailKind, TicketKind, User};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};
use doorward_crypto::secret::SecretString;

/// A request for a mail: for a new password, or to sign up.
#[derive(Clone, Debug)]
pub struct Forgot {
    /// [`MailKind::Forgotten`] or [`MailKind::SignUpAsked`].
    pub kind: MailKind,
    /// The canonical form of the name or address that was typed.
    pub name_key: String,
    /// As typed.
    pub typed: String,
    /// What of the caller's address stands for its holder.
    pub holder: String,
    /// The language of the page.
    pub locale: String,
}

/// The outbox answers who asked for a new password.
#[derive(Clone, Debug)]
pub struct ForgotAnswer {
    /// The canonical form of what was typed.
    pub name_key: String,
    /// The network address that it was asked from.
    pub address: String,
}

/// A new password, chosen through a link.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// The link's secret.
    pub link: String,
    /// The PHC string of the new password.
    pub phc: String,
}

impl Forgot {
    /// What must be loaded: nothing. Whoever it is, is looked up when nobody waits.
    pub fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Decide. The request is counted for the name, the caller's address and the tenant first of all: past a limit the commit
    /// conflicts, and nothing is queued. One row is written, whoever was meant.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let tenant = &facts.tenant.id;
        let request = Mail::new(self.kind, tenant, &self.typed, "", ctx)
            .locale(Some(self.locale.clone()))
            .value("key", &self.name_key)
            .value("issuer", facts.issuer.id.as_str())
            .value("address", ctx.address);
        let effects = vec![
            count(tenant, &facts.keys, &[self.kind.as_str(), &self.name_key], PER_ACCOUNT, ctx),
            count(tenant, &facts.keys, &["mail from", &self.holder], PER_ADDRESS, ctx),
            count_of_tenant(self.kind, facts, ctx),
            Effect::QueueMail(Box::new(request)),
        ];
        Decision::with(effects, ())
    }
}

impl ForgotAnswer {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { login_name: Some(self.name_key.clone()), ..Needs::default() }
    }

    /// Decide: a link, where there is an account with an address. An account is one, whichever name it was called by: past its limit
    /// the commit conflicts.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let tenant = &facts.tenant.id;
        let Some(user) = facts.user.as_ref().map(|found| &found.user) else { return Decision::answer(()) };
        let Some(address) = user.email.as_deref().filter(|_| facts.tenant.disabled_at.is_none()) else {
            return Decision::answer(());
        };
        if user.disabled_at.is_some() || user.locked_at.is_some() {
            // Nothing that they could do about it.
            return Decision::answer(());
        }
        let mut effects = vec![count(tenant, &facts.keys, &["mail", user.id.as_str()], PER_ACCOUNT, ctx)];
        let data = LinkData {
            user: user.id.clone(),
            made_at: ctx.now,
            address: Some(address.to_owned()),
            before: None,
            handed: None,
        };
        let (made, secret) = link::mint(TicketKind::PasswordReset, &data, RESET_S, facts, ctx);
        effects.extend(made);
        let mail = Mail::new(MailKind::PasswordReset, tenant, address, user.display_name(), ctx)
            .user(user)
            .link(reset_url(facts, &secret))
            .value("user_name", &user.user_name)
            .value("address", &self.address);
        effects.push(Effect::QueueMail(Box::new(mail)));
        let event = Event::new(EventKind::ResetAsked, tenant, Actor::Unknown, ctx).user(&user.id);
        effects.push(Effect::Record(event));
        Decision::with(effects, ())
    }
}

impl ResetPassword {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        link::needs(TicketKind::PasswordReset, &self.link)
    }

    /// Whether the link works. Looking spends nothing.
    pub fn look<'a>(&self, facts: &'a Facts, ctx: &Ctx<'_>) -> Result<Works<'a>, Reason> {
        link::works(TicketKind::PasswordReset, facts, ctx.now).map(|(works, _)| works)
    }

    /// Decide: the password is replaced, and everything that began before ends. Second factors stay and are still asked for.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (works, data) = match link::works(TicketKind::PasswordReset, facts, ctx.now) {
            Ok(works) => works,
            Err(reason) => {
                let event = Event::new(EventKind::ResetRefused, &facts.tenant.id, Actor::Unknown, ctx);
                let reason = if reason == Reason::LinkSpent { Reason::ResetInvalid } else { reason };
                let event = event.reason(reason);
                return Decision::refuse_with(vec![Effect::Record(event)], reason);
            }
        };
        let mut effects = vec![works.spend(ctx.now)];
        effects.extend(replace_password(works.user, &self.phc, "link", facts, ctx));
        // Who has the mail has the address.
        if let (Some(Effect::PutUser(user)), Some(address)) =
            (effects.iter_mut().find(|effect| matches!(effect, Effect::PutUser(_))), data.address.as_deref())
            && user.email.as_deref() == Some(address)
        {
            user.email_verified_at.get_or_insert(ctx.now);
        }
        Decision::with(effects, ())
    }
}

/// A new password in place of the old one: all sessions end and all grants are dead; the person is told by mail.
pub fn replace_password(user: &User, phc: &str, by: &str, facts: &Facts, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let tenant = &facts.tenant.id;
    let event = Event::new(EventKind::PasswordChanged, tenant, Actor::User(user.id.clone()), ctx)
        .user(&user.id)
        .data(serde_json::json!({ "by": by, "everywhere": true }));
    let mut effects = vec![
        Effect::PutCredential(Credential {
            tenant: tenant.clone(),
            user: user.id.clone(),
            kind: "password".to_owned(),
            data: phc.to_owned(),
            created_at: ctx.now,
        }),
        Effect::PutUser(User {
            valid_from: Some(ctx.now),
            password_due_at: None,
            updated_at: ctx.now,
            ..user.clone()
        }),
        Effect::EndSessionsOf { tenant: tenant.clone(), user: user.id.clone(), except: None, now: ctx.now },
        Effect::Record(event),
    ];
    effects.extend(notice(MailKind::PasswordChanged, user, facts, ctx));
    effects
}

/// A mail that tells a person of something, where they have an address and this server sends mail.
pub fn notice(kind: MailKind, user: &User, facts: &Facts, ctx: &mut Ctx<'_>) -> Option<Effect> {
    notice_of(kind, user, facts, ctx).map(|mail| Effect::QueueMail(Box::new(mail)))
}

/// The same, to be added to.
pub fn notice_of(kind: MailKind, user: &User, facts: &Facts, ctx: &mut Ctx<'_>) -> Option<Mail> {
    let address = user.email.as_deref().filter(|_| facts.mail)?;
    let mail = Mail::new(kind, &facts.tenant.id, address, user.display_name(), ctx)
        .user(user)
        .value("address", ctx.address)
        .value("user_name", &user.user_name)
        .value("account", format!("{}/account", facts.issuer.url));
    Some(mail)
}

/// Counts something that sends a mail; past `limit` in an hour the commit conflicts.
pub fn count(tenant: &TenantId, keys: &TenantKeys, what: &[&str], limit: i64, ctx: &Ctx<'_>) -> Effect {
    let mut parts: Vec<&[u8]> = vec![tenant.as_str().as_bytes()];
    parts.extend(what.iter().map(|part| part.as_bytes()));
    Effect::CountAttempt { bucket: Bucket::of(keys, &parts), now: ctx.now, window_ms: HOUR_MS, limit }
}

/// Counts a request for a mail of that kind at its tenant: strangers with many addresses do not fill the outbox.
pub fn count_of_tenant(kind: MailKind, facts: &Facts, ctx: &Ctx<'_>) -> Effect {
    count(&facts.tenant.id, &facts.keys, &["mail of strangers", kind.as_str()], PER_TENANT, ctx)
}

/// Where a link for a new password leads.
pub fn reset_url(facts: &Facts, secret: &SecretString) -> String {
    format!("{}/reset-password?link={}", facts.issuer.url, secret.expose())
}

/// Seconds that a link for a new password works.
pub const RESET_S: i64 = 3600;
/// Mails that a stranger can have sent to one account in an hour.
pub const PER_ACCOUNT: i64 = 5;
/// Mails that can be asked for from one network address in an hour.
pub const PER_ADDRESS: i64 = 50;
/// Requests of each kind that a tenant takes in an hour, from however many addresses.
pub const PER_TENANT: i64 = 5000;
const HOUR_MS: i64 = 3_600_000;
