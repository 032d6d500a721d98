//! A refresh token is a (grant, generation) pair under a MAC: 64-bit grant, 32-bit generation. Section 6 of the design.

use doorward_crypto::secret::SecretString;

use super::sealed::Form;
use crate::id::{GrantId, IssuerId};
use crate::keys::TenantKeys;
use crate::policies::Policies;

/// What a first refresh token is.
pub const FIRST_GENERATION: i64 = 1;

/// What a refresh token says, once its MAC is verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefreshPair {
    /// The grant.
    pub grant: GrantId,
    /// The generation.
    pub generation: i64,
}

impl RefreshPair {
    /// The token of this pair, made with the MAC key of that serial. The same pair and key always give the same token.
    pub fn encode(self, issuer: &IssuerId, serial: u8, keys: &TenantKeys) -> Option<SecretString> {
        TOKEN.seal(&self.to_bytes()?, serial, issuer, keys)
    }

    /// The same, where the wire contract may have it in letters and digits only.
    pub fn encode_as(
        self,
        policies: &Policies,
        issuer: &IssuerId,
        serial: u8,
        keys: &TenantKeys,
    ) -> Option<SecretString> {
        let form = if policies.rotates_pairs { &LETTERS } else { &TOKEN };
        form.seal(&self.to_bytes()?, serial, issuer, keys)
    }

    /// The pair of a token that this issuer made; anything else is garbage, and known as such without a database.
    pub fn decode(token: &str, issuer: &IssuerId, keys: &TenantKeys) -> Option<Self> {
        [&TOKEN, &LETTERS].into_iter().find_map(|form| Self::of_bytes(form.open(token, issuer, keys)?))
    }

    /// What a token says of it.
    pub(super) fn to_bytes(self) -> Option<[u8; SAID]> {
        let mut bytes = [0; SAID];
        bytes[..8].copy_from_slice(&self.grant.0.to_be_bytes());
        bytes[8..].copy_from_slice(&u32::try_from(self.generation).ok()?.to_be_bytes());
        Some(bytes)
    }

    /// The pair that this says.
    pub(super) fn of_bytes(bytes: [u8; SAID]) -> Option<Self> {
        let (grant, generation) = bytes.split_first_chunk::<8>()?;
        let generation: [u8; 4] = generation.try_into().ok()?;
        Some(Self {
            grant: GrantId(i64::from_be_bytes(*grant)),
            generation: i64::from(u32::from_be_bytes(generation)),
        })
    }
}

const TOKEN: Form = Form { prefix: "dwr_", label: b"refresh" };
const LETTERS: Form = Form { prefix: "dwrx", label: b"refresh letters" };
pub(super) const SAID: usize = 12;
