//! A set of public keys (RFC 7517, section 5): what we publish at `jwks_uri`, and what clients publish or register.
//!
//! Reading is careful in two steps. What makes the whole document doubtful refuses it: not JSON, a member twice, a private
//! key among the public ones, too many keys, one name for two keys. A key that is merely of no use to us (another kind,
//! another use, too weak) is skipped with its reason, as section 5 asks, so that a client may publish such keys beside
//! those that we need.

use doorward_wire::json::{BadJson, strict_to_depth};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

pub use super::{
    jwk::{BadJwk, Jwk},
    rsa::WeakRsa,
};
use super::{key::VerifyingKey, verify::Header};

/// How many keys a set that we read may hold, skipped ones included.
pub const MOST_KEYS: usize = 50;
/// How long the JSON of a set may be, in bytes.
pub const LONGEST_SET: usize = 256 * 1024;
/// How deep it may be nested: the set, its keys, the key, its certificates.
const DEPTH: usize = 6;

/// Public keys, each checked and ready to verify.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    skipped: Vec<BadJwk>,
}

/// Why a whole set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJwkSet {
    /// Two keys have the same `kid`.
    #[error("two keys have the same `kid`")]
    DuplicateKid,
    /// A member stands twice.
    #[error("a member stands twice")]
    DuplicateMember,
    /// Not a JSON object with an array `keys` of objects.
    #[error("not a JSON object with an array `keys`")]
    NotJson,
    /// A private or symmetric key is among them.
    #[error("a key in the set is not public")]
    PrivateMember,
    /// Larger than [`LONGEST_SET`].
    #[error("the set is too large")]
    TooLong,
    /// More than [`MOST_KEYS`].
    #[error("the set has too many keys")]
    TooMany,
}

impl JwkSet {
    /// Reads a set from its JSON text.
    pub fn parse(json: impl AsRef<[u8]>) -> Result<JwkSet, BadJwkSet> {
        let json = json.as_ref();
        if json.len() > LONGEST_SET {
            return Err(BadJwkSet::TooLong);
        }
        let mut members = match strict_to_depth(json, DEPTH) {
            Ok(Value::Object(members)) => members,
            Err(BadJson::Duplicate) => return Err(BadJwkSet::DuplicateMember),
            Ok(_) | Err(_) => return Err(BadJwkSet::NotJson),
        };
        let Some(Value::Array(values)) = members.remove("keys") else { return Err(BadJwkSet::NotJson) };
        if values.len() > MOST_KEYS {
            return Err(BadJwkSet::TooMany);
        }
        let mut set = JwkSet::default();
        for value in values {
            let Value::Object(members) = value else { return Err(BadJwkSet::NotJson) };
            match Jwk::from_members(&members) {
                Ok(key) => set.push(key)?,
                Err(BadJwk::PrivateMember) => return Err(BadJwkSet::PrivateMember),
                Err(reason) => set.skipped.push(reason),
            }
        }
        Ok(set)
    }

    /// The set of these keys, in this order. It may be longer than what we take from others: what is signed with a key of ours must stay
    /// verifiable.
    pub fn from_keys(keys: impl IntoIterator<Item = Jwk>) -> Result<JwkSet, BadJwkSet> {
        let mut set = JwkSet::default();
        keys.into_iter().try_for_each(|key| set.push(key))?;
        Ok(set)
    }

    fn push(&mut self, key: Jwk) -> Result<(), BadJwkSet> {
        if key.kid().is_some_and(|kid| self.keys.iter().any(|other| other.kid() == Some(kid))) {
            return Err(BadJwkSet::DuplicateKid);
        }
        self.keys.push(key);
        Ok(())
    }

    /// The keys that can be used.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Why each of the others cannot, in their order.
    pub fn skipped(&self) -> &[BadJwk] {
        &self.skipped
    }

    /// The one key that may have signed a token with this header.
    ///
    /// A `kid` picks the key of that name. Without one, or where the only fitting key has no name, there must be exactly one
    /// key that fits the algorithm (OpenID Connect Core, section 10.1): nobody makes us try fifty.
    pub fn find(&self, header: &Header) -> Option<&VerifyingKey> {
        let fits = |key: &&Jwk| key.verifying_key().accepts(header.algorithm());
        if let Some(kid) = header.kid()
            && let Some(named) = self.keys.iter().find(|key| key.kid() == Some(kid))
        {
            return Some(named).filter(fits).map(Jwk::verifying_key);
        }
        let mut fitting = self.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) if header.kid().is_none() || only.kid().is_none() => {
                Some(only.verifying_key())
            }
            _ => None,
        }
    }

    /// The set as JSON text, with public members only.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a list of maps of texts is JSON")
    }
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut set = serializer.serialize_struct("JwkSet", 1)?;
        set.serialize_field("keys", &self.keys)?;
        set.end()
    }
}
