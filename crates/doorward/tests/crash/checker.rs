//! Whether a history can be told of a server that keeps its word: every key has a small model of its own, checked in one pass.
//!
//! An outcome that is not known may be either. What was acknowledged counts from the moment of the answer, what was asked from the
//! moment of the question: between the two, everything is lawful.

use std::collections::HashMap;
use std::time::Duration;

use crate::history::{Entry, Op, Outcome};

/// Something that may have ended a session or a grant.
#[derive(Clone, Copy, Debug)]
struct End {
    /// Not before.
    from: Duration,
    /// Certainly by then; nothing when the outcome is not known.
    by: Option<Duration>,
}

#[derive(Default)]
struct Session {
    ends: Vec<End>,
}

struct Grant<'a> {
    session: &'a str,
    offline: bool,
    issued: Duration,
    redemptions: Vec<&'a Entry>,
    ends: Vec<End>,
}

/// What cannot be told of such a server, one sentence each. Nothing is well.
pub fn check(entries: &[Entry]) -> Vec<String> {
    let mut checker = Checker::default();
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.done);
    for entry in &sorted {
        checker.learn(entry);
    }
    checker.learn_repeats();
    for entry in &sorted {
        checker.judge(entry);
    }
    checker.judge_codes();
    checker.violations
}

#[derive(Default)]
struct Checker<'a> {
    sessions: HashMap<&'a str, Session>,
    grants: HashMap<&'a str, Grant<'a>>,
    /// The code of every token.
    tokens: HashMap<&'a str, &'a str>,
    /// The successor of every refresh token that was used.
    successors: HashMap<&'a str, &'a str>,
    violations: Vec<String>,
}

impl<'a> Checker<'a> {
    fn violation(&mut self, what: &str, entry: &Entry) {
        self.violations.push(format!("{what}: {entry:?}"));
    }

    /// Who is whose, and what ended what.
    fn learn(&mut self, entry: &'a Entry) {
        match (&entry.op, &entry.outcome) {
            (Op::SignIn { session }, Outcome::Done) => {
                self.sessions.entry(session).or_default();
            }
            (Op::SignOut { session }, outcome) => {
                if let Some(end) = end(entry, outcome) {
                    self.sessions.entry(session).or_default().ends.push(end);
                }
            }
            (Op::Authorize { session, offline, .. }, Outcome::Code(code)) => {
                let grant = Grant {
                    session,
                    offline: *offline,
                    issued: entry.invoked,
                    redemptions: Vec::new(),
                    ends: Vec::new(),
                };
                if self.grants.insert(code, grant).is_some() {
                    self.violation("a code was given twice", entry);
                }
            }
            (Op::Redeem { code }, outcome) => {
                match self.grants.get_mut(code.as_str()) {
                    Some(grant) => grant.redemptions.push(entry),
                    None => self.violation("a code that nobody gave", entry),
                }
                if let Outcome::Tokens { access, refresh } = outcome {
                    self.give(code, access, entry);
                    self.give(code, refresh, entry);
                }
            }
            (Op::Refresh { parent }, outcome) => {
                let Some(code) = self.tokens.get(parent.as_str()).copied() else {
                    return self.violation("a refresh token that nobody gave", entry);
                };
                match outcome {
                    Outcome::Tokens { access, refresh } => {
                        self.give(code, access, entry);
                        match self.successors.insert(parent, refresh) {
                            None => self.give(code, refresh, entry),
                            Some(before) if before == refresh => {}
                            Some(_) => self.violation("a refresh token has two successors", entry),
                        }
                    }
                    // When it is done at last it may look like a replay.
                    Outcome::UnknownLate => self.end_grant(code, End { from: entry.invoked, by: None }),
                    _ => {}
                }
            }
            (Op::Revoke { token }, outcome) => {
                let Some(code) = self.tokens.get(token.as_str()).copied() else {
                    return self.violation("a token that nobody gave", entry);
                };
                if let Some(end) = end(entry, outcome) {
                    self.end_grant(code, end);
                }
            }
            _ => {}
        }
    }

    fn give(&mut self, code: &'a str, token: &'a str, entry: &Entry) {
        if self.tokens.insert(token, code).is_some() {
            self.violation("a token was given twice", entry);
        }
    }

    fn end_grant(&mut self, code: &str, end: End) {
        if let Some(grant) = self.grants.get_mut(code) {
            grant.ends.push(end);
        }
    }

    /// A code that is shown again ends its grant, unless it comes soon (section 6 of the design).
    fn learn_repeats(&mut self) {
        for grant in self.grants.values_mut() {
            let mut ends = Vec::new();
            for repeat in &grant.redemptions {
                let others = || grant.redemptions.iter().filter(|other| !std::ptr::eq(**other, *repeat));
                let first = others().filter(|other| may_be_done(other)).map(|other| other.invoked).min();
                let first_done = others()
                    .filter(|other| matches!(other.outcome, Outcome::Tokens { .. }))
                    .map(|other| other.done)
                    .min();
                let is_refused = matches!(repeat.outcome, Outcome::Refused(_));
                if !is_refused && !is_unknown(&repeat.outcome) {
                    continue;
                }
                if first.is_some_and(|first| repeat.done.saturating_sub(first) + SLACK >= SOON) {
                    let late = |done| repeat.invoked.saturating_sub(done) > SOON + SLACK;
                    let is_certain = is_refused && first_done.is_some_and(late);
                    ends.push(End { from: repeat.invoked, by: is_certain.then_some(repeat.done) });
                }
            }
            grant.ends.extend(ends);
        }
    }

    /// Whether this answer is lawful, given all that was.
    fn judge(&mut self, entry: &Entry) {
        if is_unknown(&entry.outcome) {
            return;
        }
        let verdict = match &entry.op {
            Op::Authorize { session, .. } => self.judge_session(session, entry),
            Op::Introspect { token } => self.judge_token(token, entry),
            Op::Redeem { code } => self.judge_redemption(code, entry),
            Op::Refresh { parent } => self.judge_token(parent, entry),
            Op::Revoke { .. } | Op::SignIn { .. } | Op::SignOut { .. } => match entry.outcome {
                Outcome::Done => Ok(()),
                _ => Err("an honest request was refused"),
            },
        };
        if let Err(what) = verdict {
            self.violation(what, entry);
        }
    }

    fn judge_session(&self, session: &str, entry: &Entry) -> Result<(), &'static str> {
        let Some(of) = self.sessions.get(session) else { return Err("a session that nobody began") };
        match &entry.outcome {
            Outcome::Code(_) if is_over(&of.ends, entry) => Err("a session that was signed out came back"),
            Outcome::Refused(error) if error == "login_required" => {
                if may_be_over(&of.ends, entry) {
                    Ok(())
                } else {
                    Err("an acknowledged session was lost")
                }
            }
            Outcome::Refused(_) => Err("an honest authorization request was refused"),
            _ => Ok(()),
        }
    }

    /// An access token at introspection, or a refresh token at the token endpoint.
    fn judge_token(&self, token: &str, entry: &Entry) -> Result<(), &'static str> {
        let Some(ends) = self.tokens.get(token).map(|code| self.ends_of(code)) else {
            return Err("a token that nobody gave");
        };
        match &entry.outcome {
            Outcome::Active(true) | Outcome::Tokens { .. } if is_over(&ends, entry) => {
                Err("a token that was revoked came back")
            }
            Outcome::Active(false) if !may_be_over(&ends, entry) => Err("an acknowledged token was lost"),
            Outcome::Refused(error) if error != "invalid_grant" => Err("an unlawful answer"),
            Outcome::Refused(_) if !may_be_over(&ends, entry) => {
                Err("an acknowledged refresh token was lost")
            }
            _ => Ok(()),
        }
    }

    fn judge_redemption(&self, code: &str, entry: &Entry) -> Result<(), &'static str> {
        let Some(grant) = self.grants.get(code) else { return Ok(()) };
        match &entry.outcome {
            Outcome::Tokens { .. } if is_over(&self.ends_of(code), entry) => {
                Err("a code of an ended grant was redeemed")
            }
            Outcome::Refused(error) if error != "invalid_grant" => Err("an unlawful answer"),
            Outcome::Refused(_) => {
                let mut others = grant
                    .redemptions
                    .iter()
                    .filter(|other| !std::ptr::eq(**other, entry) && may_be_done(other));
                let is_spent = others.any(|other| other.invoked < entry.done);
                let is_old = entry.done.saturating_sub(grant.issued) + SLACK >= CODE_LIVES;
                // Whether a code outlives its session before it is redeemed is not asked here.
                let signed_out =
                    self.sessions.get(grant.session).is_some_and(|session| may_be_over(&session.ends, entry));
                if is_spent || is_old || signed_out { Ok(()) } else { Err("an honest code was refused") }
            }
            _ => Ok(()),
        }
    }

    fn judge_codes(&mut self) {
        for (code, grant) in &self.grants {
            let wins = grant
                .redemptions
                .iter()
                .filter(|entry| matches!(entry.outcome, Outcome::Tokens { .. }))
                .count();
            if wins > 1 {
                self.violations.push(format!("a code was redeemed {wins} times: {code}"));
            }
        }
    }

    fn ends_of(&self, code: &str) -> Vec<End> {
        let Some(grant) = self.grants.get(code) else { return Vec::new() };
        let mut ends = grant.ends.clone();
        if !grant.offline {
            ends.extend(self.sessions.get(grant.session).into_iter().flat_map(|session| &session.ends));
        }
        ends
    }
}

fn end(entry: &Entry, outcome: &Outcome) -> Option<End> {
    match outcome {
        Outcome::Done => Some(End { from: entry.invoked, by: Some(entry.done) }),
        outcome if is_unknown(outcome) => Some(End { from: entry.invoked, by: None }),
        _ => None,
    }
}

/// Whether an end was acknowledged before this was asked.
fn is_over(ends: &[End], entry: &Entry) -> bool {
    ends.iter().any(|end| end.by.is_some_and(|by| by < entry.invoked))
}

/// Whether an end was asked for before this was answered.
fn may_be_over(ends: &[End], entry: &Entry) -> bool {
    ends.iter().any(|end| end.from < entry.done)
}

fn may_be_done(entry: &Entry) -> bool {
    matches!(entry.outcome, Outcome::Tokens { .. }) || is_unknown(&entry.outcome)
}

fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown | Outcome::UnknownLate)
}

/// A repeat within this time after the redemption is taken for a lost answer.
const SOON: Duration = Duration::from_secs(10);
/// How far the clocks of this process and of the server may be apart.
const SLACK: Duration = Duration::from_millis(500);
const CODE_LIVES: Duration = Duration::from_secs(crate::world::CODE_S);

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
