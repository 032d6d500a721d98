//! What there will be once a plan is carried out, for the checks that look across objects.

use std::collections::{BTreeMap, BTreeSet};

use super::user::Names;
use super::{ApiSpec, ClientSpec, CurrentTenant, ExtensionSpec, InstallationSpec, IssuerSpec};
use crate::Timestamp;
use crate::id::{ContextId, RoleId, TenantId, UserId};
use crate::model::{Extension, Installation, User};
use crate::policies::{Chosen, Policies};

/// A tenant as it will be. What the document does not name comes first, so that a clash is told of what it names.
#[derive(Debug)]
pub(super) struct Resulting {
    pub id: TenantId,
    pub chosen: Chosen,
    pub issuers: Vec<IssuerSpec>,
    /// How many of the issuers, the first, are not in the document.
    pub kept_issuers: usize,
    pub apis: Vec<ApiSpec>,
    pub clients: Vec<ClientSpec>,
    /// How many of the clients, the first, are in the document.
    pub named_clients: usize,
    pub users: Vec<ResultingUser>,
    pub roles: BTreeSet<RoleId>,
    /// Each with what it lies in.
    pub contexts: BTreeMap<ContextId, Option<ContextId>>,
    pub external_contexts: Vec<(ContextId, String)>,
    pub memberships: Vec<ResultingMembership>,
    pub extensions: Vec<ResultingExtension>,
    /// Others that have an audience of one of these.
    pub other_extensions: Vec<ResultingExtension>,
    pub installations: Vec<ResultingInstallation>,
}

/// An extension as it will be.
#[derive(Debug)]
pub(super) struct ResultingExtension {
    /// Whether the document names it.
    pub is_named: bool,
    /// Whether it is made.
    pub is_new: bool,
    pub spec: ExtensionSpec,
}

/// An installation as it will be.
#[derive(Debug)]
pub(super) struct ResultingInstallation {
    /// Whether the document names it.
    pub is_named: bool,
    pub spec: InstallationSpec,
    pub before: Option<Installation>,
}

impl ResultingExtension {
    /// One that stays as it is.
    pub(super) fn kept(extension: &Extension) -> Self {
        Self { is_named: false, is_new: false, spec: ExtensionSpec::of(extension) }
    }
}

impl ResultingInstallation {
    /// One that stays as it is.
    pub(super) fn kept(row: &Installation) -> Self {
        Self { is_named: false, spec: InstallationSpec::of(row), before: Some(row.clone()) }
    }
}

/// What of a membership must exist.
#[derive(Debug)]
pub(super) struct ResultingMembership {
    pub label: String,
    pub user: String,
    pub context: ContextId,
    pub roles: BTreeSet<RoleId>,
}

/// What of a person must not clash with another's.
#[derive(Debug)]
pub(super) struct ResultingUser {
    pub id: Option<UserId>,
    pub label: String,
    pub keys: Vec<String>,
    pub external_id: Option<String>,
    pub roles: BTreeSet<RoleId>,
}

impl Resulting {
    /// A tenant that the document does not name: it stays whole.
    pub(super) fn untouched(tenant: &CurrentTenant, chosen: Chosen, now: Timestamp) -> Self {
        Self {
            id: tenant.tenant.id.clone(),
            chosen,
            issuers: tenant.issuers.iter().map(IssuerSpec::of).collect(),
            kept_issuers: tenant.issuers.len(),
            apis: tenant.apis.iter().map(ApiSpec::of).collect(),
            clients: tenant.clients.iter().map(|client| ClientSpec::of(client, now)).collect(),
            named_clients: 0,
            users: tenant.users.iter().map(|user| ResultingUser::kept(&user.user)).collect(),
            roles: tenant.roles.iter().map(|role| role.id.clone()).collect(),
            contexts: BTreeMap::new(),
            external_contexts: Vec::new(),
            memberships: Vec::new(),
            extensions: tenant.extensions.iter().map(ResultingExtension::kept).collect(),
            other_extensions: tenant.other_extensions.iter().map(ResultingExtension::kept).collect(),
            installations: tenant.installations.iter().map(ResultingInstallation::kept).collect(),
        }
    }

    /// What the issuers that a client lists choose, each with whether it is reached by https.
    pub(super) fn listed<'a>(
        &'a self,
        client: &'a ClientSpec,
    ) -> impl Iterator<Item = (bool, &'static Policies)> + 'a {
        let listed = self.issuers.iter().filter(|issuer| client.issuers.contains(&issuer.id(&self.id)));
        listed.map(|issuer| (issuer.url.starts_with("https://"), (self.chosen.0)(&issuer.dialect)))
    }

    /// Whether browsers come back to a client by https alone.
    pub(super) fn secures(&self, client: &ClientSpec) -> bool {
        self.listed(client).any(|(is_https, policies)| is_https && policies.secure_redirects)
    }
}

impl ResultingUser {
    /// A person who stays as they are.
    pub(super) fn kept(user: &User) -> Self {
        let mut keys = vec![user.user_name_key.clone()];
        keys.extend(user.email_key.clone());
        keys.dedup();
        Self {
            id: Some(user.id.clone()),
            label: user.user_name.clone(),
            keys,
            external_id: user.external_id.clone(),
            roles: BTreeSet::new(),
        }
    }

    pub(super) fn keys_of(names: &Names) -> Vec<String> {
        let mut keys = vec![names.user_name.key().to_owned()];
        keys.extend(names.email.as_ref().map(|email| email.key().to_owned()));
        keys.dedup();
        keys
    }
}
