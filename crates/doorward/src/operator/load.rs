//! Everything that can be configured, as it is: read by pages, in short transactions.

use doorward_core::desired::{Current, CurrentClient, CurrentTenant, CurrentUser};
use doorward_core::id::TenantId;

use super::Operator;
use crate::failure::Failure;

impl Operator {
    /// All of it.
    pub(super) async fn current(&self) -> Result<Current, Failure> {
        let mut current = Current::default();
        for tenant in self.store.tenants().await? {
            let id = tenant.id.clone();
            let mut clients = Vec::new();
            for client in self.store.clients(&id).await? {
                let secrets = self.store.secrets(&id, &client.id).await?;
                clients.push(CurrentClient { client, secrets });
            }
            current.tenants.push(CurrentTenant {
                tenant,
                issuers: self.store.issuers_of(&id).await?,
                apis: self.store.apis(&id).await?,
                clients,
                users: self.users(&id).await?,
            });
        }
        Ok(current)
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
}

const PAGE: i64 = 500;
