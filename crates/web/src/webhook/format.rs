//! In which words an extension is told: ours, or those of another contract that it was written for. Order, retries and secrets are the same.

use std::borrow::Cow;

use doorward_core::model::{Extension, WebhookFormat};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::{Letter, Signers, body, sign};
use crate::dialect::mittwald;

/// A format.
pub struct Format {
    /// How the id of an installation is written in the address.
    pub name: fn(&str) -> Cow<'_, str>,
    /// The body of a request to an address.
    pub body: fn(&Letter<'_>, &str) -> Map<String, Value>,
    /// What the query says where nothing has happened, and who asks.
    pub dry_run: fn(&str) -> String,
    /// The headers that sign it: its id, the time in seconds, the bytes of the body.
    pub headers: fn(&Signers, &str, i64, &[u8]) -> Headers,
}

/// Names and values of headers.
pub type Headers = Vec<(&'static str, String)>;

/// Ours.
const STANDARD: Format = Format {
    name: |id| Cow::Borrowed(id),
    body: body::standard,
    dry_run: |_| "dry_run=true".to_owned(),
    headers: sign::standard,
};

impl Format {
    /// That of an extension.
    pub fn of(extension: &Extension) -> &'static Self {
        match extension.manifest.webhook_format {
            WebhookFormat::Mittwald => &mittwald::WEBHOOKS,
            WebhookFormat::Standard => &STANDARD,
        }
    }

    /// The headers of a request with that body.
    pub fn signed(
        &self,
        signers: &Signers,
        id: &str,
        timestamp_s: i64,
        body: &[u8],
    ) -> Vec<(HeaderName, HeaderValue)> {
        let header = |(name, value): (&'static str, String)| {
            Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
        };
        (self.headers)(signers, id, timestamp_s, body).into_iter().filter_map(header).collect()
    }
}
