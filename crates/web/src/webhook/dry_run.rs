//! What an extension would answer: it is told as if something had happened, marked so in query and body. Nothing is changed, nothing is
//! noted, and the secret that is told is none. Who asks may suppose other things of the installation than are so.

use doorward_core::Timestamp;
use doorward_core::id::{ContextId, WebhookId};
use doorward_core::installation::opening;
use doorward_core::model::{Actor, Extension, Installation, Life, WebhookKind};
use doorward_store::Fault;
use doorward_wire::scope::Scopes;

use super::body::{Letter, Secret};
use super::once::{self, Once};
use super::request_id;
use crate::app::App;

/// What is told of an installation in place of what is so.
#[derive(Debug, Default)]
pub struct Supposed {
    /// The context that it is in.
    pub context: Option<ContextId>,
    /// What was consented to.
    pub scopes: Option<Scopes>,
    /// Whether it is switched off.
    pub is_disabled: Option<bool>,
    /// When that happened, and the request was made.
    pub at: Option<Timestamp>,
    /// What stands where a secret would. It opens nothing.
    pub secret: Option<String>,
}

impl Supposed {
    fn of(&self, installation: &Installation, now: Timestamp) -> Installation {
        let mut told = installation.clone();
        if let Some(context) = &self.context {
            told.context_id = context.clone();
        }
        if let Some(scopes) = &self.scopes {
            told.scopes = scopes.clone();
        }
        match self.is_disabled {
            Some(true) => told.life = Life::Disabled { since: now },
            Some(false) => told.life = Life::Enabled,
            None => {}
        }
        told
    }
}

/// Tells it; none: the extension has no address for it.
pub async fn run(
    app: &App,
    installation: &Installation,
    extension: &Extension,
    kind: WebhookKind,
    supposed: &Supposed,
    by: &Actor,
) -> Result<Option<Once>, Fault> {
    let (store, request_id, by) = (&app.store, request_id(), opening::name(by));
    let now = supposed.at.unwrap_or(store.now());
    let letter = Letter {
        kind,
        installation: &supposed.of(installation, now),
        extension,
        number: installation.version,
        happened_at: now,
        secret: match kind {
            WebhookKind::Added | WebhookKind::SecretRotated => {
                Secret::New(supposed.secret.as_deref().unwrap_or(NO_SECRET))
            }
            WebhookKind::Updated | WebhookKind::Removed => Secret::None,
        },
        request_id: &request_id,
        now,
        dry_run_by: Some(&by),
    };
    once::send(app, &letter, &WebhookId(format!("msg_dry_run_{request_id}"))).await
}

const NO_SECRET: &str = "dry-run-no-secret";
