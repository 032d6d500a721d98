//! A tenant's keys as decisions use them: parsed once, kept resident. Private signing keys never come here.

use std::collections::{BTreeMap, HashMap};

use doorward_crypto::jose::key::VerifyingKey;
use doorward_crypto::mac::MacKey;

/// The keys of one tenant.
#[derive(Clone, Default)]
pub struct TenantKeys {
    /// MAC keys of refresh tokens and forms, by serial. The newest makes new tokens.
    pub mac: BTreeMap<u8, MacKey>,
    /// Public keys of tokens this server signed, by `kid`, as long as such a token can live.
    pub verifying: HashMap<String, VerifyingKey>,
    /// Public keys that are no longer published, for ID tokens that come as hints, however old (OpenID Connect Core, section 3.1.2.1).
    pub retired: HashMap<String, VerifyingKey>,
}

impl TenantKeys {
    /// The newest MAC key and its serial; none while the tenant has no keys yet.
    pub fn newest_mac(&self) -> Option<(u8, &MacKey)> {
        self.mac.last_key_value().map(|(serial, key)| (*serial, key))
    }
}

impl std::fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TenantKeys({} mac, {} verifying)", self.mac.len(), self.verifying.len())
    }
}
