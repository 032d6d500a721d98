//! Issuers.

use doorward_core::id::{IssuerId, TenantId};
use doorward_core::model::Issuer;

use crate::object::{Put, json, versioned};
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates an issuer. Conflict: there is one, or its mount is taken.
    pub(crate) ISSUER_INSERT = tenant
        "INSERT INTO issuers ( tenant, id, mount,", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Replaces an issuer at a version. Conflict: its new mount is taken.
    pub(crate) ISSUER_UPDATE = tenant
        "UPDATE issuers SET mount = $3, data = $4, disabled_at = $5, version = $6
         WHERE tenant = $1 AND id = $2 AND version = $7";
    /// Leaves an issuer's mount for one that no host has, until it is put again in the same commit.
    pub(crate) ISSUER_FREE_MOUNT = tenant
        "UPDATE issuers SET mount = '/' || id WHERE tenant = $1 AND id = $2";
    /// Removes an issuer at a version.
    pub(crate) ISSUER_DELETE = tenant "DELETE FROM issuers WHERE tenant = $1 AND id = $2 AND version = $3";
    /// A tenant's issuers.
    pub(crate) ISSUERS_OF = tenant
        "SELECT", COLUMNS, "FROM issuers WHERE tenant = $1 ORDER BY id";
    /// A tenant's issuers in order of id, from the one after `$2`.
    pub(crate) ISSUERS_FROM = tenant
        "SELECT", COLUMNS, "FROM issuers WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Every issuer.
    pub(crate) ISSUERS = server("the directory holds all of them")
        "SELECT", COLUMNS, "FROM issuers ORDER BY id";
}

const COLUMNS: &str = "data, disabled_at, version, created_at";

pub(crate) fn put(issuer: &Issuer) -> Result<Vec<Write>, Fault> {
    let stored = Issuer { version: issuer.version + 1, ..issuer.clone() };
    let data = json("issuer", &stored)?;
    // Hosts are compared without case (RFC 3986, section 3.2.2), paths with it.
    let mount = format!("{}{}", issuer.host().to_ascii_lowercase(), issuer.path());
    Ok(vec![versioned(
        Put { insert: &ISSUER_INSERT, update: &ISSUER_UPDATE, version: issuer.version },
        vec![
            issuer.tenant.as_str().into(),
            issuer.id.as_str().into(),
            mount.into(),
            data.into(),
            issuer.disabled_at.into(),
            stored.version.into(),
        ],
        vec![issuer.created_at.into()],
    )])
}

pub(crate) fn free_mount(tenant: &TenantId, id: &IssuerId) -> Write {
    Write::new(&ISSUER_FREE_MOUNT, Expect::AtMostOne, vec![tenant.as_str().into(), id.as_str().into()])
}

pub(crate) fn remove(tenant: &TenantId, id: &IssuerId, version: i64) -> Vec<Write> {
    vec![Write::new(
        &ISSUER_DELETE,
        Expect::One,
        vec![tenant.as_str().into(), id.as_str().into(), version.into()],
    )]
}

fn issuer(row: &mut Row) -> Result<Issuer, Fault> {
    let mut issuer: Issuer = row.json()?;
    issuer.disabled_at = row.opt_time()?;
    issuer.version = row.int()?;
    issuer.created_at = row.time()?;
    Ok(issuer)
}

impl Store {
    /// Every issuer, from the database.
    pub async fn issuers(&self) -> Result<Vec<Issuer>, Fault> {
        self.list(&ISSUERS, &[], issuer).await
    }

    /// A tenant's issuers, from the database.
    pub async fn issuers_of(&self, tenant: &TenantId) -> Result<Vec<Issuer>, Fault> {
        self.list(&ISSUERS_OF, &[tenant.as_str().into()], issuer).await
    }

    /// At most `limit` issuers of a tenant, in order of id, from the one after `after`.
    pub async fn issuers_from(
        &self,
        tenant: &TenantId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Issuer>, Fault> {
        self.list(&ISSUERS_FROM, &[tenant.as_str().into(), after.into(), limit.into()], issuer).await
    }
}
