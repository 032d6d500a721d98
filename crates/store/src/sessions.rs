//! Sessions.

use doorward_core::Timestamp;
use doorward_core::facts::SessionFacts;
use doorward_core::id::{SessionId, TenantId, UserId};
use doorward_core::model::Session;

use crate::object::json;
use crate::statement::{columns_of, statements};
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store, logouts, users};

statements! {
    /// Stores a session.
    pub(crate) SESSION_INSERT = tenant
        "INSERT INTO sessions (", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// Signs the same person in again, where the secret is the one that was shown.
    pub(crate) SESSION_RENEW = tenant
        "UPDATE sessions SET
             secret_hash = $5,
             auth_time = $6,
             acr = $7,
             factors = $8,
             remembered = $9,
             used_at = $10,
             idle_ms = $11,
             expires_at = $12,
             user_agent = $13,
             address = $14
         WHERE id = $1 AND tenant = $2 AND user_id = $3 AND secret_hash = $4 AND ended_at IS NULL";
    /// Stamps a use, never backwards.
    pub(crate) SESSION_TOUCH = tenant
        "UPDATE sessions SET used_at = $3 WHERE id = $1 AND tenant = $2 AND used_at < $3 AND ended_at IS NULL";
    /// Ends a session.
    pub(crate) SESSION_END = tenant
        "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND tenant = $2 AND ended_at IS NULL";
    /// Ends a person's sessions but one.
    pub(crate) SESSIONS_END = tenant
        "UPDATE sessions SET ended_at = $4 WHERE tenant = $1 AND user_id = $2 AND id <> $3 AND ended_at IS NULL";
    /// Removes the sessions of a person who is removed.
    pub(crate) SESSIONS_DELETE_USER = tenant "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2";
    /// A session with its person and its tenant's state.
    pub(crate) SESSION = tenant
        "SELECT", columns_of!("sessions", COLUMNS), ",", users::JOINED, ", tenants.disabled_at
         FROM sessions
         JOIN tenants ON tenants.id = sessions.tenant
         LEFT JOIN users ON users.tenant = sessions.tenant AND users.id = sessions.user_id
         WHERE sessions.id = $1 AND sessions.tenant = $2";
    /// A person's sessions that have not been ended and have not reached their absolute end.
    pub(crate) SESSIONS_OF = tenant
        "SELECT", COLUMNS, "FROM sessions
         WHERE tenant = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 ORDER BY id DESC LIMIT 500";
    /// The same from the one before `$4`.
    pub(crate) SESSIONS_PAGE = tenant
        "SELECT", COLUMNS, "FROM sessions
         WHERE tenant = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND id < $4
         ORDER BY id DESC LIMIT $5";
}

/// The columns of a session's row.
const COLUMNS: &str = "
    id, tenant, user_id, secret_hash, auth_time, acr, factors, remembered, used_at, idle_ms, expires_at, ended_at, user_agent,
    address, created_at";

pub(crate) fn insert(session: &Session) -> Result<Write, Fault> {
    Ok(Write::new(
        &SESSION_INSERT,
        Expect::One,
        vec![
            session.id.0.into(),
            session.tenant.as_str().into(),
            session.user.as_str().into(),
            session.secret_hash.into(),
            session.auth_time.into(),
            session.acr.as_str().into(),
            json("session", &session.factors)?.into(),
            session.remembered.into(),
            session.used_at.into(),
            session.idle_ms.into(),
            session.expires_at.into(),
            session.ended_at.into(),
            session.user_agent.as_str().into(),
            session.address.as_str().into(),
            session.created_at.into(),
        ],
    ))
}

pub(crate) fn renew(session: &Session, from: [u8; 32]) -> Result<Write, Fault> {
    Ok(Write::new(
        &SESSION_RENEW,
        Expect::One,
        vec![
            session.id.0.into(),
            session.tenant.as_str().into(),
            session.user.as_str().into(),
            from.into(),
            session.secret_hash.into(),
            session.auth_time.into(),
            session.acr.as_str().into(),
            json("session", &session.factors)?.into(),
            session.remembered.into(),
            session.used_at.into(),
            session.idle_ms.into(),
            session.expires_at.into(),
            session.user_agent.as_str().into(),
            session.address.as_str().into(),
        ],
    ))
}

pub(crate) fn touch(tenant: &TenantId, id: SessionId, now: Timestamp) -> Write {
    Write::new(&SESSION_TOUCH, Expect::AtMostOne, vec![id.0.into(), tenant.as_str().into(), now.into()])
}

pub(crate) fn end(tenant: &TenantId, id: SessionId, now: Timestamp) -> [Write; 2] {
    let params = vec![id.0.into(), tenant.as_str().into(), now.into()];
    [logouts::of_session(tenant, id, now), Write::new(&SESSION_END, Expect::AtMostOne, params)]
}

pub(crate) fn end_all(
    tenant: &TenantId,
    user: &UserId,
    except: Option<SessionId>,
    now: Timestamp,
) -> [Write; 2] {
    let except = except.map_or(NO_SESSION, |id| id.0);
    let params = vec![tenant.as_str().into(), user.as_str().into(), except.into(), now.into()];
    [logouts::of_others(tenant, user, except, now), Write::new(&SESSIONS_END, Expect::Any, params)]
}

/// Before a person's sessions are removed with them. Due at once, whatever time it is.
pub(crate) fn told_of_removal(tenant: &TenantId, user: &UserId) -> Write {
    logouts::of_others(tenant, user, NO_SESSION, Timestamp(0))
}

/// The session of the next columns.
fn session(row: &mut Row) -> Result<Session, Fault> {
    Ok(Session {
        id: SessionId(row.int()?),
        tenant: row.text()?.into(),
        user: row.text()?.into(),
        secret_hash: row.bytes()?,
        auth_time: row.time()?,
        acr: row.text()?,
        factors: row.json()?,
        remembered: row.flag()?,
        used_at: row.time()?,
        idle_ms: row.int()?,
        expires_at: row.time()?,
        ended_at: row.opt_time()?,
        user_agent: row.text()?,
        address: row.text()?,
        created_at: row.time()?,
    })
}

pub(crate) fn facts(row: &mut Row) -> Result<SessionFacts, Fault> {
    Ok(SessionFacts {
        session: session(row)?,
        user: users::joined(row)?,
        tenant_disabled_at: row.opt_time()?,
    })
}

impl Store {
    /// A person's sessions that are open now, newest first: at most 500.
    pub async fn sessions_of(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, Fault> {
        let now = self.now();
        let params = [tenant.as_str().into(), user.as_str().into(), now.into()];
        let mut sessions = self.list(&SESSIONS_OF, &params, session).await?;
        sessions.retain(|session| session.is_open(now));
        Ok(sessions)
    }

    /// At most `limit` sessions of a person that were not ended, newest first, from the one before `before`.
    pub async fn sessions_page(
        &self,
        tenant: &TenantId,
        user: &UserId,
        before: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<Session>, Fault> {
        let before = before.map_or(i64::MAX, |id| id.0);
        let params =
            [tenant.as_str().into(), user.as_str().into(), self.now().into(), before.into(), limit.into()];
        self.list(&SESSIONS_PAGE, &params, session).await
    }

    /// A session by its id, in whatever state.
    pub async fn session_by_id(&self, tenant: &TenantId, id: SessionId) -> Result<Option<Session>, Fault> {
        self.one(&SESSION, &[id.0.into(), tenant.as_str().into()], session).await
    }
}

/// Ids are never negative.
const NO_SESSION: i64 = -1;
