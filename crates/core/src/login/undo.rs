//! A change of address taken back, by whoever has the old mailbox. Whoever changed it knew the password, so that goes, with what they can
//! have set up beside it; a new password is chosen next (docs/decisions/0018).
//!
//! Each link to do so works for itself, so that a second change does not take the first one's from the owner; one that was used ends those
//! of the changes that came after it, and leaves those from before it alone: whoever took an account over can use up their own, and not
//! the owner's.

use super::address::{CONFIRM_S, UNDO_S, with};
use super::forgot::{RESET_S, reset_url};
use super::link::{self, LinkData, Works};
use super::second_factor::is_required;
use crate::may_issue::user_stands;
use crate::model::{Actor, Credential, Event, EventKind, TicketKind, User};
use crate::{Ctx, Decision, Effect, Facts, Timestamp};
use doorward_wire::text::Email;

/// Decide: the old address again, and where a new password is chosen, unless the account is locked. Nothing from before stands: no
/// session, no grant, no other link, and not the password, whoever chose it.
pub(super) fn take_back(
    works: Works<'_>,
    data: &LinkData,
    old: &Email,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Option<String>> {
    let user = works.user;
    let verified = data.before.as_ref().and_then(|(_, verified)| *verified);
    let taken_back = TakenBack::parse(facts.newest_link.as_deref()).and(data.made_at, ctx.now);
    let valid_from = ctx.now.plus_ms(1);
    let restored = User { valid_from: Some(valid_from), ..with(user, old, verified, ctx) };
    let gone = gone(user, data.made_at, facts);
    let kinds: Vec<&str> = gone.iter().map(|credential| credential.kind.as_str()).collect();
    let event = Event::new(EventKind::AddressRestored, &user.tenant, Actor::User(user.id.clone()), ctx)
        .user(&user.id)
        .data(serde_json::json!({ "removed": kinds }));
    let mut effects = vec![
        works.spend(ctx.now),
        Effect::PutCredential(taken_back.stored(user, ctx.now)),
        Effect::EndSessionsOf {
            tenant: user.tenant.clone(),
            user: user.id.clone(),
            except: None,
            now: ctx.now,
        },
    ];
    effects.extend(gone.into_iter().cloned().map(Effect::RemoveCredential));
    // They have shown that the mailbox is theirs: no mail has to say it again.
    let next = user_stands(Some(&restored), valid_from).ok().map(|()| {
        let address = Some(old.as_str().to_owned());
        let handed = Some(link::administered(facts));
        let data = LinkData { user: user.id.clone(), made_at: valid_from, address, before: None, handed };
        let (made, secret) = link::mint(TicketKind::PasswordReset, &data, RESET_S, facts, ctx);
        effects.extend(made);
        reset_url(facts, &secret)
    });
    effects.extend([Effect::PutUser(restored), Effect::Record(event)]);
    Decision::with(effects, next)
}

/// What whoever changed the address can sign in with: the password, and a second factor or recovery codes that were set up after the
/// change, or so shortly before it that it was on its way. What was there before is the owner's, and whoever only has the mailbox does
/// not get past it; nor past one that the person must have.
fn gone<'a>(user: &User, changed_at: Timestamp, facts: &'a Facts) -> Vec<&'a Credential> {
    let since = changed_at.plus_s(-CONFIRM_S);
    let is_theirs = |credential: &&Credential| credential.created_at >= since;
    let password = facts.user.as_ref().and_then(|found| found.password.as_ref());
    let (mut totp, mut recovery) = (None, None);
    if !is_required(facts, user) {
        totp = facts.factors.totp.as_ref().filter(is_theirs);
        recovery = facts.factors.recovery.as_ref().filter(|codes| totp.is_some() || is_theirs(codes));
    }
    [password, totp, recovery].into_iter().flatten().collect()
}

/// The spans of time whose changes were taken back: no link that was made in one of them works any more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenBack(Vec<(i64, i64)>);

impl TakenBack {
    /// As it is stored; nothing was taken back where nothing is.
    pub fn parse(stored: Option<&str>) -> Self {
        let span = |span: &str| match span.split_once('-') {
            Some((from, until)) => Some((from.parse().ok()?, until.parse().ok()?)),
            // As it was stored before: everything up to then.
            None => Some((0, span.parse().ok()?)),
        };
        Self(stored.into_iter().flat_map(|stored| stored.split(',')).filter_map(span).collect())
    }

    /// Whether the change for which a link was made then was taken back.
    pub fn holds(&self, made_at: Timestamp) -> bool {
        self.0.iter().any(|(from, until)| *from < made_at.0 && made_at.0 <= *until)
    }

    /// With what is taken back now by the link of a change made then; without what no link is left of.
    pub fn and(self, made_at: Timestamp, now: Timestamp) -> Self {
        let oldest = now.plus_s(-UNDO_S).0;
        let kept = self.0.into_iter().filter(|(from, until)| *from < made_at.0 && *until >= oldest);
        Self(kept.chain([(made_at.0, now.0)]).collect())
    }

    /// As it is stored.
    pub fn stored(&self, user: &User, now: Timestamp) -> Credential {
        let spans: Vec<String> = self.0.iter().map(|(from, until)| format!("{from}-{until}")).collect();
        Credential {
            tenant: user.tenant.clone(),
            user: user.id.clone(),
            kind: TicketKind::AddressUndo.as_str().to_owned(),
            data: spans.join(","),
            created_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TakenBack, UNDO_S};
    use crate::Timestamp;

    #[test]
    fn what_came_after_a_change_that_was_taken_back_is_over_and_what_came_before_is_not() {
        let at = |second: i64| Timestamp(second * 1000);
        let once = TakenBack::parse(None).and(at(20), at(30));
        for (made, is_over) in [(10, false), (20, false), (21, true), (30, true), (31, false)] {
            assert_eq!(once.holds(at(made)), is_over, "{made}");
        }
        // An earlier change is taken back too: all since then are over.
        let both = once.clone().and(at(10), at(40));
        for (made, is_over) in [(9, false), (10, false), (15, true), (35, true), (41, false)] {
            assert_eq!(both.holds(at(made)), is_over, "{made}");
        }
        // A later one: what was over stays over, and what lies between does not become so.
        let two = once.and(at(50), at(60));
        for (made, is_over) in [(10, false), (25, true), (40, false), (55, true)] {
            assert_eq!(two.holds(at(made)), is_over, "{made}");
        }
        // Kept no longer than a link could be.
        let late = two.and(at(60 + UNDO_S), at(61 + UNDO_S));
        assert!(!late.holds(at(55)) && late.holds(at(61 + UNDO_S)));
    }

    #[test]
    fn it_is_read_as_it_was_written_and_as_it_used_to_be() {
        let written = "20000-30000,50000-60000";
        let read = TakenBack::parse(Some(written));
        assert!(read.holds(Timestamp(25_000)) && !read.holds(Timestamp(40_000)));
        let before = TakenBack::parse(Some("30000"));
        assert!(before.holds(Timestamp(1)) && before.holds(Timestamp(30_000)));
        assert!(!before.holds(Timestamp(30_001)));
        assert!(!TakenBack::parse(Some("")).holds(Timestamp(1)));
    }
}
