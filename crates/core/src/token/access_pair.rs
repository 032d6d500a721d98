//! An access token that is one generation of its grant, like the refresh token beside it: it ends when the next pair is issued. What it allows
//! is kept like that of any opaque token; its text says by itself when it expires, so that this can be told when all else is forgotten.

use doorward_crypto::secret::SecretString;

use super::refresh_pair::{RefreshPair, SAID};
use super::sealed::Form;
use crate::Timestamp;
use crate::id::IssuerId;
use crate::keys::TenantKeys;
use crate::model::{TicketKey, TicketKind};

/// What such a token says, once its MAC is verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessPair {
    /// Of which generation of which grant.
    pub of: RefreshPair,
    /// When it expires, to the second.
    pub expires_at: Timestamp,
    /// Where it is kept what it allows.
    pub key: TicketKey,
}

impl AccessPair {
    /// The token, made with the MAC key of that serial, and where it is kept what it allows. The same words always give the same token.
    pub fn encode(
        of: RefreshPair,
        expires_at: Timestamp,
        issuer: &IssuerId,
        serial: u8,
        keys: &TenantKeys,
    ) -> Option<(SecretString, Self)> {
        let seconds = u32::try_from(expires_at.seconds()).ok()?;
        let said = [&of.to_bytes()?[..], &seconds.to_be_bytes()].concat();
        let token = TOKEN.seal(&said, serial, issuer, keys)?;
        let pair = Self::of(of, seconds, token.expose());
        Some((token, pair))
    }

    /// What a token says that this issuer made.
    pub fn decode(token: &str, issuer: &IssuerId, keys: &TenantKeys) -> Option<Self> {
        let said: [u8; SAID + 4] = TOKEN.open(token, issuer, keys)?;
        let (pair, seconds) = said.split_first_chunk::<SAID>()?;
        let seconds = u32::from_be_bytes(seconds.try_into().ok()?);
        Some(Self::of(RefreshPair::of_bytes(*pair)?, seconds, token))
    }

    fn of(of: RefreshPair, seconds: u32, token: &str) -> Self {
        let expires_at = Timestamp(i64::from(seconds) * 1000);
        Self { of, expires_at, key: TicketKey::of_mark(TicketKind::AccessToken, expires_at, &[token]) }
    }
}

const TOKEN: Form = Form { prefix: "dwax", label: b"access" };
