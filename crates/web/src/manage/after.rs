//! What is once effects are committed: an answer can be made, and sealed, before the commit that it tells of.

use doorward_core::Effect;
use doorward_core::desired::{Current, CurrentClient, CurrentMembership, CurrentTenant, CurrentUser};
use doorward_core::id::TenantId;
use doorward_core::model::{
    Api, Client, ClientSecret, Context, Credential, Extension, Installation, Issuer, Membership, Role,
    Tenant, User,
};

/// `current` as the effects leave it, as far as it is configuration.
pub fn after(mut current: Current, effects: &[Effect]) -> Current {
    for effect in effects {
        apply(&mut current, effect);
    }
    current
}

fn apply(current: &mut Current, effect: &Effect) {
    match effect {
        Effect::PutTenant(row) => put_tenant(current, row),
        Effect::PutIssuer(row) => {
            let row = Issuer { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.issuers, row, |a, b| a.id == b.id));
        }
        Effect::PutApi(row) => {
            let row = Api { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.apis, row, |a, b| a.id == b.id));
        }
        Effect::PutRole(row) => {
            let row = Role { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.roles, row, |a, b| a.key == b.key));
        }
        Effect::PutContext(row) => {
            let row = Context { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.contexts, row, |a, b| a.key == b.key));
        }
        Effect::PutClient(row) => {
            let row = Client { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put_client(of, row));
        }
        Effect::PutUser(row) => {
            let row = User { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put_user(of, row));
        }
        Effect::PutMembership(row) => {
            let row = Membership { version: row.version + 1, ..row.clone() };
            with(current, &row.tenant.clone(), |of| put_membership(of, row));
        }
        Effect::PutExtension(row) => {
            let row = Extension { version: row.version + 1, ..(**row).clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.extensions, row, |a, b| a.key == b.key));
        }
        Effect::PutInstallation(row) => {
            let row = Installation { version: row.version + 1, ..(**row).clone() };
            with(current, &row.tenant.clone(), |of| put(&mut of.installations, row, |a, b| a.id == b.id));
        }
        Effect::PutCredential(row) if row.kind == "password" => {
            with(current, &row.tenant, |of| put_password(of, row));
        }
        Effect::PutSecret(row) => with(current, &row.tenant, |of| put_secret(of, row)),
        Effect::RemoveSecret(tenant, client, id) => with(current, tenant, |of| {
            if let Some(found) = of.clients.iter_mut().find(|found| found.client.id == *client) {
                found.secrets.retain(|secret| secret.id != *id);
            }
        }),
        Effect::Assign(row) => with(current, &row.tenant, |of| {
            if let Some(roles) = roles(of, &row.user, row.context) {
                roles.retain(|known| known.role != row.role);
                roles.push(row.clone());
            }
        }),
        Effect::Unassign { tenant, user, context, role } => with(current, tenant, |of| {
            if let Some(roles) = roles(of, user, *context) {
                roles.retain(|known| known.role != *role);
            }
        }),
        // What is removed is told of by nothing but that it is gone, and the rest is no configuration.
        _ => {}
    }
}

fn with(current: &mut Current, tenant: &TenantId, change: impl FnOnce(&mut CurrentTenant)) {
    if let Some(found) = current.tenants.iter_mut().find(|found| found.tenant.id == *tenant) {
        change(found);
    }
}

fn put<T>(rows: &mut Vec<T>, row: T, is_same: impl Fn(&T, &T) -> bool) {
    match rows.iter_mut().find(|known| is_same(known, &row)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

fn put_tenant(current: &mut Current, row: &Tenant) {
    let row = Tenant { version: row.version + 1, ..row.clone() };
    match current.tenants.iter_mut().find(|found| found.tenant.id == row.id) {
        Some(found) => found.tenant = row,
        None => current.tenants.push(CurrentTenant::alone(row)),
    }
}

fn put_client(of: &mut CurrentTenant, row: Client) {
    match of.clients.iter_mut().find(|found| found.client.id == row.id) {
        Some(found) => found.client = row,
        None => of.clients.push(CurrentClient { client: row, secrets: Vec::new() }),
    }
}

fn put_user(of: &mut CurrentTenant, row: User) {
    match of.users.iter_mut().find(|found| found.user.id == row.id) {
        Some(found) => found.user = row,
        None => of.users.push(CurrentUser {
            user: row,
            password: None,
            roles: Vec::new(),
            roles_in_contexts: Vec::new(),
        }),
    }
}

fn put_membership(of: &mut CurrentTenant, row: Membership) {
    let is_same = |found: &&mut CurrentMembership| {
        found.membership.user == row.user && found.membership.context == row.context
    };
    match of.memberships.iter_mut().find(is_same) {
        Some(found) => found.membership = row,
        None => of.memberships.push(CurrentMembership { membership: row, roles: Vec::new() }),
    }
}

fn put_password(of: &mut CurrentTenant, row: &Credential) {
    if let Some(found) = of.users.iter_mut().find(|found| found.user.id == row.user) {
        found.password = Some(row.clone());
    }
}

fn put_secret(of: &mut CurrentTenant, row: &ClientSecret) {
    if let Some(found) = of.clients.iter_mut().find(|found| found.client.id == row.client) {
        put(&mut found.secrets, row.clone(), |a, b| a.id == b.id);
    }
}

fn roles<'a>(
    of: &'a mut CurrentTenant,
    user: &doorward_core::id::UserId,
    context: Option<doorward_core::id::ContextKey>,
) -> Option<&'a mut Vec<doorward_core::model::Assignment>> {
    match context {
        None => of.users.iter_mut().find(|found| found.user.id == *user).map(|found| &mut found.roles),
        Some(context) => of
            .memberships
            .iter_mut()
            .find(|found| found.membership.user == *user && found.membership.context == context)
            .map(|found| &mut found.roles),
    }
}
