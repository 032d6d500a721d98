//! Tenants.

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::Tenant;

use crate::object::{Put, json, versioned};
use crate::statement::statements;
use crate::value::Row;
use crate::write::Write;
use crate::{Fault, Store};

statements! {
    /// Creates a tenant. Conflict: there is one.
    pub(crate) TENANT_INSERT = tenant
        "INSERT INTO tenants ( id,", COLUMNS, ") VALUES ($1, $2, $3, $4, $5)";
    /// Replaces a tenant at a version.
    pub(crate) TENANT_UPDATE = tenant
        "UPDATE tenants SET data = $2, disabled_at = $3, version = $4 WHERE id = $1 AND version = $5";
    /// A tenant.
    pub(crate) TENANT = tenant "SELECT", COLUMNS, "FROM tenants WHERE id = $1";
    /// Every tenant.
    pub(crate) TENANTS = server("the directory holds all of them")
        "SELECT", COLUMNS, "FROM tenants ORDER BY id";
    /// Tenants in order of id, from the one after `$1`.
    pub(crate) TENANTS_FROM = server("whoever administers the server lists them")
        "SELECT", COLUMNS, "FROM tenants WHERE id > $1 ORDER BY id LIMIT $2";
}

const COLUMNS: &str = "data, disabled_at, version, created_at";

pub(crate) fn put(tenant: &Tenant) -> Result<Vec<Write>, Fault> {
    let stored = Tenant { version: tenant.version + 1, ..tenant.clone() };
    let data = json("tenant", &stored)?;
    Ok(vec![versioned(
        Put { insert: &TENANT_INSERT, update: &TENANT_UPDATE, version: tenant.version },
        vec![tenant.id.as_str().into(), data.into(), tenant.disabled_at.into(), stored.version.into()],
        vec![tenant.created_at.into()],
    )])
}

fn tenant(row: &mut Row) -> Result<Tenant, Fault> {
    let mut tenant: Tenant = row.json()?;
    tenant.disabled_at = row.opt_time()?;
    tenant.version = row.int()?;
    tenant.created_at = row.time()?;
    Ok(tenant)
}

impl Store {
    /// A tenant, from the database.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Fault> {
        self.one(&TENANT, &[id.as_str().into()], tenant).await
    }

    /// Every tenant, from the database.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
        self.list(&TENANTS, &[], tenant).await
    }

    /// At most `limit` tenants, in order of id, from the one after `after`.
    pub async fn tenants_from(&self, after: &str, limit: i64) -> Result<Vec<Tenant>, Fault> {
        self.list(&TENANTS_FROM, &[after.into(), limit.into()], tenant).await
    }
}

/// A standing's time, from a row that a LEFT JOIN may not have found: `present` is a column that is never NULL in it.
pub(crate) fn standing(row: &mut Row) -> Result<doorward_core::facts::Standing, Fault> {
    use doorward_core::facts::Standing;
    let present = row.opt_int()?;
    let off_at: Option<Timestamp> = row.opt_time()?;
    Ok(present.map_or(Standing::Gone, |_| Standing::of(off_at)))
}
