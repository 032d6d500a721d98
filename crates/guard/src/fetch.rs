//! The way to the issuer, as something that is passed in: [`HttpClient`](crate::HttpClient), a client of yours, a test's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue};
use http::{Request, Response, StatusCode};

use crate::jwks::Source;

/// An answer that is waited for.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a>>;

/// What asks the issuer. It must end in a time of its own, and follows no redirects.
pub trait Fetch: Send + Sync + 'static {
    /// The answer to `request`, whatever its status; an error where its body is longer than `most_bytes`.
    fn fetch(&self, request: Request<Bytes>, most_bytes: usize) -> Fetching<'_>;
}

/// Why there is no answer, or none that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The connection, or what came over it.
    #[error("{0}")]
    Broken(String),
    /// Not what was asked for.
    #[error("the answer cannot be read")]
    Malformed,
    /// Another status than 200.
    #[error("the answer had status {0}")]
    Status(u16),
    /// Not done in time.
    #[error("the answer did not come in time")]
    Timeout,
    /// Longer than allowed.
    #[error("the answer was too large")]
    TooLarge,
}

/// A shared way to the issuer.
#[derive(Clone)]
pub(crate) struct Way(pub(crate) Arc<dyn Fetch>);

impl Way {
    /// The body of an answer 200.
    pub(crate) async fn ask(
        &self,
        mut request: Request<Bytes>,
        most_bytes: usize,
    ) -> Result<Bytes, FetchError> {
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.0.fetch(request, most_bytes).await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let body = answer.into_body();
        if body.len() > most_bytes { Err(FetchError::TooLarge) } else { Ok(body) }
    }
}

/// Key sets come by it too.
impl Source for Way {
    type Error = FetchError;

    async fn get(&self, url: &str) -> Result<Bytes, FetchError> {
        let request = Request::get(url).body(Bytes::new()).map_err(|_| FetchError::Malformed)?;
        self.ask(request, doorward_crypto::jose::key_set::LONGEST_SET).await
    }
}
