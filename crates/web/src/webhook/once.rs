//! A letter that is sent once, now, by whoever waits for its answer: it stands in no line, and is not sent again.

use std::time::Instant;

use bytes::Bytes;
use doorward_core::id::WebhookId;
use doorward_store::Fault;
use http::HeaderMap;

use super::body::{Letter, Secret};
use super::format::Format;
use super::worker::kept;
use crate::app::App;
use crate::fetch::FetchError;

/// How it went.
#[derive(Debug)]
pub struct Once {
    /// Where it was told.
    pub url: String,
    /// How long it took.
    pub duration_ms: i64,
    /// What was answered.
    pub answer: Result<Seen, FetchError>,
}

/// What was answered, as far as it is told: of its fields and of its body the beginning.
#[derive(Debug)]
pub struct Seen {
    /// The status.
    pub status: u16,
    /// The header fields, a line each.
    pub headers: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends it; none: the extension has no address for it.
pub async fn send(app: &App, letter: &Letter<'_>, id: &WebhookId) -> Result<Option<Once>, Fault> {
    let Some(url) = letter.url() else { return Ok(None) };
    let (extension, body) = (letter.extension, Bytes::from(letter.body(&url)));
    let signers = app.webhook_keys.known_signers(&app.store, &extension.tenant, extension.key).await?;
    let headers = Format::of(extension).signed(&signers, id.as_str(), letter.now.seconds(), &body);
    let began = Instant::now();
    let answer = app.webhook_fetcher.post(&url, &headers, body).await;
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let secret = match letter.secret {
        Secret::New(secret) if letter.dry_run_by.is_none() => Some(secret),
        Secret::New(_) | Secret::None | Secret::Delivered => None,
    };
    let answer = answer.map(|posted| Seen {
        status: posted.status,
        headers: kept(lines(&posted.headers), secret),
        body: kept(posted.body.to_vec(), secret),
    });
    Ok(Some(Once { url, duration_ms, answer }))
}

fn lines(headers: &HeaderMap) -> Vec<u8> {
    let fields: Vec<Vec<u8>> = headers
        .iter()
        .map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()].join(&b": "[..]))
        .collect();
    fields.join(&b'\n')
}
