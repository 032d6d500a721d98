//! Who has to be told that a session ended (OpenID Connect Back-Channel Logout 1.0). What ends a session queues it in the same commit, from the
//! grants of that session: no path can forget it. A row is taken by putting its next turn off, so that two nodes do not tell one twice;
//! who dies meanwhile leaves it to its next turn.

use doorward_core::Timestamp;
use doorward_core::id::{ClientId, IssuerId, SessionId, TenantId, UserId};
use doorward_core::model::Event;

use crate::statement::{repeated, statements};
use crate::value::{Row, Value};
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store, events};

statements! {
    /// A session ends that has not ended before.
    pub(crate) LOGOUTS_OF_SESSION = tenant
        "INSERT INTO logouts (tenant, session_id, client_id, issuer_id, user_id, attempts, due_at)
         SELECT DISTINCT grants.tenant, grants.session_id, grants.client_id, grants.issuer_id, grants.user_id, 0, CAST($3 AS BIGINT)
         FROM sessions", CLIENTS_THERE, "
         WHERE sessions.tenant = $1 AND sessions.id = $2 AND sessions.ended_at IS NULL", ONCE;
    /// A person's sessions end, but one.
    pub(crate) LOGOUTS_OF_OTHERS = tenant
        "INSERT INTO logouts (tenant, session_id, client_id, issuer_id, user_id, attempts, due_at)
         SELECT DISTINCT grants.tenant, grants.session_id, grants.client_id, grants.issuer_id, grants.user_id, 0, CAST($4 AS BIGINT)
         FROM sessions", CLIENTS_THERE, "
         WHERE sessions.tenant = $1 AND sessions.user_id = $2 AND sessions.id <> $3 AND sessions.ended_at IS NULL", ONCE;
    /// Nothing from before `$3` counts for a person: sessions end that counted until now.
    pub(crate) LOGOUTS_BEFORE = tenant
        "INSERT INTO logouts (tenant, session_id, client_id, issuer_id, user_id, attempts, due_at)
         SELECT DISTINCT grants.tenant, grants.session_id, grants.client_id, grants.issuer_id, grants.user_id, 0, CAST($4 AS BIGINT)
         FROM sessions", CLIENTS_THERE, "
         WHERE sessions.tenant = $1 AND sessions.user_id = $2 AND sessions.ended_at IS NULL AND sessions.auth_time < $3", ONCE;
    /// Whose turn it is, the longest due first, but of these clients.
    pub(crate) LOGOUTS_DUE = server("one worker tells for every tenant")
        "SELECT", COLUMNS, "FROM logouts
         WHERE due_at <= $1 AND client_id NOT IN (", repeated!("$", BUSY, from 3), ")
         ORDER BY due_at, session_id, client_id LIMIT $2";
    /// Takes one: nobody else has since it was read.
    pub(crate) LOGOUT_TAKE = tenant
        "UPDATE logouts SET attempts = attempts + 1, due_at = $6
         WHERE tenant = $1 AND session_id = $2 AND client_id = $3 AND issuer_id = $4 AND attempts = $5";
    /// When it is tried again.
    pub(crate) LOGOUT_LATER = tenant
        "UPDATE logouts SET due_at = $6
         WHERE tenant = $1 AND session_id = $2 AND client_id = $3 AND issuer_id = $4 AND attempts = $5";
    /// Forgets one.
    pub(crate) LOGOUT_DELETE = tenant
        "DELETE FROM logouts WHERE tenant = $1 AND session_id = $2 AND client_id = $3 AND issuer_id = $4";
}

/// The clients that got tokens in a session which counted until now, and want to hear of its end.
const CLIENTS_THERE: &str = "
         JOIN users ON users.tenant = sessions.tenant AND users.id = sessions.user_id
             AND (users.valid_from IS NULL OR sessions.auth_time >= users.valid_from)
         JOIN grants ON grants.tenant = sessions.tenant AND grants.user_id = sessions.user_id AND grants.session_id = sessions.id
             AND grants.redeemed_at IS NOT NULL
         JOIN clients ON clients.tenant = grants.tenant AND clients.id = grants.client_id AND clients.hears_logout = 1";
/// A session ends once.
const ONCE: &str = "ON CONFLICT (tenant, session_id, client_id, issuer_id) DO NOTHING";
/// The columns that [`due`] reads.
const COLUMNS: &str = "tenant, session_id, client_id, issuer_id, user_id, attempts";
/// Clients that one look passes over.
pub const BUSY: usize = 32;

/// A client that has to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Which session ended.
    pub session: SessionId,
    /// Who is told.
    pub client: ClientId,
    /// At which issuer it got its tokens.
    pub issuer: IssuerId,
    /// Whose session it was.
    pub user: UserId,
    /// How often it was tried.
    pub attempts: i64,
}

impl Due {
    fn key(&self) -> Vec<Value> {
        vec![
            self.tenant.as_str().into(),
            self.session.0.into(),
            self.client.as_str().into(),
            self.issuer.as_str().into(),
        ]
    }
}

/// Before the session is ended.
pub(crate) fn of_session(tenant: &TenantId, session: SessionId, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), session.0.into(), now.into()];
    Write::new(&LOGOUTS_OF_SESSION, Expect::Any, params)
}

/// Before a person's sessions are ended, but the one of that id.
pub(crate) fn of_others(tenant: &TenantId, user: &UserId, except: i64, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), user.as_str().into(), except.into(), now.into()];
    Write::new(&LOGOUTS_OF_OTHERS, Expect::Any, params)
}

/// Before a person's `valid_from` is moved.
pub(crate) fn before(tenant: &TenantId, user: &UserId, valid_from: Timestamp, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), user.as_str().into(), valid_from.into(), now.into()];
    Write::new(&LOGOUTS_BEFORE, Expect::Any, params)
}

fn due(row: &mut Row) -> Result<Due, Fault> {
    Ok(Due {
        tenant: row.text()?.into(),
        session: SessionId(row.int()?),
        client: row.text()?.into(),
        issuer: row.text()?.into(),
        user: row.text()?.into(),
        attempts: row.int()?,
    })
}

impl Store {
    /// At most `limit` clients whose turn it is, the longest due first, but those of `busy`.
    pub async fn logouts_due(&self, busy: &[&ClientId], limit: i64) -> Result<Vec<Due>, Fault> {
        let mut params: Vec<Value> = vec![self.now().into(), limit.into()];
        params.extend((0..BUSY).map(|at| busy.get(at).map_or("", |client| client.as_str()).into()));
        self.list(&LOGOUTS_DUE, &params, due).await
    }

    /// Takes one until `due_at`: false when another node has it.
    pub async fn take_logout(&self, of: &Due, due_at: Timestamp) -> Result<bool, Fault> {
        self.logout_commit(&LOGOUT_TAKE, with(of, of.attempts, due_at), None).await
    }

    /// One that was taken, and is tried again then.
    pub async fn put_off_logout(&self, of: &Due, due_at: Timestamp) -> Result<(), Fault> {
        self.logout_commit(&LOGOUT_LATER, with(of, of.attempts + 1, due_at), None).await.map(drop)
    }

    /// Forgets one that was told, or is given up, with the event that says so.
    pub async fn forget_logout(&self, of: &Due, event: Option<&Event>) -> Result<(), Fault> {
        self.logout_commit(&LOGOUT_DELETE, of.key(), event).await.map(drop)
    }

    async fn logout_commit(
        &self,
        statement: &'static crate::statement::Statement,
        params: Vec<Value>,
        event: Option<&Event>,
    ) -> Result<bool, Fault> {
        let mut writes = vec![Write::new(statement, Expect::One, params)];
        writes.extend(event.map(events::insert).transpose()?);
        let commit = Commit { event: event.map(|event| event.id), ending: false, writes };
        match self.driver().commit(commit).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }
}

fn with(of: &Due, attempts: i64, due_at: Timestamp) -> Vec<Value> {
    let mut params = of.key();
    params.extend([attempts.into(), due_at.into()]);
    params
}
