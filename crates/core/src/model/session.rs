//! A session: one browser in which a person is signed in.

use serde::{Deserialize, Serialize};

use crate::id::{SessionId, TenantId, UserId};
use crate::login::acr::{Class, MFA};
use crate::needs::SessionHandle;
use crate::{Ctx, Timestamp};
use doorward_crypto::secret::SecretString;
use doorward_crypto::{base64url, digest};

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
    /// The method, a value of `amr`: `pwd`, `otp`.
    pub method: String,
    /// When it was given.
    pub at: Timestamp,
}

impl Session {
    /// The methods, for `amr`; `mfa` beside them where they are of two kinds.
    pub fn amr(&self) -> Vec<String> {
        let methods = self.factors.iter().map(|factor| factor.method.clone());
        let both = (Class::of(&self.factors) == Class::Mfa).then(|| MFA.to_owned());
        methods.chain(both).collect()
    }

    /// Whether it can be used at `now`. Its person's state is asked elsewhere.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.used_at.plus_ms(self.idle_ms)
    }
}

impl SessionHandle {
    /// The handle of a cookie's value; none when it does not even look like one.
    pub fn of_cookie(value: &str) -> Option<Self> {
        let bytes = base64url::decode(value)?;
        let (id, secret) = bytes.split_first_chunk::<8>()?;
        (secret.len() == 32)
            .then(|| Self { id: SessionId(i64::from_be_bytes(*id)), secret_hash: digest::sha256(secret) })
    }

    /// A fresh secret for session `id`: the handle, and the cookie's value.
    pub fn mint(id: SessionId, ctx: &mut Ctx<'_>) -> (Self, SecretString) {
        let secret: [u8; 32] = ctx.bytes();
        let mut bytes = id.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(&secret);
        (Self { id, secret_hash: digest::sha256(&secret) }, SecretString::new(base64url::encode(&bytes)))
    }
}
