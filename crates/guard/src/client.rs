//! The way to the issuer by hyper and rustls: connections are kept, redirects are not followed, everything ends in its time.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::fetch::{Fetch, FetchError, Fetching};

/// A client for HTTP and HTTPS.
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    places: Semaphore,
    total: Duration,
}

impl HttpClient {
    /// One that trusts the system's certificate authorities.
    pub fn new() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::trusting(roots)
    }

    /// One that trusts these certificate authorities alone.
    pub fn trusting(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Ok(Self { client: builder.build(connector), places: Semaphore::new(AT_ONCE), total: TOTAL })
    }

    /// The same with so much time for each question: from its start to the last byte of the answer, waiting for a place included.
    pub fn within(self, total: Duration) -> Self {
        Self { total, ..self }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        most_bytes: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let _place = self.places.acquire().await.map_err(|error| broken(&error))?;
        let answer = self.client.request(request.map(Full::new)).await.map_err(|error| broken(&error))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, most_bytes).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() { FetchError::TooLarge } else { broken(error.as_ref()) }
        })?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }
}

impl Fetch for HttpClient {
    fn fetch(&self, request: Request<Bytes>, most_bytes: usize) -> Fetching<'_> {
        Box::pin(async move {
            timeout(self.total, self.exchange(request, most_bytes)).await.unwrap_or(Err(FetchError::Timeout))
        })
    }
}

/// With what lies under it: the outermost error of a client says little.
fn broken(error: &(dyn std::error::Error + 'static)) -> FetchError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    FetchError::Broken(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

const TOTAL: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(30);
/// Questions at once: what strangers send must not open connections without end.
const AT_ONCE: usize = 64;
