//! The one way out: every outbound HTTP request goes through this fetcher (`jwks_uri` and webhooks now, upstream
//! providers later), because each of its urls was written by somebody we need not trust.
//!
//! A name is resolved once, every address is checked, and the connection goes to a checked address itself, so a name
//! that changes its mind between check and connection gains nothing. No redirects, no proxy from the environment,
//! one deadline and one size for everything.

mod address;
mod connect;
mod error;
mod policy;
mod post;

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use doorward_guard::jwks::Source;
use http::header::{ACCEPT, CONNECTION, HOST, HeaderValue, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Body;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

pub use address::is_public;
pub use connect::Roots;
pub use error::FetchError;
pub use policy::{BadException, Exception, Policy};
pub use post::{Posted, READ_BYTES};

use connect::Wire;
use policy::Target;

/// Fetches documents from urls of others. Clones share their caps.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    policy: Policy,
    resolver: Resolver,
    roots: Arc<Roots>,
    /// Fetches at once.
    places: Semaphore,
    /// Name look-ups at once: they hold a thread for as long as the system pleases.
    lookups: Arc<Semaphore>,
}

/// Addresses of a host and port.
pub type Resolver = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

impl Fetcher {
    /// A fetcher with the system's resolver and the system's root certificates, read at the first use.
    pub fn new(policy: Policy) -> Self {
        Self::with(policy, Arc::new(system_resolver), Roots::System)
    }

    /// A fetcher with a resolver and root certificates of its own.
    pub fn with(policy: Policy, resolver: Resolver, roots: Roots) -> Self {
        Self::of(policy, resolver, Arc::new(roots))
    }

    fn of(policy: Policy, resolver: Resolver, roots: Arc<Roots>) -> Self {
        let places = Semaphore::new(policy.max_at_once);
        let lookups = Arc::new(Semaphore::new(policy.max_at_once.min(16)));
        Fetcher(Arc::new(Inner { policy, resolver, roots, places, lookups }))
    }

    /// A fetcher by the same rules with places of its own, so that neither waits for the other, and that time for each fetch.
    pub fn apart(&self, total: Duration, max_at_once: usize) -> Self {
        let policy = Policy { total, max_at_once, ..self.0.policy.clone() };
        Self::of(policy, self.0.resolver.clone(), Arc::clone(&self.0.roots))
    }

    /// The body of a 200 answer to a GET of `url`. It is not parsed.
    pub async fn get_json(&self, url: &str) -> Result<Bytes, FetchError> {
        let url = parse(url)?;
        timeout(self.0.policy.total, self.get(&url)).await.unwrap_or(Err(FetchError::Timeout))
    }

    /// Whether `url` could be fetched as far as its text tells: for a check at registration.
    pub fn check(&self, url: &str) -> Result<(), FetchError> {
        let target = Target::of(&parse(url)?)?;
        match target.literal() {
            Some(address) if !self.0.policy.allows(&target, address) => Err(FetchError::Forbidden),
            None if !target.https && !self.0.policy.has_exceptions() => Err(FetchError::Forbidden),
            _ => Ok(()),
        }
    }

    async fn get(&self, url: &Url) -> Result<Bytes, FetchError> {
        let _place = self.0.places.acquire().await.map_err(|_| FetchError::Unreachable)?;
        let target = Target::of(url)?;
        let addresses = self.addresses(&target).await?;
        let wire = connect::connect(&target, &addresses, &self.0.roots).await?;
        exchange(wire, url, &target, self.0.policy.max_body).await
    }

    /// The addresses of the target that the policy allows; at least one.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
        let mut addresses = match target.literal() {
            Some(ip) => vec![SocketAddr::new(ip, target.port)],
            None => self.resolve(&target.host, target.port).await?,
        };
        addresses.retain(|address| self.0.policy.allows(target, address.ip()));
        if addresses.is_empty() { Err(FetchError::Forbidden) } else { Ok(addresses) }
    }

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, FetchError> {
        let permit = self.0.lookups.clone().acquire_owned().await.map_err(|_| FetchError::Unresolved)?;
        let (resolver, host) = (self.0.resolver.clone(), host.to_owned());
        let lookup = tokio::task::spawn_blocking(move || {
            // Given back when the look-up is over, even if nobody waits for it any more.
            let _permit = permit;
            resolver(&host, port)
        });
        match lookup.await {
            // The port is ours, whatever the resolver says.
            Ok(Ok(found)) if !found.is_empty() => {
                Ok(found.into_iter().map(|address| SocketAddr::new(address.ip(), port)).collect())
            }
            _ => Err(FetchError::Unresolved),
        }
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("policy", &self.0.policy).finish_non_exhaustive()
    }
}

impl Source for Fetcher {
    type Error = FetchError;

    async fn get(&self, url: &str) -> Result<Bytes, FetchError> {
        self.get_json(url).await
    }
}

fn parse(text: &str) -> Result<Url, FetchError> {
    Url::parse(text).map_err(|_| FetchError::BadUrl)
}

fn system_resolver(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(std::net::ToSocketAddrs::to_socket_addrs(&(host, port))?.collect())
}

async fn exchange(wire: Wire, url: &Url, target: &Target, cap: usize) -> Result<Bytes, FetchError> {
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(64 * 1024)
        .handshake(wire)
        .await
        .map_err(|_| FetchError::Broken)?;
    let request = request(url, target)?;
    let work = async move {
        let response = sender.send_request(request).await.map_err(|_| FetchError::Broken)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = response.into_body();
        if body.size_hint().lower() > cap as u64 {
            return Err(FetchError::TooLarge);
        }
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| FetchError::Broken)?.into_data() else { continue };
            if whole.len() + data.len() > cap {
                return Err(FetchError::TooLarge);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    };
    let driver = async {
        // Its errors reach us as errors of the exchange.
        let _ = connection.await;
        pending().await
    };
    tokio::select! {
        result = work => result,
        never = driver => never,
    }
}

fn request(url: &Url, target: &Target) -> Result<Request<Empty<Bytes>>, FetchError> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Request::get(path)
        .header(HOST, target.authority())
        .header(ACCEPT, HeaderValue::from_static("application/json, application/jwk-set+json"))
        .header(USER_AGENT, HeaderValue::from_static("doorward"))
        .header(CONNECTION, HeaderValue::from_static("close"))
        .body(Empty::new())
        .map_err(|_| FetchError::BadUrl)
}
