//! A refresh token is a (grant, generation) pair under a MAC: 8-bit serial, 64-bit grant, 32-bit generation, 128-bit MAC, in 39
//! alphanumeric characters behind a prefix that secret scanners find. Section 6 of the design.

use doorward_crypto::base62;
use doorward_crypto::secret::SecretString;

use crate::id::{GrantId, IssuerId};
use crate::keys::TenantKeys;

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
        let key = keys.mac.get(&serial)?;
        let mut bytes = [0; BYTES];
        bytes[..HEAD].copy_from_slice(&self.head(serial)?);
        let tag = key.tag(&[LABEL, issuer.as_str().as_bytes(), &bytes[..HEAD]]);
        bytes[HEAD..].copy_from_slice(&tag[..BYTES - HEAD]);
        Some(SecretString::new(format!("{PREFIX}{}", base62::encode_fixed(&bytes, CHARACTERS))))
    }

    /// The pair of a token that this issuer made; anything else is garbage, and known as such without a database.
    pub fn decode(token: &str, issuer: &IssuerId, keys: &TenantKeys) -> Option<Self> {
        let body = token.strip_prefix(PREFIX)?;
        if body.len() != CHARACTERS {
            return None;
        }
        let bytes: [u8; BYTES] = base62::decode_fixed(body, BYTES)?.try_into().ok()?;
        let key = keys.mac.get(&bytes[0])?;
        if !key.verify(&[LABEL, issuer.as_str().as_bytes(), &bytes[..HEAD]], &bytes[HEAD..]) {
            return None;
        }
        let (grant, generation) = bytes[1..HEAD].split_first_chunk::<8>()?;
        let generation: [u8; 4] = generation.try_into().ok()?;
        Some(Self {
            grant: GrantId(i64::from_be_bytes(*grant)),
            generation: i64::from(u32::from_be_bytes(generation)),
        })
    }

    fn head(self, serial: u8) -> Option<[u8; HEAD]> {
        let mut head = [0; HEAD];
        head[0] = serial;
        head[1..9].copy_from_slice(&self.grant.0.to_be_bytes());
        head[9..].copy_from_slice(&u32::try_from(self.generation).ok()?.to_be_bytes());
        Some(head)
    }
}

/// What every refresh token begins with.
pub const PREFIX: &str = "dwr_";
const LABEL: &[u8] = b"refresh";
const HEAD: usize = 13;
const BYTES: usize = 29;
const CHARACTERS: usize = 39;
