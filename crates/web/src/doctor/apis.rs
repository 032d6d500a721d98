//! APIs that take what the specifications have given up, each with the section.

use doorward_core::model::legacy::{GivenUp, OF_APIS};
use doorward_core::model::{Api, Tenant};
use doorward_store::{Fault, Store};

use super::{Finding, several};

pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<Vec<Finding>, Fault> {
    Ok(given_up(&store.apis(&tenant.id).await?))
}

/// One finding for each switch, with the APIs that have it on.
pub(super) fn given_up(apis: &[Api]) -> Vec<Finding> {
    let finding = |row: &GivenUp<Api>| {
        let on: Vec<&Api> = apis.iter().filter(|api| api.disabled_at.is_none() && (row.is_on)(api)).collect();
        let first = on.first()?;
        let names: Vec<String> = on.iter().map(|api| api.id.to_string()).collect();
        Some(Finding::warning(
            "apis.legacy",
            format!("API {} ({}): {} ({})", several(&names), first.tenant, row.risk, row.section),
            format!("in the state file, without {}, once nothing needs it", row.switch),
        ))
    };
    OF_APIS.iter().filter_map(finding).collect()
}
