//! The operator: whoever holds the data folder or the local socket. One service carries out typed orders, whether they come
//! over the socket of a running server or from a command that opened the store itself.

mod apply;
mod edit;
mod keys;
mod link;
mod load;
mod order;
mod rewrap;

use doorward_core::Ctx;
use doorward_core::id::TenantId;
use doorward_crypto::random::SystemRandom;
use doorward_store::Store;

use crate::failure::{Exit, Failure};

pub use order::{Answer, Generated, KeyRow, Order};

/// The service.
#[derive(Clone, Debug)]
pub struct Operator {
    store: Store,
}

impl Operator {
    /// On that store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Carries out an order.
    pub async fn run(&self, order: Order) -> Result<Answer, Failure> {
        match order {
            Order::Apply { document, dry_run, prune } => self.apply(&document, dry_run, prune).await,
            Order::Change { tenant, kind, name, set } => self.change(tenant, kind, &name, set).await,
            Order::Create { tenant, kind, object } => self.create(tenant, kind, object).await,
            Order::Export { tenant } => self.export(tenant).await,
            Order::Keys { tenant } => self.keys(tenant).await,
            Order::List { tenant, kind } => self.list(tenant, kind).await,
            Order::Remove { tenant, kind, name } => self.remove(tenant, kind, &name).await,
            Order::RemoveKey { tenant, kid } => self.remove_key(tenant, &kid).await,
            Order::RewrapKeys { new } => self.rewrap_keys(new).await,
            Order::RotateKeys { tenant, algorithm } => self.rotate_keys(tenant, algorithm).await,
            Order::SetUpLink { tenant } => self.set_up_link(tenant).await,
            Order::Show { tenant, kind, name } => self.show(tenant, kind, &name).await,
        }
    }

    /// The tenant that is named, or the only one.
    async fn tenant(&self, named: Option<String>) -> Result<TenantId, Failure> {
        let tenants = self.store.tenants().await?;
        match named {
            Some(id) => tenants
                .into_iter()
                .find(|tenant| tenant.id.0 == id)
                .map(|tenant| tenant.id)
                .ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no tenant {id}"))),
            None if tenants.len() == 1 => Ok(tenants[0].id.clone()),
            None if tenants.is_empty() => Err(Failure::new(Exit::NotFound, "there is no tenant yet")
                .hint("start the server once, or apply a state file")),
            None => {
                let names: Vec<String> = tenants.into_iter().map(|tenant| tenant.id.0).collect();
                let what = format!("there are several tenants ({}): say which by --tenant", names.join(", "));
                Err(Failure::new(Exit::Usage, what))
            }
        }
    }

    /// The tenants that are meant: the one that is named, or all.
    async fn tenants(&self, named: Option<String>) -> Result<Vec<TenantId>, Failure> {
        match named {
            Some(_) => Ok(vec![self.tenant(named).await?]),
            None => Ok(self.store.tenants().await?.into_iter().map(|tenant| tenant.id).collect()),
        }
    }

    fn ctx<'a>(&self, rng: &'a mut SystemRandom) -> Ctx<'a> {
        Ctx { now: self.store.now(), rng, request_id: "operator", address: "" }
    }
}

#[cfg(test)]
mod tests;
