//! APIs.

use doorward_core::id::{ApiId, TenantId};
use doorward_core::model::Api;

use crate::object::{Put, json, versioned};
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates an API. Conflict: there is one.
    pub(crate) API_INSERT = tenant
        "INSERT INTO apis ( tenant, id,", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6)";
    /// Replaces an API at a version.
    pub(crate) API_UPDATE = tenant
        "UPDATE apis SET data = $3, disabled_at = $4, version = $5 WHERE tenant = $1 AND id = $2 AND version = $6";
    /// Removes an API at a version.
    pub(crate) API_DELETE = tenant "DELETE FROM apis WHERE tenant = $1 AND id = $2 AND version = $3";
    /// A tenant's APIs.
    pub(crate) APIS_OF = tenant
        "SELECT", COLUMNS, "FROM apis WHERE tenant = $1 ORDER BY id";
    /// APIs in order of id, from the one after `$2`.
    pub(crate) APIS_FROM = tenant
        "SELECT", COLUMNS, "FROM apis WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
}

const COLUMNS: &str = "data, disabled_at, version, created_at";

pub(crate) fn put(api: &Api) -> Result<Vec<Write>, Fault> {
    let stored = Api { version: api.version + 1, ..api.clone() };
    let data = json("api", &stored)?;
    Ok(vec![versioned(
        Put { insert: &API_INSERT, update: &API_UPDATE, version: api.version },
        vec![
            api.tenant.as_str().into(),
            api.id.as_str().into(),
            data.into(),
            api.disabled_at.into(),
            stored.version.into(),
        ],
        vec![api.created_at.into()],
    )])
}

pub(crate) fn remove(tenant: &TenantId, id: &ApiId, version: i64) -> Vec<Write> {
    vec![Write::new(
        &API_DELETE,
        Expect::One,
        vec![tenant.as_str().into(), id.as_str().into(), version.into()],
    )]
}

fn api(row: &mut Row) -> Result<Api, Fault> {
    let mut api: Api = row.json()?;
    api.disabled_at = row.opt_time()?;
    api.version = row.int()?;
    api.created_at = row.time()?;
    Ok(api)
}

impl Store {
    /// A tenant's APIs, from the database.
    pub async fn apis(&self, tenant: &TenantId) -> Result<Vec<Api>, Fault> {
        self.list(&APIS_OF, &[tenant.as_str().into()], api).await
    }

    /// At most `limit` APIs of a tenant, in order of id, from the one after `after`.
    pub async fn apis_from(&self, tenant: &TenantId, after: &str, limit: i64) -> Result<Vec<Api>, Fault> {
        self.list(&APIS_FROM, &[tenant.as_str().into(), after.into(), limit.into()], api).await
    }
}
