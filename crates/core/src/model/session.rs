//! A session: one browser in which a person is signed in.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{SessionId, TenantId, UserId};

/// A session. The cookie holds the id and a secret, the row only the secret's hash.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id; also the `sid` of ID tokens.
    pub id: SessionId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// Who is signed in.
    pub user: UserId,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: [u8; 32],
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// The class of that proof (`acr`).
    pub acr: String,
    /// The methods of that proof (`amr`, RFC 8176), with the time of each: step-up adds to it.
    pub factors: Vec<Factor>,
    /// Whether "stay signed in" was ticked.
    pub remembered: bool,
    /// Last use; stamped at most once a minute.
    pub used_at: Timestamp,
    /// Unused for so many milliseconds, it is over.
    pub idle_ms: i64,
    /// When it is over, used or not.
    pub expires_at: Timestamp,
    /// When it was ended by sign-out or revocation. Never cleared.
    pub ended_at: Option<Timestamp>,
    /// The browser's own description, for the account page.
    pub user_agent: String,
    /// The address of the sign-in, for the account page.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
}

/// One proof of identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Factor {
    /// The method, a value of `amr`: `pwd`, later `otp`, `hwk`.
    pub method: String,
    /// When it was given.
    pub at: Timestamp,
}

impl Session {
    /// The methods, for `amr`.
    pub fn amr(&self) -> Vec<String> {
        self.factors.iter().map(|factor| factor.method.clone()).collect()
    }

    /// Whether it can be used at `now`. Its person's state is asked elsewhere.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.used_at.plus_ms(self.idle_ms)
    }
}
