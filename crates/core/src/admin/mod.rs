//! Administration as an API of every tenant: what it is called, and the scopes by which tokens reach its areas. A client is
//! registered for them like for any other API's; in a person's name they are granted only where that person holds the permission
//! of the same name.

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::id::{ApiId, TenantId};
use crate::model::{Api, ApiScope, PermissionClaims, TokenFormat};
use crate::permission::Permission;
use crate::permission::held::SERVER;

/// One area of administration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Area {
    /// Its name, as scopes say it.
    pub name: &'static str,
    /// What it is about, in words.
    pub about: &'static str,
    /// The same in German.
    pub about_de: &'static str,
}

/// The areas, by name.
pub const AREAS: [Area; 12] = [
    area("apis", "APIs and their scopes", "APIs und ihre Berechtigungen"),
    area("clients", "applications and their secrets", "Anwendungen und ihre Geheimnisse"),
    area("consents", "what people allowed applications", "Freigaben von Personen an Anwendungen"),
    area("contexts", "contexts and who belongs to them", "Kontexte und wer zu ihnen gehört"),
    area("events", "the audit trail", "das Protokoll"),
    area("grants", "what applications hold of people", "was Anwendungen von Personen halten"),
    area("issuers", "issuers", "Aussteller"),
    area("keys", "signing keys", "Signaturschlüssel"),
    area("roles", "roles and who has them", "Rollen und wer sie hat"),
    area("sessions", "where people are signed in", "wo Personen angemeldet sind"),
    area("tenants", "the tenant itself", "der Mandant selbst"),
    area("users", "people", "Personen"),
];

/// What is done in an area.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Access {
    /// Looking.
    Read,
    /// Changing, which is looking too.
    Write,
}

/// The scope of an access to an area: `admin:users.read`.
pub fn scope(area: &str, access: Access) -> String {
    let access = match access {
        Access::Read => "read",
        Access::Write => "write",
    };
    format!("admin:{area}.{access}")
}

/// Whether an id is that of an API that every tenant has without being told.
pub fn is_built_in(id: &ApiId) -> bool {
    id.as_str() == API
}

/// The API of administration, as every tenant has it.
pub fn api(tenant: &TenantId) -> Api {
    let mut scopes: Vec<ApiScope> = AREAS
        .iter()
        .flat_map(|area| {
            [
                granted(
                    scope(area.name, Access::Read),
                    format!("See {}", area.about),
                    format!("Ansehen: {}", area.about_de),
                ),
                granted(
                    scope(area.name, Access::Write),
                    format!("Change {}", area.about),
                    format!("Ändern: {}", area.about_de),
                ),
            ]
        })
        .collect();
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
        disabled_at: None,
        version: 1,
        created_at: Timestamp(0),
    }
}

/// Every permission that lets a person administer something, but for the one that only an administrator has.
pub fn permissions() -> BTreeSet<Permission> {
    AREAS
        .iter()
        .flat_map(|area| [scope(area.name, Access::Read), scope(area.name, Access::Write)])
        .filter_map(|word| Permission::parse(&word).ok())
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

const fn area(name: &'static str, about: &'static str, about_de: &'static str) -> Area {
    Area { name, about, about_de }
}

/// The id of the API of administration: the audience of the tokens for it.
pub const API: &str = "urn:doorward:admin";
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
        assert_eq!(api.scopes.len(), AREAS.len() * 2 + 1);
        for scope in &api.scopes {
            assert_eq!(scope.permission.as_ref().map(Permission::as_str), Some(scope.name.as_str()));
        }
        assert_eq!(permissions().len(), AREAS.len() * 2);
    }
}
