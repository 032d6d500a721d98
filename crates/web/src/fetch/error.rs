//! Why a document could not be fetched. The texts name no address: who wrote the url must not learn our network.

use std::fmt;

/// A fetch that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchError {
    /// Not a url that can be fetched: malformed, another scheme, user info in it.
    BadUrl,
    /// The answer is no HTTP, or broke off.
    Broken,
    /// Plain http, or no address that the policy allows.
    Forbidden,
    /// A status other than 200; redirects are not followed.
    Status(u16),
    /// Not done in time.
    Timeout,
    /// The certificate is not valid for the host.
    Tls,
    /// Larger than allowed.
    TooLarge,
    /// No connection.
    Unreachable,
    /// The name has no address.
    Unresolved,
}

impl FetchError {
    /// The name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            FetchError::BadUrl => "bad_url",
            FetchError::Broken => "broken",
            FetchError::Forbidden => "forbidden",
            FetchError::Status(_) => "status",
            FetchError::Timeout => "timeout",
            FetchError::Tls => "tls",
            FetchError::TooLarge => "too_large",
            FetchError::Unreachable => "unreachable",
            FetchError::Unresolved => "unresolved",
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::BadUrl => f.write_str("the url cannot be fetched"),
            FetchError::Broken => f.write_str("the answer was malformed or broke off"),
            FetchError::Forbidden => f.write_str("the outbound policy does not allow this url"),
            FetchError::Status(status) => write!(f, "the answer had status {status}"),
            FetchError::Timeout => f.write_str("the answer did not come in time"),
            FetchError::Tls => f.write_str("the certificate is not valid for the host"),
            FetchError::TooLarge => f.write_str("the answer was too large"),
            FetchError::Unreachable => f.write_str("the host could not be reached"),
            FetchError::Unresolved => f.write_str("the host name has no address"),
        }
    }
}

impl std::error::Error for FetchError {}
