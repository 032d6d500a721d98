//! What an extension would answer: it is told as if something had happened, marked so in query and body. Nothing is changed, nothing is
//! noted, and the secret that is told is none.

use doorward_core::id::WebhookId;
use doorward_core::installation::opening;
use doorward_core::model::{Actor, Extension, Installation, WebhookKind};
use doorward_store::Fault;

use super::body::{Letter, Secret};
use super::once::{self, Once};
use super::request_id;
use crate::app::App;

/// Tells it; none: the extension has no address for it.
pub async fn run(
    app: &App,
    installation: &Installation,
    extension: &Extension,
    kind: WebhookKind,
    by: &Actor,
) -> Result<Option<Once>, Fault> {
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
    once::send(app, &letter, &WebhookId(format!("msg_dry_run_{request_id}"))).await
}

const NO_SECRET: &str = "dry-run-no-secret";
