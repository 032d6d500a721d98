//! Clients and their secrets.

use std::collections::HashMap;

use doorward_core::Timestamp;
use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, SecretId, TenantId};
use doorward_core::model::{Client, ClientSecret, SecretState};

use crate::consents::CONSENTS_DELETE_CLIENT;
use crate::object::{Put, json, versioned};
use crate::statement::{columns_of, statements};
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates a client. Conflict: there is one.
    pub(crate) CLIENT_INSERT = tenant
        "INSERT INTO clients (tenant, id, data, disabled_at, version, hears_logout, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Replaces a client at a version.
    pub(crate) CLIENT_UPDATE = tenant
        "UPDATE clients SET data = $3, disabled_at = $4, version = $5, hears_logout = $6
         WHERE tenant = $1 AND id = $2 AND version = $7";
    /// Removes a client at a version.
    pub(crate) CLIENT_DELETE = tenant "DELETE FROM clients WHERE tenant = $1 AND id = $2 AND version = $3";
    /// A client with its secrets: a row for each secret, or one without.
    pub(crate) CLIENT = tenant
        "SELECT", columns_of!("clients", COLUMNS), ",
             (SELECT key FROM extensions WHERE extensions.tenant = clients.tenant AND extensions.id = clients.id) AS extension_key,",
        columns_of!("client_secrets", SECRET_COLUMNS), "FROM clients
         LEFT JOIN client_secrets
             ON client_secrets.tenant = clients.tenant AND client_secrets.client_id = clients.id
         WHERE clients.tenant = $1 AND clients.id = $2
         ORDER BY client_secrets.id";
    /// A tenant's clients.
    pub(crate) CLIENTS_OF = tenant "SELECT", COLUMNS, "FROM clients WHERE tenant = $1 ORDER BY id";
    /// A tenant's clients whose id begins so, in order of id, from the one after `$4`; without the server's own.
    pub(crate) CLIENTS_PAGE = tenant
        "SELECT", COLUMNS, "FROM clients
         WHERE tenant = $1 AND id >= $2 AND id < $3 AND (id || '') > $4 AND substr(id, 1, 9) <> 'doorward-'
         ORDER BY id
         LIMIT $5";
    /// Adds a secret. Conflict: there is one of that id.
    pub(crate) SECRET_INSERT = tenant
        "INSERT INTO client_secrets ( tenant, client_id,", SECRET_COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Sets a secret's end.
    pub(crate) SECRET_RETIRE = tenant
        "UPDATE client_secrets SET state = 'retiring', expires_at = $4
         WHERE tenant = $1 AND client_id = $2 AND id = $3";
    /// Removes a secret.
    pub(crate) SECRET_DELETE = tenant
        "DELETE FROM client_secrets WHERE tenant = $1 AND client_id = $2 AND id = $3";
    /// Removes all secrets of a client.
    pub(crate) SECRETS_DELETE = tenant "DELETE FROM client_secrets WHERE tenant = $1 AND client_id = $2";
    /// All secrets of a tenant's clients.
    pub(crate) SECRETS_OF_TENANT = tenant
        "SELECT client_id,", SECRET_COLUMNS, "FROM client_secrets WHERE tenant = $1 ORDER BY client_id, id";
    /// A client's secrets.
    pub(crate) SECRETS_OF = tenant
        "SELECT", SECRET_COLUMNS, "FROM client_secrets WHERE tenant = $1 AND client_id = $2 ORDER BY id";
}

/// The columns of a client's row behind tenant and id.
const COLUMNS: &str = "data, disabled_at, version, created_at";
/// The columns of a secret's row behind tenant and client.
const SECRET_COLUMNS: &str = "id, hash, state, created_at, expires_at";

pub(crate) fn put(client: &Client) -> Result<Vec<Write>, Fault> {
    let stored = Client { version: client.version + 1, ..client.clone() };
    let data = json("client", &stored)?;
    Ok(vec![versioned(
        Put { insert: &CLIENT_INSERT, update: &CLIENT_UPDATE, version: client.version },
        vec![
            client.tenant.as_str().into(),
            client.id.as_str().into(),
            data.into(),
            client.disabled_at.into(),
            stored.version.into(),
            client.backchannel_logout_uri.is_some().into(),
        ],
        vec![client.created_at.into()],
    )])
}

pub(crate) fn remove(tenant: &TenantId, id: &ClientId, version: i64) -> Vec<Write> {
    let (tenant, id) = (tenant.as_str(), id.as_str());
    let mut writes =
        vec![Write::new(&CLIENT_DELETE, Expect::One, vec![tenant.into(), id.into(), version.into()])];
    for statement in [&SECRETS_DELETE, &CONSENTS_DELETE_CLIENT] {
        writes.push(Write::new(statement, Expect::Any, vec![tenant.into(), id.into()]));
    }
    writes
}

pub(crate) fn put_secret(secret: &ClientSecret) -> Write {
    Write::new(
        &SECRET_INSERT,
        Expect::One,
        vec![
            secret.tenant.as_str().into(),
            secret.client.as_str().into(),
            secret.id.as_str().into(),
            secret.hash.into(),
            secret.state.as_str().into(),
            secret.created_at.into(),
            secret.expires_at.into(),
        ],
    )
}

pub(crate) fn retire_secret(
    tenant: &TenantId,
    client: &ClientId,
    id: &SecretId,
    expires_at: Timestamp,
) -> Write {
    Write::new(
        &SECRET_RETIRE,
        Expect::AtMostOne,
        vec![tenant.as_str().into(), client.as_str().into(), id.as_str().into(), expires_at.into()],
    )
}

pub(crate) fn remove_secret(tenant: &TenantId, client: &ClientId, id: &SecretId) -> Write {
    Write::new(
        &SECRET_DELETE,
        Expect::AtMostOne,
        vec![tenant.as_str().into(), client.as_str().into(), id.as_str().into()],
    )
}

fn client(row: &mut Row) -> Result<Client, Fault> {
    let mut client: Client = row.json()?;
    client.disabled_at = row.opt_time()?;
    client.version = row.int()?;
    client.created_at = row.time()?;
    Ok(client)
}

fn secret(tenant: &TenantId, client: &ClientId, id: String, row: &mut Row) -> Result<ClientSecret, Fault> {
    Ok(ClientSecret {
        tenant: tenant.clone(),
        client: client.clone(),
        id: id.into(),
        hash: row.bytes()?,
        state: row.word(SecretState::parse)?,
        created_at: row.time()?,
        expires_at: row.opt_time()?,
    })
}

/// A client from the rows of [`CLIENT`].
pub(crate) fn facts(tenant: &TenantId, id: &ClientId, rows: Vec<Row>) -> Result<Option<ClientFacts>, Fault> {
    let mut facts: Option<ClientFacts> = None;
    for mut row in rows {
        let facts = match &mut facts {
            Some(facts) => {
                row.skip(5)?;
                facts
            }
            none => {
                let client = client(&mut row)?;
                none.insert(ClientFacts {
                    client,
                    secrets: Vec::new(),
                    is_extension: row.opt_int()?.is_some(),
                })
            }
        };
        if let Some(secret_id) = row.opt_text()? {
            facts.secrets.push(secret(tenant, id, secret_id, &mut row)?);
        }
    }
    Ok(facts)
}

impl Store {
    /// A client with its secrets, from the database.
    pub async fn client(&self, tenant: &TenantId, id: &ClientId) -> Result<Option<ClientFacts>, Fault> {
        let rows = self.driver().read(&CLIENT, &[tenant.as_str().into(), id.as_str().into()]).await?;
        facts(tenant, id, rows)
    }

    /// A tenant's clients, from the database.
    pub async fn clients(&self, tenant: &TenantId) -> Result<Vec<Client>, Fault> {
        self.list(&CLIENTS_OF, &[tenant.as_str().into()], client).await
    }

    /// At most `limit` clients of a tenant whose id begins with `prefix`, in order of id, from the one after `after`.
    pub async fn clients_page(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Client>, Fault> {
        let params = [
            tenant.as_str().into(),
            // The one bound by which the index is entered: of two, an engine would take the first and walk to the second.
            prefix.max(after).into(),
            format!("{prefix}{}", char::MAX).into(),
            after.into(),
            limit.into(),
        ];
        self.list(&CLIENTS_PAGE, &params, client).await
    }

    /// The secrets of all clients of a tenant, from the database.
    pub async fn secrets_of_all(
        &self,
        tenant: &TenantId,
    ) -> Result<HashMap<ClientId, Vec<ClientSecret>>, Fault> {
        let read = |row: &mut Row| {
            let client = ClientId(row.text()?);
            let id = row.text()?;
            secret(tenant, &client, id, row)
        };
        let mut of: HashMap<ClientId, Vec<ClientSecret>> = HashMap::new();
        for secret in self.list(&SECRETS_OF_TENANT, &[tenant.as_str().into()], read).await? {
            of.entry(secret.client.clone()).or_default().push(secret);
        }
        Ok(of)
    }

    /// A client's secrets, from the database.
    pub async fn secrets(&self, tenant: &TenantId, client: &ClientId) -> Result<Vec<ClientSecret>, Fault> {
        let params = [tenant.as_str().into(), client.as_str().into()];
        let read = |row: &mut Row| {
            let id = row.text()?;
            secret(tenant, client, id, row)
        };
        self.list(&SECRETS_OF, &params, read).await
    }
}
