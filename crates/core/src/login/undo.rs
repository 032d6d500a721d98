//! A change of address taken back. Each link to do so works for itself, so that a second change does not take the first one's from the
//! owner; one that was used ends those of the changes that came after it, and leaves those from before it alone: whoever took an
//! account over can use up their own, and not the owner's.

use super::address::UNDO_S;
use crate::Timestamp;
use crate::model::{Credential, TicketKind, User};

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
