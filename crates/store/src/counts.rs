//! Rows per table, for tests, `doctor` and metrics; and whether the store answers at all.

use crate::clock::boot_ms;
use crate::statement::{Statement, statements};
use crate::worker::mark;
use crate::{Fault, Store};

statements! {
    /// Whether the database answers, and has a schema.
    pub(crate) PROBE = server("the server's own") "SELECT COUNT(*) AS rows FROM migrations";
    pub(crate) ADMINISTRATORS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM administrators";
    pub(crate) ADMIN_ANSWERS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM admin_answers";
    pub(crate) ASSIGNMENTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM assignments";
    pub(crate) CONTEXTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM contexts";
    pub(crate) LOGOUTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM logouts";
    pub(crate) MEMBERSHIPS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM memberships";
    pub(crate) OUTBOX = server("a figure of the server") "SELECT COUNT(*) AS rows FROM outbox";
    pub(crate) ROLES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM roles";
    pub(crate) APIS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM apis";
    pub(crate) CHANGES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM changes";
    pub(crate) CLIENTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM clients";
    pub(crate) CLIENT_SECRETS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM client_secrets";
    pub(crate) CONSENTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM consents";
    pub(crate) CREDENTIALS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM credentials";
    pub(crate) EVENTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM events";
    pub(crate) EXTERNAL_TOMBSTONES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM external_tombstones";
    pub(crate) GRANTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM grants";
    pub(crate) ISSUERS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM issuers";
    pub(crate) LOGIN_NAMES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM login_names";
    pub(crate) MAC_KEYS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM mac_keys";
    pub(crate) SESSIONS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM sessions";
    pub(crate) SIGNING_KEYS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM signing_keys";
    pub(crate) TENANTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM tenants";
    pub(crate) THROTTLE_BUCKETS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM throttle_buckets";
    pub(crate) TICKETS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM tickets";
    pub(crate) EXTENSIONS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM extensions";
    pub(crate) EXTENSION_AUDIENCES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM extension_audiences";
    pub(crate) INSTALLATIONS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM installations";
    pub(crate) INSTALLATION_SECRETS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM installation_secrets";
    pub(crate) WEBHOOK_ATTEMPTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM webhook_attempts";
    pub(crate) WEBHOOK_EVENTS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM webhook_events";
    pub(crate) WEBHOOK_QUEUES = server("a figure of the server") "SELECT COUNT(*) AS rows FROM webhook_queues";
    pub(crate) WEBHOOK_KEYS_ROWS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM webhook_keys";
    pub(crate) USERS = server("a figure of the server") "SELECT COUNT(*) AS rows FROM users";
}

impl Store {
    /// Whether the database answers, and takes writes: something was committed a moment ago, or is now.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.driver().read(&PROBE, &[]).await?;
        if boot_ms() - self.driver().committed_at() < PROVEN_MS {
            return Ok(());
        }
        self.write_probe().await
    }

    /// Writes the clock's mark, which is of use by itself, to see whether anything can be written.
    pub async fn write_probe(&self) -> Result<(), Fault> {
        mark::run_once(self.driver(), self.clock()).await
    }

    /// How many rows each table has, by its name. Slow on a large database: it counts.
    pub async fn counts(&self) -> Result<Vec<(&'static str, i64)>, Fault> {
        let mut counts = Vec::with_capacity(TABLES.len());
        for (table, statement) in TABLES {
            let rows = self.driver().read(statement, &[]).await?;
            counts.push((*table, rows.into_iter().next().map_or(Ok(0), |mut row| row.int())?));
        }
        Ok(counts)
    }
}

/// A commit proves for so long that there can be others.
const PROVEN_MS: i64 = 1000;
const TABLES: &[(&str, &Statement)] = &[
    ("admin_answers", &ADMIN_ANSWERS),
    ("administrators", &ADMINISTRATORS),
    ("apis", &APIS),
    ("assignments", &ASSIGNMENTS),
    ("changes", &CHANGES),
    ("clients", &CLIENTS),
    ("client_secrets", &CLIENT_SECRETS),
    ("consents", &CONSENTS),
    ("contexts", &CONTEXTS),
    ("credentials", &CREDENTIALS),
    ("events", &EVENTS),
    ("external_tombstones", &EXTERNAL_TOMBSTONES),
    ("grants", &GRANTS),
    ("issuers", &ISSUERS),
    ("login_names", &LOGIN_NAMES),
    ("mac_keys", &MAC_KEYS),
    ("logouts", &LOGOUTS),
    ("memberships", &MEMBERSHIPS),
    ("outbox", &OUTBOX),
    ("roles", &ROLES),
    ("sessions", &SESSIONS),
    ("signing_keys", &SIGNING_KEYS),
    ("tenants", &TENANTS),
    ("throttle_buckets", &THROTTLE_BUCKETS),
    ("tickets", &TICKETS),
    ("users", &USERS),
    ("webhook_keys", &WEBHOOK_KEYS_ROWS),
    ("webhook_queues", &WEBHOOK_QUEUES),
    ("webhook_events", &WEBHOOK_EVENTS),
    ("webhook_attempts", &WEBHOOK_ATTEMPTS),
    ("installation_secrets", &INSTALLATION_SECRETS),
    ("installations", &INSTALLATIONS),
    ("extensions", &EXTENSIONS),
    ("extension_audiences", &EXTENSION_AUDIENCES),
];
