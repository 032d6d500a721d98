//! What became of all that the extensions of one maker are told, over all their installations: what was sent, or waits to be.

use doorward_core::Timestamp;
use doorward_core::id::{ContextKey, ExtensionId, InstallationId, TenantId, WebhookId};
use doorward_core::model::WebhookKind;

use crate::statement::{joined, statements};
use crate::value::{Row, Value};
use crate::{Fault, Store};

statements! {
    /// At most `$15` of what was sought from the one at `$16`, by two sums that say what comes first, then the newest.
    pub(crate) EXECUTIONS = tenant
        "WITH", FOUND, "
         SELECT id, installation_id, extension_id, kind, standing, attempts, next_at FROM found
         WHERE standing IN ($6, $7, $8, $9, $10)
         ORDER BY attempts * $11 + COALESCE(next_at, 0) * $12, attempts * $13 + COALESCE(next_at, 0) * $14,
             created_at DESC, installation_id, number DESC
         LIMIT $15 OFFSET $16";
    /// How many were sought.
    pub(crate) EXECUTIONS_COUNT = tenant
        "WITH", FOUND, "SELECT COUNT(*) AS total FROM found WHERE standing IN ($6, $7, $8, $9, $10)";
}

/// `$1` the tenant, `$2` who makes the extensions (0: the tenant itself), `$3` one of them, `$4` one installation ('': all), `$5` now. What
/// was settled and never sent is none of them. Only the first of a line has its turn.
const FOUND: &str = joined!(
    "made AS (
         SELECT installations.id, installations.extension_id FROM extensions
         JOIN installations
             ON installations.tenant = extensions.tenant AND installations.extension_key = extensions.key
         WHERE extensions.tenant = $1 AND COALESCE(extensions.contributor_key, 0) = $2
             AND ($3 = '' OR extensions.id = $3) AND ($4 = '' OR installations.id = $4)
     ),
     tried AS (
         SELECT installation_id, number, COUNT(*) AS attempts FROM webhook_attempts
         WHERE tenant = $1 AND installation_id IN (SELECT made.id FROM made)
         GROUP BY installation_id, number
     ),
     told AS (
         SELECT webhook_events.id, webhook_events.installation_id, made.extension_id, webhook_events.kind, webhook_events.number,
             webhook_events.created_at, webhook_events.settled_at, webhook_events.outcome,
             COALESCE(tried.attempts, 0) AS attempts,
             webhook_queues.paused_at, webhook_queues.lease, webhook_queues.due_at,
             NOT EXISTS (
                 SELECT 1 FROM webhook_events AS earlier
                 WHERE earlier.installation_id = webhook_events.installation_id AND earlier.number > webhook_queues.done
                     AND earlier.number < webhook_events.number AND earlier.settled_at IS NULL
             ) AS is_first
         FROM made
         JOIN webhook_events ON webhook_events.tenant = $1 AND webhook_events.installation_id = made.id
         LEFT JOIN webhook_queues ON webhook_queues.installation_id = made.id
         LEFT JOIN tried
             ON tried.installation_id = webhook_events.installation_id AND tried.number = webhook_events.number
         WHERE webhook_events.settled_at IS NULL OR tried.attempts IS NOT NULL
     ),
     found AS (
         SELECT id, installation_id, extension_id, kind, number, created_at, attempts,
             CASE WHEN outcome = 'delivered' THEN 'delivered'
                  WHEN settled_at IS NOT NULL THEN 'failed'
                  WHEN paused_at IS NOT NULL THEN 'paused'
                  WHEN is_first AND lease IS NOT NULL AND due_at > $5 THEN 'running'
                  ELSE 'waiting' END AS standing,
             CASE WHEN settled_at IS NULL AND paused_at IS NULL AND is_first AND (lease IS NULL OR due_at <= $5) THEN due_at END AS next_at
         FROM told
     )"
);

/// How it stands with something that an extension is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Answered with success.
    Delivered,
    /// It was sent, in vain, and is not any more.
    Failed,
    /// It waits for somebody to resume its line.
    Paused,
    /// It is on its way.
    Running,
    /// It waits for its turn.
    Waiting,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Delivered, Self::Failed, Self::Paused, Self::Running, Self::Waiting];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Running => "running",
            Self::Waiting => "waiting",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }
}

/// By what executions are ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// How often it was sent.
    Attempts,
    /// When it is sent next; what has no such time is before all that has.
    Next,
}

/// Which executions, and which part of their list.
#[derive(Clone, Debug)]
pub struct Sought {
    /// Who makes the extensions.
    pub contributor: ContextKey,
    /// One extension, or all.
    pub extension: Option<ExtensionId>,
    /// One installation, or all.
    pub installation: Option<InstallationId>,
    /// How they stand; none: any.
    pub standings: Vec<Standing>,
    /// What comes first, and whether it falls; two at most.
    pub order: Vec<(By, bool)>,
    /// How many at most.
    pub limit: i64,
    /// How many before them are left out.
    pub skip: i64,
}

/// Something that an extension is told, and how that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Execution {
    /// The event's id.
    pub id: WebhookId,
    /// Of which installation.
    pub installation: InstallationId,
    /// Of which extension.
    pub extension: ExtensionId,
    /// What happened.
    pub kind: WebhookKind,
    /// How it stands.
    pub standing: Standing,
    /// How often it was sent, as far as that is kept.
    pub attempts: i64,
    /// When it is sent next.
    pub next_at: Option<Timestamp>,
}

impl Sought {
    fn params(&self, tenant: &TenantId, now: Timestamp) -> Vec<Value> {
        let ContextKey(contributor) = self.contributor;
        let wanted = if self.standings.is_empty() { &Standing::ALL[..] } else { &self.standings };
        let mut params: Vec<Value> = vec![
            tenant.as_str().into(),
            contributor.into(),
            self.extension.as_ref().map_or("", ExtensionId::as_str).into(),
            self.installation.as_ref().map_or("", InstallationId::as_str).into(),
            now.into(),
        ];
        let wanted = |standing: Standing| wanted.contains(&standing).then_some(standing.as_str());
        params.extend(Standing::ALL.map(|standing| wanted(standing).unwrap_or_default().into()));
        params
    }

    /// The factors of the sums that say what comes first.
    fn factors(&self) -> impl Iterator<Item = Value> {
        (0..ORDERS).flat_map(|at| {
            let factors = match self.order.get(at) {
                None => [0, 0],
                Some((by, falls)) => {
                    let factor: i64 = if *falls { -1 } else { 1 };
                    match by {
                        By::Attempts => [factor, 0],
                        By::Next => [0, factor],
                    }
                }
            };
            factors.map(Value::from)
        })
    }
}

impl Store {
    /// What was sought, and how many there are with those before and after it.
    pub async fn webhook_executions(
        &self,
        tenant: &TenantId,
        sought: &Sought,
    ) -> Result<(Vec<Execution>, i64), Fault> {
        let mut params = sought.params(tenant, self.now());
        let total = self.one(&EXECUTIONS_COUNT, &params, Row::int).await?.unwrap_or_default();
        params.extend(sought.factors());
        params.extend([sought.limit.into(), sought.skip.into()]);
        Ok((self.list(&EXECUTIONS, &params, execution).await?, total))
    }
}

fn execution(row: &mut Row) -> Result<Execution, Fault> {
    Ok(Execution {
        id: row.text()?.into(),
        installation: row.text()?.into(),
        extension: row.text()?.into(),
        kind: row.word(WebhookKind::parse)?,
        standing: row.word(Standing::parse)?,
        attempts: row.int()?,
        next_at: row.opt_time()?,
    })
}

/// How many fields a list is ordered by.
const ORDERS: usize = 2;
