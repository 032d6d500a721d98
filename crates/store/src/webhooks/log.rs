//! How attempts went, and what there is to be told: for administrators, and for extensions that come for it.

use std::collections::BTreeMap;

use doorward_core::Timestamp;
use doorward_core::id::{ClientId, EventId, ExtensionKey, InstallationId, TenantId, WebhookId};
use doorward_core::model::{Installation, WebhookEvent};

use super::{COLUMNS, Outcome, event};
use crate::statement::{columns_of, repeated, statements};
use crate::value::{Row, Value};
use crate::worker::poller::first_id;
use crate::write::{Expect, Write};
use crate::{Fault, Store, installations};

statements! {
    /// Notes an attempt.
    pub(crate) ATTEMPT_INSERT = tenant
        "INSERT INTO webhook_attempts (tenant, installation_id,", ATTEMPT, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Attempts of an installation before an id, the latest first.
    pub(crate) ATTEMPTS = tenant
        "SELECT", ATTEMPT, "FROM webhook_attempts
         WHERE tenant = $1 AND installation_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// Events of an installation before a number, the latest first.
    pub(crate) WEBHOOKS = tenant
        "SELECT", COLUMNS, ", settled_at, outcome FROM webhook_events
         WHERE tenant = $1 AND installation_id = $2 AND number < $3 ORDER BY number DESC LIMIT $4";
    /// An event of an installation.
    pub(crate) WEBHOOK = tenant
        "SELECT", COLUMNS, ", settled_at, outcome FROM webhook_events
         WHERE tenant = $1 AND installation_id = $2 AND number = $3";
    /// What happened to installations of a client after a number.
    pub(crate) NEWS = tenant
        "SELECT seq, id, installation_id FROM events
         WHERE tenant = $1 AND client_id = $2 AND seq > $3
             AND kind IN ('installation.added', 'installation.updated', 'installation.secret_rotated', 'installation.removed')
         ORDER BY seq LIMIT $4";
    /// Those of events that an extension is told.
    pub(crate) NEWS_TOLD = tenant
        "SELECT webhook_events.installation_id,", columns_of!("webhook_events", COLUMNS), "FROM webhook_events
         JOIN installations ON installations.tenant = webhook_events.tenant
             AND installations.id = webhook_events.installation_id AND installations.extension_key = $2
         WHERE webhook_events.tenant = $1
             AND webhook_events.installation_id IN (", repeated!("$", PAGE, from 3), ")
             AND webhook_events.id IN (", repeated!("$", PAGE, from 103), ")";
    /// An extension's installations, removed or not, in order of id, from the one after `$3`.
    pub(crate) INSTALLATIONS_ALL_OF = tenant
        "SELECT", installations::COLUMNS, "FROM installations
         WHERE tenant = $1 AND extension_key = $2 AND id > $3 ORDER BY id LIMIT $4";
    /// Forgets attempts.
    pub(crate) REAP_ATTEMPTS = server("the reaper serves every tenant")
        "DELETE FROM webhook_attempts WHERE id IN (SELECT id FROM webhook_attempts WHERE id < $1 ORDER BY id LIMIT 500)";
    /// Forgets what was told long ago.
    pub(crate) REAP_WEBHOOKS = server("the reaper serves every tenant")
        "DELETE FROM webhook_events WHERE (installation_id, number) IN (
             SELECT installation_id, number FROM webhook_events
             WHERE created_at < $1 AND settled_at IS NOT NULL ORDER BY created_at LIMIT 500
         )";
}

/// The columns of an attempt behind its installation.
const ATTEMPT: &str = "id, number, request_id, happened_at, duration_ms, status, error, answer";
/// Events that are read at once for an extension.
pub const PAGE: usize = 100;

/// How one attempt went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Its id: later ones have higher ones.
    pub id: i64,
    /// Whose tenant.
    pub tenant: TenantId,
    /// Of which installation.
    pub installation: InstallationId,
    /// Which event of it.
    pub number: i64,
    /// The id of the request in its body.
    pub request_id: String,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// The status of the answer.
    pub status: Option<i64>,
    /// What kept it from being answered.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub answer: Option<Vec<u8>>,
}

/// An event that an extension is told, and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// The event.
    pub event: WebhookEvent,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// How.
    pub outcome: Option<Outcome>,
}

pub(super) fn insert(attempt: &Attempt) -> Write {
    Write::new(
        &ATTEMPT_INSERT,
        Expect::One,
        vec![
            attempt.tenant.as_str().into(),
            attempt.installation.as_str().into(),
            attempt.id.into(),
            attempt.number.into(),
            attempt.request_id.as_str().into(),
            attempt.at.into(),
            attempt.duration_ms.into(),
            attempt.status.into(),
            attempt.error.clone().into(),
            attempt.answer.clone().into(),
        ],
    )
}

fn told(tenant: &TenantId, installation: &InstallationId, row: &mut Row) -> Result<Told, Fault> {
    let number = row.int()?;
    let event = event(tenant, installation, number, row)?;
    let settled_at = row.opt_time()?;
    let outcome = row.opt_text()?;
    let outcome = outcome.map(|word| Outcome::parse(&word).ok_or_else(|| row.fault("an unknown outcome")));
    Ok(Told { event, settled_at, outcome: outcome.transpose()? })
}

/// The first id that an attempt of that time can have.
pub(crate) fn forgotten_before(now: Timestamp) -> i64 {
    first_id(now.plus_ms(-KEPT_MS))
}

impl Store {
    /// At most `limit` events of an installation before a number, the latest first.
    pub async fn webhooks(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Told>, Fault> {
        let params = page(tenant, installation, before, limit);
        self.list(&WEBHOOKS, &params, |row| told(tenant, installation, row)).await
    }

    /// An event of an installation.
    pub async fn webhook(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
        number: i64,
    ) -> Result<Option<Told>, Fault> {
        let params = [tenant.as_str().into(), installation.as_str().into(), number.into()];
        self.one(&WEBHOOK, &params, |row| told(tenant, installation, row)).await
    }

    /// At most `limit` attempts of an installation before an id, the latest first.
    pub async fn webhook_attempts(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Attempt>, Fault> {
        let read = |row: &mut Row| {
            Ok(Attempt {
                tenant: tenant.clone(),
                installation: installation.clone(),
                id: row.int()?,
                number: row.int()?,
                request_id: row.text()?,
                at: row.time()?,
                duration_ms: row.int()?,
                status: row.opt_int()?,
                error: row.opt_text()?,
                answer: row.opt_blob()?,
            })
        };
        self.list(&ATTEMPTS, &page(tenant, installation, before, limit), read).await
    }

    /// What an extension is told, after a number in the order of commits; at most `limit` (up to [`PAGE`]). With the number after which
    /// to go on, where there may be more.
    pub async fn webhook_news(
        &self,
        tenant: &TenantId,
        (client, extension): (&ClientId, ExtensionKey),
        after: i64,
        limit: usize,
    ) -> Result<(Vec<(i64, WebhookEvent)>, i64), Fault> {
        let limit = i64::try_from(limit.min(PAGE)).unwrap_or(i64::MAX);
        let params = [tenant.as_str().into(), client.as_str().into(), after.into(), limit.into()];
        let read = |row: &mut Row| Ok((row.int()?, row.bytes::<16>()?, row.opt_text()?));
        let found = self.list(&NEWS, &params, read).await?;
        let Some((last, ..)) = found.last() else { return Ok((Vec::new(), after)) };
        let named: Vec<(i64, String, String)> = found
            .iter()
            .map(|(seq, id, installation)| {
                let id = WebhookId::of(EventId(*id)).0;
                (*seq, id, installation.clone().unwrap_or_default())
            })
            .collect();
        let mut params: Vec<Value> = vec![tenant.as_str().into(), extension.0.into()];
        params.extend((0..PAGE).map(|at| named.get(at).map_or("", |(_, _, of)| of.as_str()).into()));
        params.extend((0..PAGE).map(|at| named.get(at).map_or("", |(_, id, _)| id.as_str()).into()));
        let read = |row: &mut Row| {
            let installation = row.text()?.into();
            let number = row.int()?;
            event(tenant, &installation, number, row)
        };
        let told = self.list(&NEWS_TOLD, &params, read).await?;
        let mut by_id: BTreeMap<String, WebhookEvent> =
            told.into_iter().map(|event| (event.id.0.clone(), event)).collect();
        let news = named.iter().filter_map(|(seq, id, _)| Some((*seq, by_id.remove(id)?))).collect();
        Ok((news, *last))
    }

    /// At most `limit` installations of an extension, removed or not, in order of id, from the one after `after`.
    pub async fn installations_ever_of(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Installation>, Fault> {
        let params = [tenant.as_str().into(), extension.0.into(), after.into(), limit.into()];
        self.list(&INSTALLATIONS_ALL_OF, &params, installations::installation).await
    }
}

fn page(tenant: &TenantId, installation: &InstallationId, before: Option<i64>, limit: i64) -> [Value; 4] {
    [tenant.as_str().into(), installation.as_str().into(), before.unwrap_or(i64::MAX).into(), limit.into()]
}

/// How long attempts, and what was settled, are kept: thirty days.
pub const KEPT_MS: i64 = 30 * 86_400_000;
