//! How a guard is put together, and what is refused of that before the first request.

use std::sync::Arc;

use doorward_crypto::jose::algorithm::Algorithm;
use http::Uri;
use http::header::HeaderValue;

use crate::clock::{Clock, SystemClock};
use crate::fetch::{Fetch, Way};
use crate::guard::{Guard, Inner};
use crate::introspection::{Introspection, Introspector};
use crate::jwks::{Freshness, JwksCache};
use crate::jwt::Verifier;

/// A guard that is being put together.
pub struct Builder {
    issuer: String,
    audience: String,
    jwks_uri: Option<String>,
    freshness: Freshness,
    algorithms: Vec<Algorithm>,
    leeway_s: i64,
    introspection: Option<Introspection>,
    verifies: bool,
    resource_metadata: Option<String>,
    plain_http: bool,
    clock: Arc<dyn Clock>,
    fetch: Option<Arc<dyn Fetch>>,
}

/// Why there is no guard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGuard {
    /// The feature `client` is off, or its client cannot be made.
    #[error("there is nothing that fetches")]
    Fetch,
    /// Client id and secret make no header.
    #[error("the client's credentials cannot be sent")]
    Credentials,
    /// Neither JWTs nor others.
    #[error("no kind of tokens is taken")]
    Kinds,
    /// Nobody may be asked without TLS, but on this machine.
    #[error("{0:?} is no https URL")]
    Url(String),
}

impl Builder {
    pub(crate) fn new(issuer: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            jwks_uri: None,
            freshness: Freshness { retry_ms: RETRY_MS, ..Freshness::default() },
            algorithms: Algorithm::SIGNING.to_vec(),
            leeway_s: LEEWAY_S,
            introspection: None,
            verifies: true,
            resource_metadata: None,
            plain_http: false,
            clock: Arc::new(SystemClock),
            fetch: None,
        }
    }

    /// Where the issuer's keys are; `/jwks` below the issuer when nothing is said.
    pub fn jwks_uri(self, jwks_uri: &str) -> Self {
        Self { jwks_uri: Some(jwks_uri.to_owned()), ..self }
    }

    /// How long keys are used, and how often they are fetched. When nothing is said: fetched anew after five minutes, or when a token names one
    /// that is not known, but not more often than every five seconds; and used for a day while the issuer is out of reach.
    pub fn keys(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// Which algorithms are taken; those that Doorward signs with when nothing is said. A key is never used with one that is not of its type.
    pub fn algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { algorithms: algorithms.to_vec(), ..self }
    }

    /// Seconds by which clocks may differ, at `exp` and `nbf` of JWTs; five when nothing is said.
    pub fn leeway(self, seconds: i64) -> Self {
        Self { leeway_s: seconds, ..self }
    }

    /// Opaque tokens are taken too: the issuer is asked about them.
    pub fn introspecting(self, introspection: Introspection) -> Self {
        Self { introspection: Some(introspection), ..self }
    }

    /// JWTs are not taken, unless the issuer is asked about them.
    pub fn without_verification(self) -> Self {
        Self { verifies: false, ..self }
    }

    /// Where clients read who gives tokens for the API (RFC 9728); each challenge says it. A Doorward issuer has it at
    /// `/guard/metadata?api=…`.
    pub fn resource_metadata(self, url: &str) -> Self {
        Self { resource_metadata: Some(url.to_owned()), ..self }
    }

    /// The issuer may be asked without TLS on other machines too: on a net where nobody else listens or answers.
    pub fn plain_http(self) -> Self {
        Self { plain_http: true, ..self }
    }

    /// What tells the time.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// What asks the issuer.
    pub fn fetch(self, fetch: impl Fetch) -> Self {
        Self { fetch: Some(Arc::new(fetch)), ..self }
    }

    /// The guard. Nothing is fetched yet.
    pub fn build(mut self) -> Result<Guard, BadGuard> {
        let way = Way(self.fetch.take().map_or_else(client, Ok)?);
        let introspector = match &self.introspection {
            Some(how) => {
                let endpoint = self.endpoint(how.endpoint.as_deref(), "introspect")?;
                let asks = Introspector::new(how, &self.issuer, &self.audience, endpoint, way.clone());
                Some(asks.ok_or(BadGuard::Credentials)?)
            }
            None => None,
        };
        let are_jwts_asked_about = introspector.as_ref().is_some_and(|asks| asks.jwts);
        let verifier = if self.verifies && !are_jwts_asked_about { Some(self.verifier(way)?) } else { None };
        if verifier.is_none() && introspector.is_none() {
            return Err(BadGuard::Kinds);
        }
        let resource_metadata = self.resource_metadata;
        if let Some(url) = resource_metadata.as_ref().filter(|url| HeaderValue::from_str(url).is_err()) {
            return Err(BadGuard::Url(url.clone()));
        }
        Ok(Guard(Arc::new(Inner { verifier, introspector, resource_metadata, clock: self.clock })))
    }

    fn verifier(&self, way: Way) -> Result<Verifier, BadGuard> {
        Ok(Verifier {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            jwks_uri: self.endpoint(self.jwks_uri.as_deref(), "jwks")?,
            keys: JwksCache::new(way, self.freshness),
            algorithms: self.algorithms.clone(),
            leeway_s: self.leeway_s,
        })
    }

    /// What was said, or what stands below the issuer.
    fn endpoint(&self, said: Option<&str>, below: &str) -> Result<String, BadGuard> {
        let url =
            said.map_or_else(|| format!("{}/{below}", self.issuer.trim_end_matches('/')), str::to_owned);
        if self.may_be_asked(&url) { Ok(url) } else { Err(BadGuard::Url(url)) }
    }

    fn may_be_asked(&self, url: &str) -> bool {
        let Ok(uri) = url.parse::<Uri>() else { return false };
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => true,
            (Some("http"), Some(host)) => self.plain_http || HERE.contains(&host),
            _ => false,
        }
    }
}

#[cfg(feature = "client")]
fn client() -> Result<Arc<dyn Fetch>, BadGuard> {
    Ok(Arc::new(crate::HttpClient::new().map_err(|_| BadGuard::Fetch)?))
}

#[cfg(not(feature = "client"))]
fn client() -> Result<Arc<dyn Fetch>, BadGuard> {
    Err(BadGuard::Fetch)
}

const LEEWAY_S: i64 = 5;
const RETRY_MS: i64 = 5_000;
/// This machine, as it is written in URLs.
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
