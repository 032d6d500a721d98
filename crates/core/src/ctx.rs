//! What a decision is given besides the request and the facts: the time, chance, and who is asking.

use crate::Timestamp;
use doorward_crypto::base64url;
use doorward_crypto::random::Random;
use doorward_crypto::secret::SecretString;

/// The surroundings of one decision.
pub struct Ctx<'a> {
    /// The server's time; it never runs backwards.
    pub now: Timestamp,
    /// Randomness, of cryptographic quality outside tests.
    pub rng: &'a mut dyn Random,
    /// The request's id, as in the log and in the answer's `X-Request-Id`.
    pub request_id: &'a str,
    /// The caller's network address, or empty where there is none (a command on the local socket).
    pub address: &'a str,
}

impl Ctx<'_> {
    /// `N` fresh random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// A fresh secret of 256 bits behind `prefix`, in base64url.
    pub fn secret(&mut self, prefix: &str) -> SecretString {
        let random: [u8; 32] = self.bytes();
        SecretString::new(format!("{prefix}{}", base64url::encode(&random)))
    }
}
