//! What an extension would answer: it is told as if something had happened, marked so in query and body. Nothing is changed, nothing is
//! noted, and the secret that is told is none.

use std::time::Instant;

use bytes::Bytes;
use doorward_core::id::WebhookId;
use doorward_core::installation::opening;
use doorward_core::model::{Actor, Extension, Installation, WebhookKind};
use doorward_store::Fault;

use super::body::{Letter, Secret};
use super::format::Format;
use super::request_id;
use super::worker::kept;
use crate::app::App;
use crate::fetch::FetchError;

/// How it went.
#[derive(Debug)]
pub struct DryRun {
    /// Where it was told.
    pub url: String,
    /// How long it took.
    pub duration_ms: i64,
    /// Status, and the beginning of the answer.
    pub answer: Result<(u16, Vec<u8>), FetchError>,
}

/// Tells it; none: the extension has no address for it.
pub async fn run(
    app: &App,
    installation: &Installation,
    extension: &Extension,
    kind: WebhookKind,
    by: &Actor,
) -> Result<Option<DryRun>, Fault> {
    let (store, request_id, by) = (&app.store, request_id(), opening::name(by));
    let now = store.now();
    let letter = Letter {
        kind,
        installation,
        extension,
        number: installation.version,
        happened_at: now,
        secret: match kind {
            WebhookKind::Added | WebhookKind::SecretRotated => Secret::New(NO_SECRET),
            WebhookKind::Updated | WebhookKind::Removed => Secret::None,
        },
        request_id: &request_id,
        now,
        dry_run_by: Some(&by),
    };
    let Some(url) = letter.url() else { return Ok(None) };
    let body = Bytes::from(letter.body(&url));
    let signers = app.webhook_keys.known_signers(store, &extension.tenant, extension.key).await?;
    let id = WebhookId(format!("msg_dry_run_{request_id}"));
    let headers = Format::of(extension).signed(&signers, id.as_str(), now.seconds(), &body);
    let began = Instant::now();
    let answer = app.webhook_fetcher.post(&url, &headers, body).await;
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let answer = answer.map(|posted| (posted.status, kept(&posted, None)));
    Ok(Some(DryRun { url, duration_ms, answer }))
}

const NO_SECRET: &str = "dry-run-no-secret";
