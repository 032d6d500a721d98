//! What extensions are told of their installations: queued in the commit of what it tells of, in the order of its numbers.
//! `queue` says what waits, `turn` whose turn it is, `held` who tells something at once, `log` how it went, `executions` how all of a maker's stand, `keys` what is signed by.

pub(crate) mod executions;
pub(crate) mod held;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod queue;
pub(crate) mod turn;

pub use executions::{By, Execution, Sought, Standing};
pub use held::Line;
pub use log::{Attempt, KEPT_MS, PAGE, Told};
pub use queue::{Paused, Waiting};
pub use turn::{BUSY, CLAIMS, Claimed, Due, LEASE_MS, Next, Outcome};

use doorward_core::Timestamp;
use doorward_core::id::{InstallationId, SecretId, TenantId};
use doorward_core::model::{WebhookEvent, WebhookKind};

use crate::Fault;
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};

statements! {
    /// Queues an event. Conflict: the installation has one of that number.
    pub(crate) WEBHOOK_INSERT = tenant
        "INSERT INTO webhook_events (tenant, installation_id,", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// What was not delivered is not delivered any more.
    pub(crate) WEBHOOKS_ABORT = tenant
        "UPDATE webhook_events SET settled_at = $4, outcome = 'aborted'
         WHERE tenant = $1 AND installation_id = $2 AND number < $3 AND settled_at IS NULL";
    /// An event is settled, where it is not.
    pub(crate) WEBHOOK_SETTLE = tenant
        "UPDATE webhook_events SET settled_at = $4, outcome = $5
         WHERE tenant = $1 AND installation_id = $2 AND number = $3 AND settled_at IS NULL";
    /// All of an installation are settled that are not.
    pub(crate) WEBHOOKS_SETTLE = tenant
        "UPDATE webhook_events SET settled_at = $3, outcome = $4
         WHERE tenant = $1 AND installation_id = $2 AND settled_at IS NULL";
    /// An event that was settled waits again.
    pub(crate) WEBHOOK_REOPEN = tenant
        "UPDATE webhook_events SET settled_at = NULL, outcome = NULL
         WHERE tenant = $1 AND installation_id = $2 AND number = $3 AND settled_at IS NOT NULL";
}

/// The columns of an event behind its installation.
pub(crate) const COLUMNS: &str = "number, id, kind, secret_id, state, created_at";

/// Queues an event, and puts its installation in the line where it is not there yet.
pub(crate) fn insert(event: &WebhookEvent) -> [Write; 2] {
    let write = Write::new(
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
    );
    [write, queue::put(event)]
}

pub(crate) fn abort(
    tenant: &TenantId,
    installation: &InstallationId,
    before: i64,
    now: Timestamp,
) -> [Write; 2] {
    let params = vec![tenant.as_str().into(), installation.as_str().into(), before.into(), now.into()];
    [Write::new(&WEBHOOKS_ABORT, Expect::Any, params), queue::abort(tenant, installation, before, now)]
}

pub(crate) fn settle(
    (tenant, installation, number): (&TenantId, &InstallationId, i64),
    outcome: Outcome,
    now: Timestamp,
    expect: Expect,
) -> Write {
    let params = vec![
        tenant.as_str().into(),
        installation.as_str().into(),
        number.into(),
        now.into(),
        outcome.as_str().into(),
    ];
    Write::new(&WEBHOOK_SETTLE, expect, params)
}

/// An event is not waited for any longer. Conflict: it does not wait.
pub(crate) fn skip(
    tenant: &TenantId,
    installation: &InstallationId,
    number: i64,
    now: Timestamp,
) -> [Write; 2] {
    [
        settle((tenant, installation, number), Outcome::Skipped, now, Expect::One),
        queue::kick(tenant, installation, now),
    ]
}

/// An event is sent again. Conflict: it waits.
pub(crate) fn resend(
    tenant: &TenantId,
    installation: &InstallationId,
    number: i64,
    now: Timestamp,
) -> [Write; 2] {
    let params = vec![tenant.as_str().into(), installation.as_str().into(), number.into()];
    [Write::new(&WEBHOOK_REOPEN, Expect::One, params), queue::put_back(tenant, installation, number, now)]
}

/// The event of the five columns behind its number.
pub(crate) fn event(
    tenant: &TenantId,
    installation: &InstallationId,
    number: i64,
    row: &mut Row,
) -> Result<WebhookEvent, Fault> {
    Ok(WebhookEvent {
        tenant: tenant.clone(),
        installation: installation.clone(),
        number,
        id: row.text()?.into(),
        kind: row.word(WebhookKind::parse)?,
        secret: row.opt_text()?.map(Into::into),
        state: row.text()?,
        created_at: row.time()?,
    })
}
