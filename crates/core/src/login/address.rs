//! A person's address: shown to be theirs, and changed. The new address is confirmed before it takes the old one's place; the old one
//! is told, and can take the change back for a week (`undo.rs`).

use super::account::own;
use super::attempt::Attempt;
use super::forgot::{PER_ACCOUNT, count};
use super::link::{self, LinkData};
use super::second_factor::is_due;
use super::undo;
use crate::id::UserId;
use crate::model::{Actor, Event, EventKind, Mail, MailKind, TicketKind, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};
use doorward_wire::text::Email;

/// A person, signed in, asks for the link that shows that their address is theirs.
#[derive(Clone, Debug)]
pub struct AskToVerify {
    /// The session.
    pub session: SessionHandle,
    /// The person, as the session named them.
    pub user: UserId,
}

/// A person, signed in, asks to change their address, and has shown their password once more.
#[derive(Clone, Debug)]
pub struct AskToChange {
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// The session.
    pub session: SessionHandle,
    /// The person, as the session named them.
    pub user: UserId,
    /// The hash that the password was verified against.
    pub against: String,
    /// Whether it fits.
    pub fits: bool,
    /// The new address.
    pub new: Email,
}

/// The button behind one of these links.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What it is for.
    pub kind: TicketKind,
    /// The link's secret.
    pub link: String,
    /// The address that it is about, as it was found there: whose it is, must be loaded.
    pub other: Option<String>,
}

impl AskToVerify {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { session: Some(self.session), ..Needs::default() }
    }

    /// Decide. Past the limit of mails the commit conflicts.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let user = match own(facts, ctx) {
            Ok((_, user)) if user.id == self.user => user,
            _ => return Decision::refuse(Reason::NotSignedIn),
        };
        let Some(address) = user.email.as_deref().filter(|_| user.email_verified_at.is_none()) else {
            return Decision::answer(());
        };
        let whom = ["verify", user.id.as_str()];
        let mut effects = vec![count(&user.tenant, &facts.keys, &whom, PER_ACCOUNT, ctx)];
        let data = data(user, address, None, ctx);
        let (made, secret) = link::mint(TicketKind::AddressVerify, &data, CONFIRM_S, facts, ctx);
        effects.extend(made);
        let url = format!("{}/address?link={}", facts.issuer.url, secret.expose());
        effects.push(mail(MailKind::AddressVerify, user, address, url, facts, ctx));
        let event =
            Event::new(EventKind::AddressVerifyAsked, &user.tenant, Actor::User(user.id.clone()), ctx);
        effects.push(Effect::Record(event.user(&user.id)));
        Decision::with(effects, ())
    }
}

impl AskToChange {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs {
            session: Some(self.session),
            user: Some(self.user.clone()),
            factors: true,
            whose: vec![self.new.key().to_owned()],
            ..Needs::default()
        }
    }

    /// Decide. Whether the address belongs to somebody else is told to them, and to nobody here.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (session, user) = match own(facts, ctx) {
            Ok((session, user)) if user.id == self.user => (session, user),
            _ => return Decision::refuse(Reason::NotSignedIn),
        };
        let event = |kind, ctx: &mut Ctx<'_>| {
            Event::new(kind, &facts.tenant.id, Actor::User(user.id.clone()), ctx).user(&user.id)
        };
        let password = facts.user.as_ref().and_then(|found| found.password.as_ref());
        if !self.fits || password.is_none_or(|credential| credential.data != self.against) {
            let event = event(EventKind::SignInFailed, ctx).reason(Reason::PasswordWrong);
            return Decision::refuse_with(vec![Effect::Record(event)], Reason::PasswordWrong);
        }
        if is_due(facts, session) {
            return Decision::refuse(Reason::SecondStepDue);
        }
        let mut effects: Vec<Effect> = self.attempt.forgiven(facts).collect();
        let whom = ["change address", user.id.as_str()];
        effects.push(count(&user.tenant, &facts.keys, &whom, PER_ACCOUNT, ctx));
        effects.push(count(&user.tenant, &facts.keys, &["mail to", self.new.key()], PER_ACCOUNT, ctx));
        let address = self.new.as_str();
        if facts.whose.first().cloned().flatten().is_some_and(|other| other != user.id) {
            let told = Mail::new(MailKind::AddressTaken, &user.tenant, address, "", ctx);
            effects.push(Effect::QueueMail(Box::new(told)));
        } else {
            let data = data(user, address, None, ctx);
            let (made, secret) = link::mint(TicketKind::AddressConfirm, &data, CONFIRM_S, facts, ctx);
            effects.extend(made);
            let url = format!("{}/address/new?link={}", facts.issuer.url, secret.expose());
            effects.push(mail(MailKind::AddressConfirm, user, address, url, facts, ctx));
        }
        effects.push(Effect::Record(event(EventKind::AddressChangeAsked, ctx)));
        Decision::with(effects, ())
    }
}

impl Confirm {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        let other = self.other.as_deref().and_then(|other| Email::parse(other).ok());
        Needs {
            whose: other.iter().map(|email| email.key().to_owned()).collect(),
            factors: self.kind == TicketKind::AddressUndo,
            ..link::needs(self.kind, &self.link)
        }
    }

    /// Decide: after a change that was taken back, where a new password is chosen. Whoever is signed in where the link is opened: it is
    /// about the account that it was made for.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Option<String>> {
        let found = link::works(self.kind, facts, ctx.now);
        let Ok((works, data)) = found else {
            return link::refused(self.kind, Reason::LinkSpent, facts, ctx);
        };
        let user = works.user;
        if self.kind == TicketKind::AddressVerify {
            let verified = User { email_verified_at: Some(ctx.now), updated_at: ctx.now, ..user.clone() };
            let effects = vec![works.spend(ctx.now), Effect::PutUser(verified)];
            return done(EventKind::AddressVerified, user, effects, facts, ctx);
        }
        let other = about(self.kind, &data).filter(|other| Some(other) == self.other.as_ref());
        let Some(other) = other.and_then(|other| Email::parse(&other).ok()) else {
            return link::refused(self.kind, Reason::LinkSpent, facts, ctx);
        };
        if facts.whose.first().cloned().flatten().is_some_and(|taken| taken != user.id) {
            return Decision::refuse(Reason::AddressTaken);
        }
        if self.kind == TicketKind::AddressUndo {
            return undo::take_back(works, &data, &other, facts, ctx);
        }
        let mut effects = vec![works.spend(ctx.now), Effect::PutUser(with(user, &other, Some(ctx.now), ctx))];
        if let Some(old) = user.email.as_deref() {
            let before = Some((old.to_owned(), user.email_verified_at));
            let kept = LinkData { before, ..self::data(user, other.as_str(), None, ctx) };
            let (made, secret) = link::mint(TicketKind::AddressUndo, &kept, UNDO_S, facts, ctx);
            effects.extend(made);
            let url = format!("{}/address/undo?link={}", facts.issuer.url, secret.expose());
            let Effect::QueueMail(told) = mail(MailKind::AddressReplaced, user, old, url, facts, ctx) else {
                return Decision::refuse(Reason::LinkSpent);
            };
            effects.push(Effect::QueueMail(Box::new(told.value("new_address", other.as_str()))));
        }
        done(EventKind::AddressChanged, user, effects, facts, ctx)
    }
}

/// The address that a link is about.
pub fn about(kind: TicketKind, data: &LinkData) -> Option<String> {
    match kind {
        TicketKind::AddressUndo => data.before.as_ref().map(|(address, _)| address.clone()),
        _ => data.address.clone(),
    }
}

pub(super) fn with(user: &User, address: &Email, verified: Option<Timestamp>, ctx: &Ctx<'_>) -> User {
    User {
        email: Some(address.as_str().to_owned()),
        email_key: Some(address.key().to_owned()),
        email_verified_at: verified,
        updated_at: ctx.now,
        ..user.clone()
    }
}

fn done(
    kind: EventKind,
    user: &User,
    mut effects: Vec<Effect>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Option<String>> {
    let event = Event::new(kind, &facts.tenant.id, Actor::User(user.id.clone()), ctx).user(&user.id);
    effects.push(Effect::Record(event));
    Decision::with(effects, None)
}

fn data(user: &User, address: &str, before: Option<(String, Option<Timestamp>)>, ctx: &Ctx<'_>) -> LinkData {
    LinkData {
        user: user.id.clone(),
        made_at: ctx.now,
        address: Some(address.to_owned()),
        before,
        handed: None,
    }
}

fn mail(kind: MailKind, user: &User, address: &str, url: String, facts: &Facts, ctx: &mut Ctx<'_>) -> Effect {
    let mail = Mail::new(kind, &facts.tenant.id, address, user.display_name(), ctx)
        .user(user)
        .link(url)
        .value("user_name", &user.user_name);
    Effect::QueueMail(Box::new(mail))
}

/// Seconds in which an address can be confirmed.
pub const CONFIRM_S: i64 = 86_400;
/// Seconds in which a change can be taken back.
pub const UNDO_S: i64 = 7 * 86_400;
