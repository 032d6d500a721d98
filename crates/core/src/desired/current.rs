//! What is: the rows that a plan compares with, as the store's questions answer them.

use crate::id::TenantId;
use crate::model::{Api, Client, ClientSecret, Credential, Issuer, Tenant, User};

/// Everything that can be configured.
#[derive(Clone, Debug, Default)]
pub struct Current {
    /// Every tenant.
    pub tenants: Vec<CurrentTenant>,
}

/// A tenant and what belongs to it.
#[derive(Clone, Debug)]
pub struct CurrentTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// Its issuers.
    pub issuers: Vec<Issuer>,
    /// Its APIs.
    pub apis: Vec<Api>,
    /// Its clients.
    pub clients: Vec<CurrentClient>,
    /// Its people.
    pub users: Vec<CurrentUser>,
}

/// A client with its secrets.
#[derive(Clone, Debug)]
pub struct CurrentClient {
    /// The client.
    pub client: Client,
    /// Its secrets, in whatever state.
    pub secrets: Vec<ClientSecret>,
}

/// A person with their password.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    /// The person.
    pub user: User,
    /// Their credential of kind `password`.
    pub password: Option<Credential>,
}

impl Current {
    /// The tenant of that id.
    pub fn tenant(&self, id: &TenantId) -> Option<&CurrentTenant> {
        self.tenants.iter().find(|found| found.tenant.id == *id)
    }
}
