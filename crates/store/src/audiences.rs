//! Audiences of extensions: each is one extension's. The rows are written with the extension whose manifest in force names them: no statement
//! can look into that.

use std::collections::BTreeSet;

use doorward_core::id::{ExtensionKey, TenantId};
use doorward_core::model::Extension;

use crate::extensions::{COLUMNS, extension};
use crate::statement::{repeated, statements};
use crate::users::ASKED;
use crate::value::Value;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Changes nothing; but until this commit has ended no other takes an audience in the tenant.
    pub(crate) AUDIENCES_HOLD = tenant "UPDATE tenants SET version = version WHERE id = $1";
    /// Takes an audience for an extension; no row when another has it.
    pub(crate) AUDIENCE_TAKE = tenant
        "INSERT INTO extension_audiences (tenant, extension_key, audience)
         SELECT $1, $2, $3
         WHERE NOT EXISTS (SELECT 1 FROM extension_audiences WHERE tenant = $1 AND audience = $3)";
    /// Gives an extension's audiences back.
    pub(crate) AUDIENCES_GIVE_BACK = tenant
        "DELETE FROM extension_audiences WHERE tenant = $1 AND extension_key = $2";
    /// The extensions that have one of so many audiences.
    pub(crate) EXTENSIONS_WITH_AUDIENCE = tenant
        "SELECT", COLUMNS, "FROM extensions WHERE tenant = $1 AND key IN (
             SELECT extension_key FROM extension_audiences
             WHERE tenant = $1 AND audience IN (", repeated!("$", ASKED, from 2), ")
         )";
}

/// The write that puts an extension, with those that take its audiences, and give back what it had before.
pub(crate) fn taken(extension: &Extension, put: Write) -> Vec<Write> {
    let tenant = &extension.tenant;
    let audiences = extension.audiences();
    let take = |audience: &&str| {
        let params = vec![tenant.as_str().into(), extension.key.0.into(), (*audience).into()];
        Write::new(&AUDIENCE_TAKE, Expect::One, params)
    };
    let held = (!audiences.is_empty()).then(|| hold(tenant));
    let had = (extension.version > 0).then(|| give_back(tenant, extension.key));
    held.into_iter().chain([put]).chain(had).chain(audiences.iter().map(take)).collect()
}

pub(crate) fn free(tenant: &TenantId, key: ExtensionKey) -> [Write; 2] {
    [hold(tenant), give_back(tenant, key)]
}

pub(crate) fn give_back(tenant: &TenantId, key: ExtensionKey) -> Write {
    Write::new(&AUDIENCES_GIVE_BACK, Expect::Any, vec![tenant.as_str().into(), key.0.into()])
}

/// PostgreSQL shows a statement no row of a commit that has not ended: who takes an audience waits until it has.
fn hold(tenant: &TenantId) -> Write {
    Write::new(&AUDIENCES_HOLD, Expect::One, vec![tenant.as_str().into()])
}

impl Store {
    /// The extensions that have one of these audiences; one that has several may come more than once.
    pub async fn extensions_with(
        &self,
        tenant: &TenantId,
        audiences: &BTreeSet<&str>,
    ) -> Result<Vec<Extension>, Fault> {
        let audiences: Vec<&str> = audiences.iter().copied().collect();
        let mut found = Vec::new();
        for part in audiences.chunks(ASKED) {
            let filled = part.iter().chain(part.last().into_iter().cycle()).take(ASKED);
            let params: Vec<Value> =
                std::iter::once(tenant.as_str()).chain(filled.copied()).map(Value::from).collect();
            found.extend(self.list(&EXTENSIONS_WITH_AUDIENCE, &params, extension).await?);
        }
        Ok(found)
    }
}
