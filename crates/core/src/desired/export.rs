//! The state as it is, in the words of a desired state: an export. Lists are complete and in the order of ids, so that the
//! same state always gives the same text, and switches are written whether on or off: an export that is applied brings them back.

use super::{ApiSpec, ClientSpec, Current, CurrentTenant, IssuerSpec, State, TenantSpec, UserSpec};
use crate::Timestamp;

impl State {
    /// What is, at `now`: secrets that are over are left out.
    pub fn of(current: &Current, now: Timestamp) -> Self {
        let mut tenants: Vec<TenantSpec> =
            current.tenants.iter().map(|tenant| of_tenant(tenant, now)).collect();
        tenants.sort_by(|a, b| a.id.cmp(&b.id));
        Self { tenants }
    }
}

fn of_tenant(tenant: &CurrentTenant, now: Timestamp) -> TenantSpec {
    let mut issuers: Vec<_> = tenant.issuers.iter().map(IssuerSpec::of).collect();
    let mut apis: Vec<_> = tenant.apis.iter().map(ApiSpec::of).collect();
    let mut clients: Vec<_> = tenant.clients.iter().map(|client| ClientSpec::of(client, now)).collect();
    let mut users: Vec<_> = tenant.users.iter().map(UserSpec::of).collect();
    issuers.sort_by(|a, b| a.id.cmp(&b.id));
    apis.sort_by(|a, b| a.id.cmp(&b.id));
    clients.sort_by(|a, b| a.id.cmp(&b.id));
    users.sort_by(|a, b| a.id.cmp(&b.id));
    issuers.iter_mut().for_each(|issuer| told(&mut issuer.disabled));
    apis.iter_mut().for_each(|api| told(&mut api.disabled));
    clients.iter_mut().for_each(|client| told(&mut client.disabled));
    users.iter_mut().for_each(|user| {
        told(&mut user.disabled);
        told(&mut user.locked);
    });
    let mut written = TenantSpec::of(&tenant.tenant);
    told(&mut written.disabled);
    TenantSpec {
        issuers: Some(issuers),
        apis: Some(apis),
        clients: Some(clients),
        users: Some(users),
        ..written
    }
}

/// Absent would leave a switch as it is.
fn told(switch: &mut Option<bool>) {
    switch.get_or_insert(false);
}
