//! What extensions are told of their installations: queued in the commit of what it tells of, in the order of its numbers.

use doorward_core::Timestamp;
use doorward_core::id::{InstallationId, SecretId, TenantId};
use doorward_core::model::WebhookEvent;

use crate::statement::statements;
use crate::write::{Expect, Write};

statements! {
    /// Queues an event. Conflict: the installation has one of that number.
    pub(crate) WEBHOOK_INSERT = tenant
        "INSERT INTO webhook_events (tenant, installation_id, number, id, kind, secret_id, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// What was not delivered is not delivered any more.
    pub(crate) WEBHOOKS_ABORT = tenant
        "UPDATE webhook_events SET settled_at = $4, outcome = 'aborted'
         WHERE tenant = $1 AND installation_id = $2 AND number < $3 AND settled_at IS NULL";
}

pub(crate) fn insert(event: &WebhookEvent) -> Write {
    Write::new(
        &WEBHOOK_INSERT,
        Expect::One,
        vec![
            event.tenant.as_str().into(),
            event.installation.as_str().into(),
            event.number.into(),
            event.id.as_str().into(),
            event.kind.as_str().into(),
            event.secret.as_ref().map(SecretId::as_str).into(),
            event.state.as_str().into(),
            event.created_at.into(),
        ],
    )
}

pub(crate) fn abort(tenant: &TenantId, installation: &InstallationId, before: i64, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), installation.as_str().into(), before.into(), now.into()];
    Write::new(&WEBHOOKS_ABORT, Expect::Any, params)
}
