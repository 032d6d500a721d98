//! A known device: a browser that a person signed in from before. Strangers cannot use up its attempts.

use doorward_crypto::base64url;

use crate::Timestamp;
use crate::id::UserId;
use crate::keys::TenantKeys;

/// The value of a device cookie: when it was made, under a MAC that names the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    made: [u8; 8],
    tag: [u8; TAG],
}

impl Device {
    /// A device that this person has just signed in from; none while the tenant has no keys.
    pub fn of(user: &UserId, keys: &TenantKeys, now: Timestamp) -> Option<Self> {
        let (_, key) = keys.newest_mac()?;
        let made = now.0.to_be_bytes();
        let whole = key.tag(&[LABEL, user.as_str().as_bytes(), &made]);
        let (tag, _) = whole.split_first_chunk()?;
        Some(Self { made, tag: *tag })
    }

    /// The device that a cookie names; whose it is, is told by [`Device::is_of`].
    pub fn parse(cookie: &str) -> Option<Self> {
        let bytes = base64url::decode(cookie)?;
        let (made, tag) = bytes.split_first_chunk()?;
        Some(Self { made: *made, tag: tag.try_into().ok()? })
    }

    /// Its cookie.
    pub fn encode(&self) -> String {
        base64url::encode(&self.bytes())
    }

    /// Whether this person signed in from it.
    pub fn is_of(&self, user: &UserId, keys: &TenantKeys) -> bool {
        keys.mac.values().any(|key| key.verify(&[LABEL, user.as_str().as_bytes(), &self.made], &self.tag))
    }

    /// What tells it from other devices.
    pub fn bytes(&self) -> [u8; 8 + TAG] {
        let mut bytes = [0; 8 + TAG];
        bytes[..8].copy_from_slice(&self.made);
        bytes[8..].copy_from_slice(&self.tag);
        bytes
    }
}

const LABEL: &[u8] = b"device";
const TAG: usize = 16;
