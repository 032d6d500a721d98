//! Administration as an API of every tenant: what it is called, and the scopes by which tokens reach its areas. A client is
//! registered for them like for any other API's; in a person's name they are granted only where that person holds the permission
//! of the same name.

pub mod access;
mod area;
pub mod authority;
mod errand;
pub mod in_contexts;
pub mod in_person;
pub mod last;
mod rights;

pub use area::{Access, Area};
pub use errand::Errand;
pub use rights::{Denied, Place, Rights};

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::id::{ApiId, ClientId, TenantId};
use crate::model::{Api, ApiScope, Guarding, PermissionClaims, TokenFormat};
use crate::permission::Permission;
pub use crate::permission::held::SERVER;

/// Whether an id is that of an API that every tenant has without being told.
pub fn is_built_in(id: &ApiId) -> bool {
    id.as_str() == API
}

/// Whether a scope is one of administration.
pub fn is_scope(name: &str) -> bool {
    name.starts_with(SCOPE_PREFIX)
}

/// Whether an id is that of a client that every tenant has without being told.
pub fn is_built_in_client(id: &ClientId) -> bool {
    id.as_str().starts_with(RESERVED_CLIENT)
}

/// The API of administration, as every tenant has it.
pub fn api(tenant: &TenantId) -> Api {
    let mut scopes = Vec::new();
    for area in Area::ALL {
        let (english, german) = area.words();
        scopes.push(granted(
            area.scope(Access::Read).to_owned(),
            format!("See {english}"),
            format!("Ansehen: {german}"),
        ));
        scopes.push(granted(
            area.scope(Access::Write).to_owned(),
            format!("Change {english}"),
            format!("Ändern: {german}"),
        ));
    }
    for errand in Errand::ALL {
        let (english, german) = errand.words();
        scopes.push(granted(errand.scope().to_owned(), english.to_owned(), german.to_owned()));
    }
    scopes.push(granted(
        SERVER.to_owned(),
        "Administer every tenant of this server".to_owned(),
        "Alle Mandanten dieses Servers verwalten".to_owned(),
    ));
    Api {
        tenant: tenant.clone(),
        id: API.into(),
        name: "Administration".to_owned(),
        scopes,
        token_format: TokenFormat::Jwt,
        signing_algorithm: "ES256".to_owned(),
        access_token_s: None,
        permissions: PermissionClaims::default(),
        guard: Guarding::default(),
        disabled_at: None,
        version: 1,
        created_at: Timestamp(0),
    }
}

/// Every permission that lets a person administer something, but for the one that only an administrator has.
pub fn permissions() -> BTreeSet<Permission> {
    Area::ALL
        .iter()
        .flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)])
        .filter_map(|word| Permission::parse(word).ok())
        .collect()
}

/// A scope that needs the permission of its own name.
fn granted(name: String, description: String, german: String) -> ApiScope {
    ApiScope {
        permission: Permission::parse(&name).ok(),
        name,
        description,
        descriptions: BTreeMap::from([("de".to_owned(), german)]),
        default: false,
    }
}

/// The id of the API of administration: the audience of the tokens for it.
pub const API: &str = "urn:doorward:admin";
/// Scopes of administration begin so, and no other's do.
pub const SCOPE_PREFIX: &str = "admin:";
/// Ids of APIs that begin so are ours.
pub const RESERVED_API: &str = "urn:doorward:";
/// Ids of clients that begin so are ours.
pub const RESERVED_CLIENT: &str = "doorward-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_needs_the_permission_of_its_name() {
        let api = api(&"t".into());
        assert_eq!(api.scopes.len(), Area::ALL.len() * 2 + Errand::ALL.len() + 1);
        for scope in &api.scopes {
            assert!(is_scope(&scope.name));
            assert_eq!(scope.permission.as_ref().map(Permission::as_str), Some(scope.name.as_str()));
        }
        assert_eq!(permissions().len(), Area::ALL.len() * 2);
    }
}
