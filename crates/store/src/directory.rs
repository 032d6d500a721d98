//! The directory: what every node keeps in memory of every tenant. Tenants, issuers by mount, APIs, and keys that are parsed
//! once. A snapshot: whoever holds one sees one state of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::Facts;
use doorward_core::id::TenantId;
use doorward_core::keys::TenantKeys;
use doorward_core::model::{Api, Issuer, Tenant};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;

/// All tenants.
#[derive(Debug, Default)]
pub struct Directory {
    tenants: HashMap<TenantId, Arc<Entry>>,
    /// By host, the longest path first.
    mounts: HashMap<String, Vec<Mount>>,
}

/// A tenant and what belongs to it.
#[derive(Debug)]
pub struct Entry {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Its issuers.
    pub issuers: Vec<Arc<Issuer>>,
    /// Its APIs, and that of administration.
    pub apis: Arc<Vec<Api>>,
    /// Its keys.
    pub keys: Keys,
}

/// The keys of a tenant, ready for use.
#[derive(Debug)]
pub struct Keys {
    /// The body of its JWKS document: every published key, those that sign now first.
    pub jwks: Bytes,
    /// What decisions use: MAC keys by serial, public keys by `kid`.
    pub ring: Arc<TenantKeys>,
    /// The same of the keys of one algorithm.
    pub(crate) jwks_of: HashMap<Algorithm, Bytes>,
    pub(crate) signing: HashMap<Algorithm, SigningKey>,
}

/// Where a request came to.
#[derive(Clone, Debug)]
pub struct Mounted {
    /// The tenant, with its keys.
    pub entry: Arc<Entry>,
    /// The issuer.
    pub issuer: Arc<Issuer>,
    /// How many bytes of the request's path belong to the mount; the rest begins with `/` or is empty.
    pub prefix: usize,
}

#[derive(Clone, Debug)]
struct Mount {
    path: String,
    entry: Arc<Entry>,
    issuer: Arc<Issuer>,
}

impl Directory {
    /// The directory of those tenants.
    pub(crate) fn of(tenants: HashMap<TenantId, Arc<Entry>>) -> Self {
        let mut mounts: HashMap<String, Vec<Mount>> = HashMap::new();
        for entry in tenants.values() {
            for issuer in &entry.issuers {
                let mount = Mount {
                    path: issuer.path().to_owned(),
                    entry: Arc::clone(entry),
                    issuer: Arc::clone(issuer),
                };
                mounts.entry(issuer.host().to_ascii_lowercase()).or_default().push(mount);
            }
        }
        for mounts in mounts.values_mut() {
            mounts.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.cmp(&b.path)));
        }
        Self { tenants, mounts }
    }

    /// The same directory with one tenant replaced, or taken out.
    pub(crate) fn with(&self, id: &TenantId, entry: Option<Arc<Entry>>) -> Self {
        let mut tenants = self.tenants.clone();
        match entry {
            Some(entry) => tenants.insert(id.clone(), entry),
            None => tenants.remove(id),
        };
        Self::of(tenants)
    }

    /// The issuer mounted at `host` (with its port, in lower case) whose path is the longest that `path` begins with, whole
    /// segments only.
    pub fn lookup(&self, host: &str, path: &str) -> Option<Mounted> {
        let mount = self.mounts.get(host)?.iter().find(|mount| {
            path.strip_prefix(mount.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })?;
        Some(mount.mounted())
    }

    /// The issuer mounted at exactly that host and path: for `/.well-known/<name>/<path>` (RFC 8414, section 3.1).
    pub fn at(&self, host: &str, path: &str) -> Option<Mounted> {
        self.mounts.get(host)?.iter().find(|mount| mount.path == path).map(Mount::mounted)
    }

    /// A tenant.
    pub fn tenant(&self, id: &TenantId) -> Option<&Arc<Entry>> {
        self.tenants.get(id)
    }

    /// Every tenant, in no particular order.
    pub fn tenants(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.tenants.values()
    }

    /// Every host that an issuer is mounted at.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.mounts.keys().map(String::as_str)
    }

    /// Whether there is no tenant at all: a first start.
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }
}

impl Mount {
    fn mounted(&self) -> Mounted {
        Mounted { entry: Arc::clone(&self.entry), issuer: Arc::clone(&self.issuer), prefix: self.path.len() }
    }
}

impl Keys {
    /// The body of the JWKS document of those published keys that sign with `algorithm`, for verifiers that look at no `kid`.
    pub fn jwks_of(&self, algorithm: Algorithm) -> Bytes {
        self.jwks_of.get(&algorithm).cloned().unwrap_or(NO_KEYS)
    }

    /// The key that signs with `algorithm` now.
    pub fn signing(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.signing.get(&algorithm)
    }

    /// Algorithms that there is a signing key for, in order.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::SIGNING.into_iter().filter(|algorithm| self.signing.contains_key(algorithm)).collect()
    }

    /// The key that signs now under that `kid`.
    pub(crate) fn signing_by_kid(&self, kid: &str) -> Option<&SigningKey> {
        self.signing.values().find(|key| key.kid() == kid)
    }
}

/// A tenant that has none yet.
impl Default for Keys {
    fn default() -> Self {
        Self { jwks: NO_KEYS, jwks_of: HashMap::new(), ring: Arc::default(), signing: HashMap::new() }
    }
}

impl Mounted {
    /// Facts that know nothing but where the request came to.
    pub fn facts(&self) -> Facts {
        let entry = &self.entry;
        Facts::of(
            Arc::clone(&entry.tenant),
            Arc::clone(&self.issuer),
            Arc::clone(&entry.apis),
            Arc::clone(&entry.keys.ring),
        )
    }
}

const NO_KEYS: Bytes = Bytes::from_static(b"{\"keys\":[]}");
