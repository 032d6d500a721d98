//! What an extension is told of an installation: each thing at least once, in order, as what it is, and nothing again that was acknowledged.

use super::model::{SECOND, Time};
use super::secret::Secret;

/// How long whoever took up a line has it to themselves.
const LEASE: Time = 20 * SECOND;
/// How long it is tried that an installation is gone.
const GIVEN_UP: Time = 3 * 86_400 * SECOND;

/// The news of an installation; the first has number 1.
#[derive(Default)]
pub struct Line {
    pub news: Vec<News>,
    /// Whether nothing goes out until it is resumed.
    pub is_paused: bool,
    /// Until when nobody else takes it up, because who did died.
    leased_until: Time,
}

pub struct News {
    kind: &'static str,
    /// Where the installation was in its life, and whether it might write orders.
    state: (&'static str, bool),
    secret: Option<usize>,
    at: Time,
    /// The `webhook-id`, once it was heard.
    pub id: Option<String>,
    pub is_settled: bool,
}

/// What was heard.
#[derive(Debug)]
pub struct Letter {
    pub number: usize,
    pub kind: String,
    pub state: String,
    pub writes: bool,
    pub webhook_id: String,
    /// The secret that came with it.
    pub secret: Option<String>,
    /// Whether it says that its secret was delivered before.
    pub says_delivered: bool,
    /// The status that it was answered with; none: it had no answer.
    pub answer: Option<u16>,
}

impl Line {
    pub fn push(&mut self, kind: &'static str, state: (&'static str, bool), secret: Option<usize>, at: Time) {
        self.news.push(News { kind, state, secret, at, id: None, is_settled: false });
    }

    /// What waits is void.
    pub fn abort(&mut self) {
        self.news.iter_mut().for_each(|news| news.is_settled = true);
    }

    /// Something that waits is passed over: whether it did.
    pub fn skip(&mut self, number: usize) -> bool {
        !std::mem::replace(&mut self.news[number - 1].is_settled, true)
    }

    /// Something that does not wait is told again: whether it did not. Of what is gone only that is told again.
    pub fn resend(&mut self, number: usize) -> bool {
        let is_over = self.news.last().is_some_and(|news| news.kind == "Removed");
        let news = &mut self.news[number - 1];
        if !news.is_settled || is_over && news.kind != "Removed" {
            return false;
        }
        news.is_settled = false;
        true
    }

    /// Whether anything waits.
    pub fn waits(&self) -> bool {
        self.news.iter().any(|news| !news.is_settled)
    }

    /// Something was heard. `is_recorded`: who told it lived to see the answer. An error says what is wrong.
    pub fn hear(
        &mut self,
        letter: &Letter,
        secrets: &mut [Secret],
        is_recorded: bool,
        now: Time,
    ) -> Result<(), &'static str> {
        let head = self.news.iter().position(|news| !news.is_settled);
        let Some(news) = letter.number.checked_sub(1).and_then(|at| self.news.get_mut(at)) else {
            return Err("it never happened");
        };
        if head != Some(letter.number - 1) {
            return Err(if news.is_settled { "it was settled before" } else { "what is before it waits" });
        }
        if self.is_paused {
            return Err("its line is paused");
        }
        if now < self.leased_until {
            return Err("another has it to themselves");
        }
        if (letter.kind.as_str(), letter.state.as_str(), letter.writes)
            != (news.kind, news.state.0, news.state.1)
        {
            return Err("something else happened");
        }
        if news.id.get_or_insert_with(|| letter.webhook_id.clone()) != &letter.webhook_id {
            return Err("it is told again as something new");
        }
        let mut secret = news.secret.map(|at| &mut secrets[at]);
        secret_is_right(letter, secret.as_deref())?;
        if let (Some(secret), Some(plain)) = (&mut secret, &letter.secret) {
            secret.plain.get_or_insert_with(|| plain.clone());
        }
        if !is_recorded {
            self.leased_until = now + LEASE;
            return Ok(());
        }
        let is_last = news.kind == "Removed";
        match letter.answer {
            Some(200..=299) => {
                news.is_settled = true;
                if let Some(secret) = secret {
                    secret.deliver();
                }
            }
            Some(410) if is_last => news.is_settled = true,
            Some(410) => self.is_paused = true,
            _ => news.is_settled = is_last && now - news.at >= GIVEN_UP,
        }
        Ok(())
    }
}

/// A secret comes with the news of it until its extension has it, and then never again.
fn secret_is_right(letter: &Letter, secret: Option<&Secret>) -> Result<(), &'static str> {
    match (secret, &letter.secret) {
        (Some(secret), Some(told)) if secret.is_sealed() => match &secret.plain {
            Some(known) if known != told => Err("its secret is another"),
            _ if letter.says_delivered => Err("its secret was not delivered"),
            _ => Ok(()),
        },
        (Some(secret), None) if !secret.is_sealed() => {
            if letter.says_delivered {
                Ok(())
            } else {
                Err("it does not say what became of its secret")
            }
        }
        (Some(_), Some(_)) => Err("its secret was delivered before"),
        (Some(_), None) => Err("its secret is missing"),
        (None, Some(_)) => Err("it brings a secret"),
        (None, None) if letter.says_delivered => Err("it has no secret"),
        (None, None) => Ok(()),
    }
}
