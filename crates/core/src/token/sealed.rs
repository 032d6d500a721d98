//! Texts that say something under a MAC of their issuer, in letters and digits behind a prefix that secret scanners find: 8-bit serial of the
//! key, what is said, 128-bit MAC. Section 6 of the design.

use doorward_crypto::base62;
use doorward_crypto::secret::SecretString;

use crate::id::IssuerId;
use crate::keys::TenantKeys;

/// A kind of such texts.
pub(super) struct Form {
    /// What they begin with.
    pub prefix: &'static str,
    /// What their MAC is for: one kind never passes for another.
    pub label: &'static [u8],
}

impl Form {
    /// The text, made with the MAC key of that serial. The same key always gives the same text.
    pub fn seal(
        &self,
        said: &[u8],
        serial: u8,
        issuer: &IssuerId,
        keys: &TenantKeys,
    ) -> Option<SecretString> {
        let key = keys.mac.get(&serial)?;
        let mut bytes = [&[serial], said].concat();
        let tag = key.tag(&[self.label, issuer.as_str().as_bytes(), &bytes]);
        bytes.extend_from_slice(&tag[..MAC]);
        let body = base62::encode_fixed(&bytes, base62::length_for(bytes.len()));
        Some(SecretString::new(format!("{}{body}", self.prefix)))
    }

    /// What a text says that this issuer made; anything else is garbage, and known as such without a database.
    pub fn open<const SAID: usize>(
        &self,
        text: &str,
        issuer: &IssuerId,
        keys: &TenantKeys,
    ) -> Option<[u8; SAID]> {
        let body = text.strip_prefix(self.prefix)?;
        let length = 1 + SAID + MAC;
        if body.len() != base62::length_for(length) {
            return None;
        }
        let bytes = base62::decode_fixed(body, length)?;
        let (head, tag) = bytes.split_at_checked(1 + SAID)?;
        let (serial, said) = head.split_first()?;
        let is_ours = keys.mac.get(serial)?.verify(&[self.label, issuer.as_str().as_bytes(), head], tag);
        if is_ours { said.try_into().ok() } else { None }
    }
}

const MAC: usize = 16;
