//! What is: the rows that a plan compares with, as the store's questions answer them.

use crate::id::TenantId;
use crate::model::{
    Api, Assignment, Client, ClientSecret, Context, Credential, Extension, Installation, Issuer, Membership,
    Role, Tenant, User,
};
use crate::policies::Chosen;

/// Everything that can be configured.
#[derive(Clone, Debug, Default)]
pub struct Current {
    /// Every tenant.
    pub tenants: Vec<CurrentTenant>,
    /// What the dialects of issuers choose.
    pub chosen: Chosen,
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
    /// Its roles.
    pub roles: Vec<Role>,
    /// Its contexts that stand.
    pub contexts: Vec<Context>,
    /// Its clients.
    pub clients: Vec<CurrentClient>,
    /// Its people.
    pub users: Vec<CurrentUser>,
    /// Who belongs to which context.
    pub memberships: Vec<CurrentMembership>,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// Where they are installed, as far as it stands.
    pub installations: Vec<Installation>,
    /// Where not all of its extensions are among these: those of the others that have an audience which is wished for.
    pub other_extensions: Vec<Extension>,
}

/// A membership with the roles that the person has there.
#[derive(Clone, Debug)]
pub struct CurrentMembership {
    /// The membership.
    pub membership: Membership,
    /// Their roles there.
    pub roles: Vec<Assignment>,
}

impl CurrentTenant {
    /// A tenant of which nothing else is known, or there is nothing.
    pub fn alone(tenant: Tenant) -> Self {
        Self {
            tenant,
            issuers: Vec::new(),
            apis: Vec::new(),
            roles: Vec::new(),
            contexts: Vec::new(),
            clients: Vec::new(),
            users: Vec::new(),
            memberships: Vec::new(),
            extensions: Vec::new(),
            installations: Vec::new(),
            other_extensions: Vec::new(),
        }
    }
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
    /// Their roles in the whole tenant.
    pub roles: Vec<Assignment>,
    /// Their roles in contexts.
    pub roles_in_contexts: Vec<Assignment>,
}

impl Current {
    /// The tenant of that id.
    pub fn tenant(&self, id: &TenantId) -> Option<&CurrentTenant> {
        self.tenants.iter().find(|found| found.tenant.id == *id)
    }
}
