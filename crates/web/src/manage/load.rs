//! What can be configured, as it is: read by pages, in short transactions, and only as far as it reaches.

use std::collections::HashMap;

use doorward_core::admin;
use doorward_core::desired::{
    Current, CurrentClient, CurrentMembership, CurrentTenant, CurrentUser, ExtensionSpec, Kind, State,
};
use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, ContextId, ContextKey, ExtensionId, TenantId, UserId};
use doorward_core::model::{Assignment, Context, Extension, Installation, Membership, Tenant};
use doorward_wire::text::{Email, UserName};

use super::reach::{Installed, Lists, Which};
use super::{Manage, Reach, Trouble};
use crate::dialect::CHOSEN;

impl Manage {
    /// What is, as far as `reach` says.
    pub async fn current(&self, reach: Reach<'_>) -> Result<Current, Trouble> {
        let mut current = Current { chosen: CHOSEN, ..Current::default() };
        let tenants = match reach {
            Reach::Named(_, Kind::Issuer, _) => self.store.tenants().await?,
            Reach::Alone(id, ..) | Reach::Named(id, ..) => self.store.tenant(id).await?.into_iter().collect(),
            _ => self.store.tenants().await?,
        };
        for tenant in tenants {
            if let Some(lists) = reach.lists(&tenant.id) {
                current.tenants.push(self.read(tenant, lists).await?);
            }
        }
        if let Reach::Named(id, Kind::Issuer, _) = reach
            && !self.by.rights.is_server_wide()
        {
            // Where others are reached is not told by a clash: it is asked by itself whether an address may be taken.
            let others = current.tenants.iter_mut().filter(|found| found.tenant.id != *id);
            others.flat_map(|found| &mut found.issuers).for_each(|issuer| issuer.url = issuer.id.0.clone());
        }
        Ok(current)
    }

    /// Adds whose the audiences are that are wished for, where not all extensions were read.
    pub(super) async fn ask_for_audiences(
        &self,
        reach: Reach<'_>,
        wanted: &State,
        current: &mut Current,
    ) -> Result<(), Trouble> {
        let Reach::Named(_, Kind::Extension, _) = reach else { return Ok(()) };
        for found in &mut current.tenants {
            let of = wanted.tenants.iter().filter(|spec| spec.id == found.tenant.id);
            let wishes = of.flat_map(|spec| spec.extensions.iter().flatten());
            let audiences = wishes.flat_map(ExtensionSpec::named_audiences).collect();
            let mut others = self.store.extensions_with(&found.tenant.id, &audiences).await?;
            others.retain(|other| found.extensions.iter().all(|known| known.key != other.key));
            found.other_extensions = others;
        }
        Ok(())
    }

    async fn read(&self, tenant: Tenant, lists: Lists<'_>) -> Result<CurrentTenant, Trouble> {
        let id = tenant.id.clone();
        let all_held = matches!(lists.users, Which::All) || matches!(lists.memberships, Which::All);
        let assignments = if all_held { self.assignments(&id).await? } else { Vec::new() };
        let in_contexts = in_contexts(&assignments);
        let mut held = by_place(assignments);
        let users = match lists.users {
            Which::All => self.users(&id, &mut held, in_contexts).await?,
            Which::Named(names) => self.users_named(&id, names).await?,
            Which::None => Vec::new(),
        };
        let mut memberships = match lists.memberships {
            Which::All => self.memberships(&id, &mut held).await?,
            Which::Named(_) => self.memberships_of(&id, &users).await?,
            Which::None => Vec::new(),
        };
        let (contexts, extensions, installations) = self.extended(&id, lists).await?;
        if let (Which::Named(_), Which::Named(_)) = (lists.memberships, lists.contexts) {
            // What people belong to beside is not looked at: it stays as it is.
            let is_read = |found: &CurrentMembership| {
                contexts.iter().any(|context| context.key == found.membership.context)
            };
            memberships.retain(is_read);
        }
        Ok(CurrentTenant {
            tenant,
            issuers: if lists.issuers { self.store.issuers_of(&id).await? } else { Vec::new() },
            apis: if lists.apis { self.store.apis(&id).await? } else { Vec::new() },
            clients: self.clients(&id, lists.clients).await?,
            roles: if lists.roles { self.store.roles(&id).await? } else { Vec::new() },
            contexts,
            users,
            memberships,
            extensions,
            installations,
            other_extensions: Vec::new(),
        })
    }

    /// Contexts, extensions and installations. What is named by an installation is read with it.
    async fn extended(
        &self,
        tenant: &TenantId,
        lists: Lists<'_>,
    ) -> Result<(Vec<Context>, Vec<Extension>, Vec<Installation>), Trouble> {
        let contexts = self.contexts(tenant, lists.contexts).await?;
        let extensions = self.extensions(tenant, lists.extensions).await?;
        let store = &self.store;
        let mut installations = Vec::new();
        match lists.installations {
            Installed::All => loop {
                let after =
                    installations.last().map_or("", |last: &Installation| last.id.as_str()).to_owned();
                let page = store.installations_from(tenant, &after, PAGE).await?;
                let is_last = page.len() < PAGE_ROWS;
                installations.extend(page);
                if is_last {
                    break;
                }
            },
            Installed::Named(names) => {
                let whole = names.iter().any(|name| name.strip_prefix("tenant/") == Some(tenant.as_str()));
                let places = contexts.iter().filter(|context| names.contains(&context.id.0));
                let places: Vec<ContextKey> =
                    places.map(|context| context.key).chain(whole.then_some(ContextKey(0))).collect();
                for extension in &extensions {
                    for place in &places {
                        installations.extend(store.installation_at(tenant, extension.key, *place).await?);
                    }
                }
            }
            Installed::First => {
                for extension in &extensions {
                    installations.extend(store.installations_of(tenant, extension.key, "", FIRST).await?);
                }
            }
            Installed::None => {}
        }
        Ok((contexts, extensions, installations))
    }

    async fn extensions(&self, tenant: &TenantId, which: Which<'_>) -> Result<Vec<Extension>, Trouble> {
        let mut extensions: Vec<Extension> = Vec::new();
        match which {
            Which::All => loop {
                let after = extensions.last().map_or("", |last| last.id.as_str()).to_owned();
                let page = self.store.extensions_from(tenant, &after, PAGE).await?;
                let is_last = page.len() < PAGE_ROWS;
                extensions.extend(page);
                if is_last {
                    break;
                }
            },
            Which::Named(names) => {
                for name in names {
                    extensions.extend(self.store.extension(tenant, &ExtensionId(name.clone())).await?);
                }
            }
            Which::None => {}
        }
        Ok(extensions)
    }

    async fn clients(&self, tenant: &TenantId, which: Which<'_>) -> Result<Vec<CurrentClient>, Trouble> {
        let mut clients: Vec<CurrentClient> = Vec::new();
        match which {
            Which::All => {
                let found = self.store.clients(tenant).await?;
                let mut secrets = self.store.secrets_of_all(tenant).await?;
                clients.extend(found.into_iter().map(|client| {
                    let secrets = secrets.remove(&client.id).unwrap_or_default();
                    CurrentClient { client, secrets }
                }));
            }
            Which::Named(names) => {
                for name in names {
                    let found = self.store.client(tenant, &ClientId(name.clone())).await?;
                    let current = |ClientFacts { client, secrets, .. }| CurrentClient { client, secrets };
                    clients.extend(found.map(current));
                }
            }
            Which::None => {}
        }
        // Those of the server's own are nobody's to configure.
        clients.retain(|found| !admin::is_built_in_client(&found.client.id));
        Ok(clients)
    }

    /// Contexts with all above them, each once.
    async fn contexts(&self, tenant: &TenantId, which: Which<'_>) -> Result<Vec<Context>, Trouble> {
        let mut contexts: Vec<Context> = Vec::new();
        match which {
            Which::All => loop {
                let after = contexts.last().map(|context| context.id.clone());
                let page = self.store.contexts(tenant, after.as_ref(), PAGE).await?;
                let is_last = page.len() < PAGE_ROWS;
                contexts.extend(page);
                if is_last {
                    break;
                }
            },
            Which::Named(names) => {
                for name in names {
                    let mut next = Some(ContextId(name.clone()));
                    while let Some(id) = next {
                        if contexts.iter().any(|known| known.id == id) {
                            break;
                        }
                        let Some(found) = self.store.context(tenant, &id).await? else { break };
                        next = found.parent.clone();
                        contexts.push(found);
                    }
                    let other = self.store.context_by_external_id(tenant, name).await?;
                    contexts
                        .extend(other.filter(|other| !contexts.iter().any(|known| known.key == other.key)));
                }
            }
            Which::None => {}
        }
        Ok(contexts)
    }

    async fn memberships(
        &self,
        tenant: &TenantId,
        held: &mut ByPlace,
    ) -> Result<Vec<CurrentMembership>, Trouble> {
        let mut memberships: Vec<Membership> = Vec::new();
        loop {
            let after = memberships.last().map(|last| (last.user.clone(), last.context));
            let after = after.as_ref().map(|(user, context)| (user, *context));
            let page = self.store.memberships(tenant, after, PAGE).await?;
            let is_last = page.len() < PAGE_ROWS;
            memberships.extend(page);
            if is_last {
                break;
            }
        }
        Ok(memberships.into_iter().map(|membership| with_roles(membership, held)).collect())
    }

    async fn memberships_of(
        &self,
        tenant: &TenantId,
        users: &[CurrentUser],
    ) -> Result<Vec<CurrentMembership>, Trouble> {
        let mut found = Vec::new();
        for user in users {
            let mut held = by_place(self.store.assignments_of(tenant, &user.user.id).await?);
            let mut after = None;
            loop {
                let page = self.store.memberships_of(tenant, &user.user.id, after, PAGE).await?;
                let is_last = page.len() < PAGE_ROWS;
                after = page.last().map(|last| last.context);
                found.extend(page.into_iter().map(|membership| with_roles(membership, &mut held)));
                if is_last {
                    break;
                }
            }
        }
        Ok(found)
    }

    async fn assignments(&self, tenant: &TenantId) -> Result<Vec<Assignment>, Trouble> {
        let mut all: Vec<Assignment> = Vec::new();
        loop {
            let page = self.store.assignments(tenant, all.last(), PAGE).await?;
            let is_last = page.len() < PAGE_ROWS;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn users(
        &self,
        tenant: &TenantId,
        held: &mut ByPlace,
        mut in_contexts: HashMap<UserId, Vec<Assignment>>,
    ) -> Result<Vec<CurrentUser>, Trouble> {
        let mut users: Vec<CurrentUser> = Vec::new();
        loop {
            let after = users.last().map(|found| found.user.id.clone());
            let page = self.store.users(tenant, after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE_ROWS;
            users.extend(page.into_iter().map(|found| {
                let roles = held.remove(&(found.user.id.clone(), None)).unwrap_or_default();
                let roles_in_contexts = in_contexts.remove(&found.user.id).unwrap_or_default();
                CurrentUser { user: found.user, password: found.password, roles, roles_in_contexts }
            }));
            if is_last {
                return Ok(users);
            }
        }
    }

    /// Whoever has one of the names as id, user name, e-mail address or id in the system that brings people in.
    async fn users_named(&self, tenant: &TenantId, names: &[String]) -> Result<Vec<CurrentUser>, Trouble> {
        let mut users: Vec<CurrentUser> = Vec::new();
        for name in names {
            let user_name = UserName::parse(name).ok();
            let email = Email::parse(name).ok();
            let mut found = vec![
                self.store.user(tenant, &UserId(name.clone())).await?,
                self.store.user_by_external_id(tenant, name).await?,
            ];
            for key in
                [user_name.as_ref().map(UserName::key), email.as_ref().map(Email::key)].into_iter().flatten()
            {
                found.push(self.store.user_by_name(tenant, key).await?);
            }
            for found in found.into_iter().flatten() {
                if !users.iter().any(|known| known.user.id == found.user.id) {
                    let all = self.store.assignments_of(tenant, &found.user.id).await?;
                    let (roles, roles_in_contexts) =
                        all.into_iter().partition(|assignment| assignment.context.is_none());
                    users.push(CurrentUser {
                        user: found.user,
                        password: found.password,
                        roles,
                        roles_in_contexts,
                    });
                }
            }
        }
        Ok(users)
    }
}

/// Roles by who has them, and where.
type ByPlace = HashMap<(UserId, Option<ContextKey>), Vec<Assignment>>;

fn by_place(assignments: Vec<Assignment>) -> ByPlace {
    let mut held = ByPlace::new();
    for assignment in assignments {
        held.entry((assignment.user.clone(), assignment.context)).or_default().push(assignment);
    }
    held
}

fn in_contexts(assignments: &[Assignment]) -> HashMap<UserId, Vec<Assignment>> {
    let mut held: HashMap<UserId, Vec<Assignment>> = HashMap::new();
    for assignment in assignments.iter().filter(|assignment| assignment.context.is_some()) {
        held.entry(assignment.user.clone()).or_default().push(assignment.clone());
    }
    held
}

fn with_roles(membership: Membership, held: &mut ByPlace) -> CurrentMembership {
    let roles = held.remove(&(membership.user.clone(), Some(membership.context))).unwrap_or_default();
    CurrentMembership { membership, roles }
}

const PAGE: i64 = 500;
const PAGE_ROWS: usize = 500;
/// Installations that are named where an extension is in use, and one more.
const FIRST: i64 = 11;
