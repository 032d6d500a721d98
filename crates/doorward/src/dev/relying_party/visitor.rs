//! Who visits: requests under way and tokens, in memory, by the visitor's cookie.

use std::collections::{HashMap, VecDeque};

use super::issuer::{Refused, Tokens};
use super::play::Plays;

/// Everybody.
#[derive(Debug, Default)]
pub struct Visitors {
    known: HashMap<String, Visitor>,
    /// By age, so that the oldest are forgotten.
    order: VecDeque<String>,
}

/// One browser.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Sign-ins under way, by their `state`: each tab has its own.
    pub pending: VecDeque<Pending>,
    /// What the last sign-in brought.
    pub signed_in: Option<SignedIn>,
    /// The `state` of a sign-out under way.
    pub signing_out: Option<String>,
    /// Sequences under way.
    pub plays: Plays,
}

/// A sign-in under way.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Comes back unchanged.
    pub state: String,
    /// Stands in the ID token.
    pub nonce: String,
    /// Proves that who redeems the code began the request (RFC 7636).
    pub verifier: String,
    /// What was asked for.
    pub scope: String,
}

/// A person, signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What was issued.
    pub tokens: Tokens,
    /// The ID token; a refresh may bring no new one.
    pub id_token: String,
    /// What the ID token says.
    pub name: String,
    /// The scopes that were issued.
    pub scope: String,
    /// When the access token ends, in seconds.
    pub expires_at: i64,
    /// How often it was refreshed.
    pub refreshed: u32,
    /// The last answer of userinfo.
    pub userinfo: Option<String>,
    /// The last call that was refused.
    pub problem: Option<Refused>,
}

impl Visitors {
    /// Changes one visitor.
    pub fn change<T>(&mut self, cookie: &str, change: impl FnOnce(&mut Visitor) -> T) -> T {
        if !self.known.contains_key(cookie) {
            self.order.push_back(cookie.to_owned());
            if self.order.len() > MOST_VISITORS
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        change(self.known.entry(cookie.to_owned()).or_default())
    }

    /// One visitor as they are now; nobody new is remembered.
    pub fn look(&self, cookie: &str) -> Visitor {
        self.known.get(cookie).cloned().unwrap_or_default()
    }
}

impl Visitor {
    /// Begins a sign-in.
    pub fn begin(&mut self, pending: Pending) {
        self.pending.push_back(pending);
        if self.pending.len() > MOST_PENDING {
            self.pending.pop_front();
        }
    }

    /// The sign-in of that `state`. It is taken: an answer is used once.
    pub fn take(&mut self, state: &str) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.state == state)?;
        self.pending.remove(at)
    }
}

const MOST_VISITORS: usize = 1000;
const MOST_PENDING: usize = 20;
