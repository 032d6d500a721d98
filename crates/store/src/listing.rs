//! Lists for administrators, by key: each page costs what it shows, whichever it is.

use doorward_core::Timestamp;
use doorward_core::admin::is_built_in_client;
use doorward_core::facts::GrantFacts;
use doorward_core::id::{ClientId, GrantId, SessionId, TenantId, UserId};
use doorward_core::model::{Client, Role, Ticket, TicketKey, User};
use doorward_wire::scope::Scopes;

use crate::statement::{Statement, statements};
use crate::value::{Row, Value};
use crate::{Fault, Store, clients, grants, roles, tickets, users};

statements! {
    /// People by the names that they sign in with, from the one after `$2`.
    pub(crate) PEOPLE_FROM = tenant
        "SELECT
             login_names.name_key,
             users.data,
             users.disabled_at,
             users.locked_at,
             users.valid_from,
             users.external_id,
             users.external_version,
             users.version,
             users.created_at,
             users.updated_at
         FROM login_names
         JOIN users ON users.tenant = login_names.tenant AND users.id = login_names.user_id
         WHERE login_names.tenant = $1 AND login_names.name_key > $2
         ORDER BY login_names.name_key
         LIMIT $3";
    /// Clients in order of id, from the one after `$2`; without the server's own.
    pub(crate) CLIENTS_FROM = tenant
        "SELECT data, disabled_at, version, created_at FROM clients
         WHERE tenant = $1 AND id > $2 AND substr(id, 1, 9) <> 'doorward-'
         ORDER BY id
         LIMIT $3";
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

/// A person, and the name that a list found them by.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// The canonical name.
    pub key: String,
    /// The person.
    pub user: User,
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
    /// At most `limit` people by the names they sign in with, those that begin with `prefix`, from the name after `after`. Who is
    /// found by name and address stands there once, by name.
    pub async fn people(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Named>, Fault> {
        let mut people = Vec::new();
        // The first one may be the prefix itself: what comes just before it is not known, so it is asked for by name.
        let mut after = match after {
            Some(after) => after.to_owned(),
            None if prefix.is_empty() => String::new(),
            None => {
                let exact = self.user_by_name(tenant, prefix).await?;
                people.extend(exact.map(|found| Named { key: prefix.to_owned(), user: found.user }));
                prefix.to_owned()
            }
        };
        while people.len() < limit {
            let params = [tenant.as_str().into(), after.as_str().into(), ROWS.into()];
            let rows = self.driver().read(&PEOPLE_FROM, &params).await?;
            let is_last = i64::try_from(rows.len()).unwrap_or(ROWS) < ROWS;
            for mut row in rows {
                let key = row.text()?;
                let user = users::joined(&mut row)?.ok_or_else(|| row.fault("a person is NULL"))?;
                if !key.starts_with(prefix) {
                    return Ok(people);
                }
                after.clone_from(&key);
                let is_by_address = key != user.user_name_key;
                if !(is_by_address && user.user_name_key.starts_with(prefix)) {
                    people.push(Named { key, user });
                }
                if people.len() == limit {
                    return Ok(people);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(people)
    }

    /// At most `limit` clients whose ids begin with `prefix`, in order of id, from the one after `after`.
    pub async fn clients_from(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Client>, Fault> {
        let mut found = Vec::new();
        if after.is_none() && !prefix.is_empty() {
            let exact = self.client(tenant, &prefix.into()).await?.map(|found| found.client);
            found.extend(exact.filter(|client| !is_built_in_client(&client.id)));
        }
        let after = after.unwrap_or(prefix);
        let rows =
            self.driver().read(&CLIENTS_FROM, &[tenant.as_str().into(), after.into(), limit.into()]).await?;
        for mut row in rows {
            let client = clients::client(&mut row)?;
            if !client.id.as_str().starts_with(prefix) {
                break;
            }
            found.push(client);
        }
        found.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(found)
    }

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

/// Rows of one statement.
const ROWS: i64 = 100;
