//! One public key as JSON (RFC 7517, section 4).

use doorward_wire::json::{BadJson, strict_to_depth};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{algorithm::Algorithm, key::VerifyingKey, material::Material, rsa::WeakRsa};

/// Members of private and symmetric keys (RFC 7518, sections 6.2.2, 6.3.2 and 6.4; RFC 8037, section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How deep a key's JSON may be nested; certificate chains (`x5c`) are arrays.
const DEPTH: usize = 4;
/// How long a key's JSON may be, in bytes.
const LONGEST: usize = 16 * 1024;

/// A public signature key, checked and ready to verify.
///
/// Members that say nothing about the key itself (certificates, unknown ones) are read over and not kept.
#[derive(Clone)]
pub struct Jwk {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    /// Whether `use` is published.
    use_sig: bool,
    material: Material,
    verifying: VerifyingKey,
}

/// Why a JWK is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadJwk {
    /// `alg` is one that a key of this kind cannot be used with.
    #[error("`alg` does not fit the key")]
    AlgorithmMismatch,
    /// `alg` is not a signature algorithm that is used here.
    #[error("`alg` is not a signature algorithm that is used here")]
    AlgorithmRefused,
    /// A member stands twice.
    #[error("a member stands twice")]
    DuplicateMember,
    /// The member is missing or not what it must be.
    #[error("`{0}` is missing or malformed")]
    Malformed(&'static str),
    /// `use` or `key_ops` say that it is not for verifying signatures.
    #[error("the key is not for signatures")]
    NotForSignatures,
    /// Not a JSON object of reasonable size.
    #[error("not a JSON object")]
    NotJson,
    /// The numbers are not a sound point on the curve.
    #[error("the key is not a point on its curve")]
    NotOnCurve,
    /// It holds a private or symmetric key, which is no longer secret.
    #[error("the key is not public")]
    PrivateMember,
    /// `kty` or `crv` is not one that is used here.
    #[error("the kind of key is not used here")]
    UnknownType,
    /// An RSA key that is not safe to use.
    #[error("the RSA key is refused: {0}")]
    WeakRsa(WeakRsa),
}

impl Jwk {
    /// Reads one key from its JSON text.
    pub fn parse(json: impl AsRef<[u8]>) -> Result<Jwk, BadJwk> {
        let json = json.as_ref();
        if json.len() > LONGEST {
            return Err(BadJwk::NotJson);
        }
        match strict_to_depth(json, DEPTH) {
            Ok(Value::Object(members)) => Jwk::from_members(&members),
            Err(BadJson::Duplicate) => Err(BadJwk::DuplicateMember),
            Ok(_) | Err(_) => Err(BadJwk::NotJson),
        }
    }

    /// Reads one key from members that are known to be unique.
    pub(super) fn from_members(members: &Map<String, Value>) -> Result<Jwk, BadJwk> {
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(BadJwk::PrivateMember);
        }
        let material = Material::parse(members)?;
        let kid = optional_text(members, "kid")?.map(str::to_owned);
        let algorithm = optional_text(members, "alg")?
            .map(|name| Algorithm::parse(name).map_err(|_| BadJwk::AlgorithmRefused))
            .transpose()?;
        let key_use = optional_text(members, "use")?;
        if key_use.is_some_and(|key_use| key_use != "sig") || !may_verify(members)? {
            return Err(BadJwk::NotForSignatures);
        }
        Jwk::new(kid, algorithm, key_use.is_some(), material)
    }

    /// Checks that the parts fit, and prepares the key.
    pub(super) fn new(
        kid: Option<String>,
        algorithm: Option<Algorithm>,
        use_sig: bool,
        material: Material,
    ) -> Result<Jwk, BadJwk> {
        let verifying = VerifyingKey::new(kid.clone(), algorithm, &material)?;
        Ok(Jwk { kid, algorithm, use_sig, material, verifying })
    }

    /// The name that tokens use for it.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The only algorithm that it may be used with, where it names one.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The key, ready to verify.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The key as JSON text; only public members, whatever was read.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a map of texts is JSON")
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }
}

impl std::fmt::Debug for Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jwk({})", self.to_json())
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        (&self.kid, self.algorithm, self.use_sig, &self.material)
            == (&other.kid, other.algorithm, other.use_sig, &other.material)
    }
}

impl Eq for Jwk {}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.material.members() {
            map.serialize_entry(name, &value)?;
        }
        if self.use_sig {
            map.serialize_entry("use", "sig")?;
        }
        if let Some(algorithm) = self.algorithm {
            map.serialize_entry("alg", &algorithm)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        map.end()
    }
}

/// Absent is fine, of another type is not.
fn optional_text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<Option<&'m str>, BadJwk> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(BadJwk::Malformed(name)),
    }
}

/// Whether `key_ops` is absent or names `verify` (RFC 7517, section 4.3: unknown values are read over, none stands twice).
fn may_verify(members: &Map<String, Value>) -> Result<bool, BadJwk> {
    let Some(value) = members.get("key_ops") else { return Ok(true) };
    let malformed = || BadJwk::Malformed("key_ops");
    let operations: Vec<&str> = value
        .as_array()
        .and_then(|values| values.iter().map(Value::as_str).collect())
        .ok_or_else(malformed)?;
    let mut unique = operations.clone();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() != operations.len() {
        return Err(malformed());
    }
    Ok(operations.contains(&"verify"))
}
