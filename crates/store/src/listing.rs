//! Lists for administrators, by key: each page costs what it shows, whichever it is.

use doorward_core::Timestamp;
use doorward_core::facts::GrantFacts;
use doorward_core::id::{ClientId, GrantId, SessionId, TenantId, UserId};
use doorward_core::model::{Role, Ticket, TicketKey};
use doorward_wire::scope::Scopes;

use crate::statement::{Statement, statements};
use crate::value::{Row, Value};
use crate::{Fault, Store, grants, roles, tickets};

statements! {
    /// Roles in order of id, from the one after `$2`.
    pub(crate) ROLES_FROM = tenant
        "SELECT key, data, version, created_at FROM roles WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Grants of a person, the latest first, before the one named.
    pub(crate) HOLDINGS_OF_USER = tenant
        "SELECT
             id, issuer_id, session_id, user_id, client_id, scopes, offline, used_at, idle_ms, expires_at, redeemed_at, ended_at,
             ended_reason, created_at
         FROM grants
         WHERE tenant = $1 AND user_id = $2 AND id < $3
         ORDER BY id DESC
         LIMIT $4";
    /// Grants of a client, the latest first, before the one named.
    pub(crate) HOLDINGS_OF_CLIENT = tenant
        "SELECT
             id, issuer_id, session_id, user_id, client_id, scopes, offline, used_at, idle_ms, expires_at, redeemed_at, ended_at,
             ended_reason, created_at
         FROM grants
         WHERE tenant = $1 AND client_id = $2 AND id < $3
         ORDER BY id DESC
         LIMIT $4";
}

/// A grant as lists show it.
#[derive(Clone, PartialEq, Debug)]
pub struct Holding {
    /// The grant.
    pub id: GrantId,
    /// By which issuer.
    pub issuer: String,
    /// From which session.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// What holds it.
    pub client: ClientId,
    /// What may be asked for.
    pub scopes: Scopes,
    /// Whether it outlives its session.
    pub offline: bool,
    /// Last use.
    pub used_at: Timestamp,
    /// Unused for so many milliseconds, it is over.
    pub idle_ms: i64,
    /// When it is over, used or not.
    pub expires_at: Timestamp,
    /// When it was first redeemed.
    pub redeemed_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub ended_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Holding {
    /// Whether its own times and state let it be used at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.used_at.plus_ms(self.idle_ms)
    }
}

impl Store {
    /// At most `limit` roles of a tenant, in order of id, from the one after `after`.
    pub async fn roles_from(&self, tenant: &TenantId, after: &str, limit: i64) -> Result<Vec<Role>, Fault> {
        let params = [tenant.as_str().into(), after.into(), limit.into()];
        self.driver().read(&ROLES_FROM, &params).await?.iter_mut().map(roles::role).collect()
    }

    /// A grant, and the state of all that it hangs on.
    pub async fn grant(&self, tenant: &TenantId, id: GrantId) -> Result<Option<GrantFacts>, Fault> {
        let rows = self.driver().read(&grants::GRANT, &[id.0.into(), tenant.as_str().into()]).await?;
        let row = rows.into_iter().next();
        row.map(|mut row| grants::facts(tenant, &mut row)).transpose().map(Option::flatten)
    }

    /// A ticket, dead or alive.
    pub async fn ticket(&self, tenant: &TenantId, key: TicketKey) -> Result<Option<Ticket>, Fault> {
        let rows =
            self.driver().read(&tickets::TICKET, &[key.to_bytes().into(), tenant.as_str().into()]).await?;
        let row = rows.into_iter().next();
        Ok(row.map(|mut row| tickets::facts(&mut row)).transpose()?.map(|found| found.ticket))
    }

    /// At most `limit` grants of a person, dead ones too as long as they are kept, the latest first, before `before`.
    pub async fn holdings_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Holding>, Fault> {
        self.holdings(&HOLDINGS_OF_USER, tenant, user.as_str(), before, limit).await
    }

    /// The same of a client.
    pub async fn holdings_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Holding>, Fault> {
        self.holdings(&HOLDINGS_OF_CLIENT, tenant, client.as_str(), before, limit).await
    }

    async fn holdings(
        &self,
        statement: &'static Statement,
        tenant: &TenantId,
        of: &str,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Holding>, Fault> {
        let before = before.map_or(i64::MAX, |grant| grant.0);
        let params: [Value; 4] = [tenant.as_str().into(), of.into(), before.into(), limit.into()];
        self.driver().read(statement, &params).await?.iter_mut().map(holding).collect()
    }
}

fn holding(row: &mut Row) -> Result<Holding, Fault> {
    Ok(Holding {
        id: GrantId(row.int()?),
        issuer: row.text()?,
        session: SessionId(row.int()?),
        user: row.text()?.into(),
        client: row.text()?.into(),
        scopes: row.word(|text| Scopes::parse(text).ok())?,
        offline: row.flag()?,
        used_at: row.time()?,
        idle_ms: row.int()?,
        expires_at: row.time()?,
        redeemed_at: row.opt_time()?,
        ended_at: row.opt_time()?,
        ended_reason: row.opt_text()?,
        created_at: row.time()?,
    })
}
