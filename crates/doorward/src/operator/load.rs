//! What can be configured, as it is: read by pages, in short transactions, and only as far as an order reaches.

use doorward_core::desired::{Current, CurrentClient, CurrentTenant, CurrentUser, Kind, State};
use doorward_core::id::{ClientId, TenantId, UserId};
use doorward_core::model::Tenant;
use doorward_wire::text::{Email, UserName};

use super::Operator;
use crate::failure::Failure;

/// How far an order reaches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach<'a> {
    /// Everything of those tenants.
    All(&'a [TenantId]),
    /// What a document speaks of.
    Document(&'a State),
    /// One list of those tenants.
    List(&'a [TenantId], Kind),
    /// Objects of a tenant by their names, and what such an object can refer to.
    Named(&'a TenantId, Kind, &'a [String]),
}

/// What is read of a tenant.
#[derive(Clone, Copy, Debug)]
struct Lists<'a> {
    issuers: bool,
    apis: bool,
    clients: Which<'a>,
    users: Which<'a>,
}

/// Which objects of a list.
#[derive(Clone, Copy, Debug)]
enum Which<'a> {
    All,
    Named(&'a [String]),
    None,
}

impl Operator {
    /// What is, as far as `reach` says.
    pub(super) async fn current(&self, reach: Reach<'_>) -> Result<Current, Failure> {
        let mut current = Current::default();
        for tenant in self.store.tenants().await? {
            if let Some(lists) = reach.lists(&tenant.id) {
                current.tenants.push(self.read(tenant, lists).await?);
            }
        }
        Ok(current)
    }

    async fn read(&self, tenant: Tenant, lists: Lists<'_>) -> Result<CurrentTenant, Failure> {
        let id = tenant.id.clone();
        Ok(CurrentTenant {
            tenant,
            issuers: if lists.issuers { self.store.issuers_of(&id).await? } else { Vec::new() },
            apis: if lists.apis { self.store.apis(&id).await? } else { Vec::new() },
            clients: self.clients(&id, lists.clients).await?,
            users: match lists.users {
                Which::All => self.users(&id).await?,
                Which::Named(names) => self.users_named(&id, names).await?,
                Which::None => Vec::new(),
            },
        })
    }

    async fn clients(&self, tenant: &TenantId, which: Which<'_>) -> Result<Vec<CurrentClient>, Failure> {
        let found = match which {
            Which::All => self.store.clients(tenant).await?,
            Which::Named(names) => {
                let mut found = Vec::new();
                for name in names {
                    let client = self.store.client(tenant, &ClientId(name.clone())).await?;
                    found.extend(client.map(|facts| facts.client));
                }
                found
            }
            Which::None => Vec::new(),
        };
        let mut clients = Vec::new();
        for client in found {
            let secrets = self.store.secrets(tenant, &client.id).await?;
            clients.push(CurrentClient { client, secrets });
        }
        Ok(clients)
    }

    async fn users(&self, tenant: &TenantId) -> Result<Vec<CurrentUser>, Failure> {
        let mut users: Vec<CurrentUser> = Vec::new();
        loop {
            let after = users.last().map(|found| found.user.id.clone());
            let page = self.store.users(tenant, after.as_ref(), PAGE).await?;
            let is_last = i64::try_from(page.len()).unwrap_or(PAGE) < PAGE;
            users.extend(
                page.into_iter().map(|found| CurrentUser { user: found.user, password: found.password }),
            );
            if is_last {
                return Ok(users);
            }
        }
    }

    /// Whoever has one of the names as id, user name or e-mail address.
    async fn users_named(&self, tenant: &TenantId, names: &[String]) -> Result<Vec<CurrentUser>, Failure> {
        let mut users: Vec<CurrentUser> = Vec::new();
        for name in names {
            let user_name = UserName::parse(name).ok();
            let email = Email::parse(name).ok();
            let mut found = vec![self.store.user(tenant, &UserId(name.clone())).await?];
            for key in
                [user_name.as_ref().map(UserName::key), email.as_ref().map(Email::key)].into_iter().flatten()
            {
                found.push(self.store.user_by_name(tenant, key).await?);
            }
            for found in found.into_iter().flatten() {
                if !users.iter().any(|known| known.user.id == found.user.id) {
                    users.push(CurrentUser { user: found.user, password: found.password });
                }
            }
        }
        Ok(users)
    }
}

impl<'a> Reach<'a> {
    /// What it needs of a tenant; none: not even the tenant.
    fn lists(self, tenant: &TenantId) -> Option<Lists<'a>> {
        match self {
            Self::All(tenants) => tenants.contains(tenant).then_some(Lists {
                issuers: true,
                apis: true,
                clients: Which::All,
                users: Which::All,
            }),
            Self::Document(state) => Some(match state.tenants.iter().find(|spec| spec.id == *tenant) {
                // Clients refer to APIs and issuers, whichever of these lists the document has.
                Some(spec) => Lists {
                    issuers: true,
                    apis: true,
                    clients: Which::All,
                    users: if spec.users.is_some() { Which::All } else { Which::None },
                },
                // Ids and mounts of issuers are unique in the server.
                None => Lists { issuers: true, ..Lists::NOTHING },
            }),
            Self::List(tenants, kind) => tenants.contains(tenant).then(|| Lists::of(kind, Which::All)),
            Self::Named(wanted, kind, names) => {
                (wanted == tenant).then(|| Lists::of(kind, Which::Named(names)))
            }
        }
    }
}

impl<'a> Lists<'a> {
    /// A list, with what its objects refer to.
    fn of(kind: Kind, which: Which<'a>) -> Self {
        match kind {
            Kind::Tenant => Self::NOTHING,
            Kind::Issuer => Self { issuers: true, ..Self::NOTHING },
            Kind::Api => Self { apis: true, ..Self::NOTHING },
            Kind::Client => Self { issuers: true, apis: true, clients: which, ..Self::NOTHING },
            Kind::User => Self { users: which, ..Self::NOTHING },
        }
    }

    const NOTHING: Self = Self { issuers: false, apis: false, clients: Which::None, users: Which::None };
}

const PAGE: i64 = 500;
