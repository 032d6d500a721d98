//! Extensions.

use doorward_core::id::{ContextKey, ExtensionId, ExtensionKey, TenantId};
use doorward_core::model::Extension;

use crate::installations::IN_PLACE;
use crate::object::{Put, json, versioned};
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store, audiences};

statements! {
    /// Creates an extension. Conflict: there is one of that id.
    pub(crate) EXTENSION_INSERT = tenant
        "INSERT INTO extensions (
             tenant, key, data, state, suspended_at, epoch, version, updated_at, id, contributor_key, created_at
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Replaces an extension at a version.
    pub(crate) EXTENSION_UPDATE = tenant
        "UPDATE extensions SET
             data = $3,
             state = $4,
             suspended_at = $5,
             epoch = $6,
             version = $7,
             updated_at = $8
         WHERE tenant = $1 AND key = $2 AND version = $9";
    /// Removes an extension at a version that is installed nowhere.
    pub(crate) EXTENSION_DELETE = tenant
        "DELETE FROM extensions
         WHERE tenant = $1 AND key = $2 AND version = $3 AND NOT EXISTS (
             SELECT 1 FROM installations
             WHERE installations.tenant = extensions.tenant AND installations.extension_key = extensions.key
                 AND installations.removed_at IS NULL AND", IN_PLACE, ")";
    /// An extension by its id.
    pub(crate) EXTENSION = tenant "SELECT", COLUMNS, "FROM extensions WHERE tenant = $1 AND id = $2";
    /// An extension by its key.
    pub(crate) EXTENSION_OF_KEY = tenant "SELECT", COLUMNS, "FROM extensions WHERE tenant = $1 AND key = $2";
    /// A tenant's extensions in order of id, from the one after `$2`.
    pub(crate) EXTENSIONS_FROM = tenant
        "SELECT", COLUMNS, "FROM extensions WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
}

/// The columns that [`extension`] reads.
pub(crate) const COLUMNS: &str = "key, data, suspended_at, epoch, version, created_at, updated_at";

/// An extension's audiences go with its manifests.
pub(crate) fn put(extension: &Extension) -> Result<Vec<Write>, Fault> {
    let stored = Extension { version: extension.version + 1, ..extension.clone() };
    let data = json("extension", &stored)?;
    let put = versioned(
        Put { insert: &EXTENSION_INSERT, update: &EXTENSION_UPDATE, version: extension.version },
        vec![
            extension.tenant.as_str().into(),
            extension.key.0.into(),
            data.into(),
            extension.state.as_str().into(),
            extension.suspended_at.into(),
            extension.epoch.into(),
            stored.version.into(),
            extension.updated_at.into(),
        ],
        vec![
            extension.id.as_str().into(),
            extension.contributor_key.map(|ContextKey(key)| key).into(),
            extension.created_at.into(),
        ],
    );
    Ok(audiences::taken(extension, put))
}

pub(crate) fn remove(tenant: &TenantId, key: ExtensionKey, version: i64) -> [Write; 2] {
    let params = vec![tenant.as_str().into(), key.0.into(), version.into()];
    [Write::new(&EXTENSION_DELETE, Expect::One, params), audiences::give_back(tenant, key)]
}

/// The extension of the next seven columns.
pub(crate) fn extension(row: &mut Row) -> Result<Extension, Fault> {
    let key = ExtensionKey(row.int()?);
    let extension: Extension = row.json()?;
    Ok(Extension {
        key,
        suspended_at: row.opt_time()?,
        epoch: row.int()?,
        version: row.int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        ..extension
    })
}

impl Store {
    /// An extension by its id.
    pub async fn extension(&self, tenant: &TenantId, id: &ExtensionId) -> Result<Option<Extension>, Fault> {
        self.one(&EXTENSION, &[tenant.as_str().into(), id.as_str().into()], extension).await
    }

    /// An extension by its key.
    pub async fn extension_of_key(
        &self,
        tenant: &TenantId,
        key: ExtensionKey,
    ) -> Result<Option<Extension>, Fault> {
        self.one(&EXTENSION_OF_KEY, &[tenant.as_str().into(), key.0.into()], extension).await
    }

    /// At most `limit` extensions of a tenant, in order of id, from the one after `after`.
    pub async fn extensions_from(
        &self,
        tenant: &TenantId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Extension>, Fault> {
        self.list(&EXTENSIONS_FROM, &[tenant.as_str().into(), after.into(), limit.into()], extension).await
    }
}
