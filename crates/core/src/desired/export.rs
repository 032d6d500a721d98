//! The state as it is, in the words of a desired state: an export. Lists are complete and in the order of ids, so that the
//! same state always gives the same text, and switches are written whether on or off: an export that is applied brings them back.

use std::collections::HashMap;

use super::{
    ApiSpec, ClientSpec, ContextSpec, Current, CurrentTenant, ExtensionSpec, InstallationSpec, IssuerSpec,
    MembershipSpec, RoleSpec, State, TenantSpec, UserSpec,
};
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
    let mut roles: Vec<_> = tenant.roles.iter().map(RoleSpec::of).collect();
    let mut contexts: Vec<_> = tenant.contexts.iter().map(ContextSpec::of).collect();
    let names: HashMap<_, _> =
        tenant.users.iter().map(|found| (&found.user.id, found.user.user_name.as_str())).collect();
    let mut memberships: Vec<_> = tenant
        .memberships
        .iter()
        .filter_map(|found| Some(MembershipSpec::of(found, names.get(&found.membership.user)?)))
        .collect();
    roles.sort_by(|a, b| a.id.cmp(&b.id));
    contexts.sort_by(|a, b| a.id.cmp(&b.id));
    memberships.sort_by(|a, b| (&a.context, &a.user).cmp(&(&b.context, &b.user)));
    contexts.iter_mut().for_each(|context| told(&mut context.disabled));
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
    let mut extensions: Vec<_> = tenant.extensions.iter().map(ExtensionSpec::of).collect();
    let mut installations: Vec<_> = tenant.installations.iter().map(InstallationSpec::of).collect();
    extensions.sort_by(|a, b| a.id.cmp(&b.id));
    installations.sort_by(|a, b| (&a.extension, &a.context).cmp(&(&b.extension, &b.context)));
    extensions.iter_mut().for_each(|extension| told(&mut extension.suspended));
    installations.iter_mut().for_each(|installation| {
        told(&mut installation.disabled);
        told(&mut installation.suspended);
    });
    let mut written = TenantSpec::of(&tenant.tenant);
    told(&mut written.disabled);
    TenantSpec {
        issuers: Some(issuers),
        apis: Some(apis),
        roles: Some(roles),
        contexts: Some(contexts),
        clients: Some(clients),
        users: Some(users),
        memberships: Some(memberships),
        extensions: Some(extensions),
        installations: Some(installations),
        ..written
    }
}

/// Absent would leave a switch as it is.
fn told(switch: &mut Option<bool>) {
    switch.get_or_insert(false);
}
