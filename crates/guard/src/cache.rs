//! What the issuer said of tokens, kept for a while. A token's hash is the key, so that nobody finds tokens here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Moment;
use crate::token::Token;

/// The SHA-256 of a token.
pub(crate) type Key = [u8; 32];

/// What was said, and when that was *asked*: the answer is no newer.
#[derive(Clone)]
pub(crate) struct Said {
    /// The token, where it was active.
    pub(crate) active: Option<Token>,
    /// Before the question left.
    pub(crate) asked: Moment,
}

impl Said {
    /// Whether it still counts: younger than the bound, and not past the end of the token itself.
    fn counts(&self, now: Moment, max_staleness_ms: i64) -> bool {
        let exp = self.active.as_ref().and_then(Token::exp);
        now.since(self.asked) < max_staleness_ms && exp.is_none_or(|exp| now.seconds() < exp)
    }
}

/// Answers, so many at most, and none older than the bound. Those of tokens that are none have room of their own: strangers who invent tokens
/// drive out nobody's.
pub(crate) struct Answers {
    max_staleness_ms: i64,
    kept: Mutex<Kept>,
}

struct Kept {
    active: Generations,
    inactive: Generations,
}

impl Answers {
    pub(crate) fn new(max_staleness_ms: i64, capacity: usize) -> Self {
        let kept = Kept { active: Generations::new(capacity), inactive: Generations::new(capacity) };
        Self { max_staleness_ms, kept: Mutex::new(kept) }
    }

    /// What still counts of what was said of a token.
    pub(crate) fn get(&self, key: &Key, now: Moment) -> Option<Said> {
        let kept = self.lock();
        kept.get(key).filter(|said| said.counts(now, self.max_staleness_ms)).cloned()
    }

    /// Keeps what was said, unless something newer was meanwhile.
    pub(crate) fn keep(&self, key: Key, said: Said) {
        let mut kept = self.lock();
        if kept.get(&key).is_some_and(|known| known.asked.elapsed_ms > said.asked.elapsed_ms) {
            return;
        }
        kept.active.remove(&key);
        kept.inactive.remove(&key);
        let room = if said.active.is_some() { &mut kept.active } else { &mut kept.inactive };
        room.insert(key, said);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&self, key: &Key) -> Option<&Said> {
        self.active.get(key).or_else(|| self.inactive.get(key))
    }
}

/// A bounded map: when its younger half is full, the older one is forgotten.
struct Generations {
    half: usize,
    young: HashMap<Key, Said>,
    old: HashMap<Key, Said>,
}

impl Generations {
    fn new(capacity: usize) -> Self {
        Self { half: (capacity / 2).max(1), young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&self, key: &Key) -> Option<&Said> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    fn remove(&mut self, key: &Key) {
        self.young.remove(key);
        self.old.remove(key);
    }

    fn insert(&mut self, key: Key, said: Said) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment { unix_ms: ms, elapsed_ms: ms }
    }

    fn inactive(ms: i64) -> Said {
        Said { active: None, asked: at(ms) }
    }

    fn active(ms: i64) -> Said {
        let claims = serde_json::json!({ "sub": "a", "client_id": "b", "exp": 100 });
        let serde_json::Value::Object(claims) = claims else { unreachable!("it is one") };
        Said { active: Some(Token::read(claims).unwrap()), asked: at(ms) }
    }

    #[test]
    fn nothing_is_older_than_the_bound_or_past_its_end() {
        let answers = Answers::new(10_000, 10);
        answers.keep([1; 32], active(0));
        answers.keep([2; 32], inactive(0));
        answers.keep([3; 32], active(95_000));
        for (key, ms, counts) in [
            ([1; 32], 9_999, true),
            ([1; 32], 10_000, false),
            ([2; 32], 9_999, true),
            ([2; 32], 10_000, false),
            ([3; 32], 99_999, true),
            ([3; 32], 100_000, false),
        ] {
            assert_eq!(answers.get(&key, at(ms)).is_some(), counts, "{} at {ms}", key[0]);
        }
    }

    #[test]
    fn what_was_asked_earlier_does_not_replace_what_was_asked_later() {
        let answers = Answers::new(10_000, 10);
        answers.keep([1; 32], inactive(5));
        answers.keep([1; 32], active(4));
        assert!(answers.get(&[1; 32], at(6)).is_some_and(|said| said.active.is_none()));
        answers.keep([1; 32], active(6));
        assert!(answers.get(&[1; 32], at(6)).is_some_and(|said| said.active.is_some()));
        // Later is what was later, though the clock was set back meanwhile.
        let set_back = Moment { unix_ms: -3_600_000, elapsed_ms: 7 };
        answers.keep([1; 32], Said { active: None, asked: set_back });
        assert!(answers.get(&[1; 32], set_back).is_some_and(|said| said.active.is_none()));
    }

    #[test]
    fn what_was_said_earlier_does_not_come_back() {
        let answers = Answers::new(10_000, 2);
        answers.keep([1; 32], inactive(0));
        for number in 1..=3 {
            answers.keep([number; 32], active(1));
        }
        assert!(answers.get(&[3; 32], at(2)).is_some());
        assert!(answers.get(&[1; 32], at(2)).is_none(), "there was no room for the newer answer");
    }

    #[test]
    fn it_does_not_grow_and_invented_tokens_drive_out_nobody() {
        let answers = Answers::new(10_000, 100);
        answers.keep([255; 32], active(0));
        for number in 0..10_000_u32 {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&number.to_be_bytes());
            answers.keep(key, inactive(0));
        }
        let newest = |ago: u32| {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&(9_999 - ago).to_be_bytes());
            answers.get(&key, at(1)).is_some()
        };
        assert!((0..50).all(newest), "half of the room is always that of the newest");
        let kept = answers.lock();
        assert!(kept.inactive.young.len() + kept.inactive.old.len() <= 100);
        drop(kept);
        assert!(answers.get(&[255; 32], at(1)).is_some());
    }
}
