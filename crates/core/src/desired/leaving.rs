//! What a plan takes away, and what clients that it does not speak of lose by it. Where a list narrows what a client may do, what goes is
//! taken out of it by the same plan. Everything else that names what goes keeps it from going ([`super::references`]).

use std::collections::BTreeSet;

use super::result::Resulting;
use super::{ClientSpec, CurrentClient, CurrentTenant};
use crate::Timestamp;
use crate::id::{IssuerId, RoleId};

/// What is there and will not be.
#[derive(Debug, Default)]
pub(super) struct Leaving<'a> {
    roles: BTreeSet<&'a RoleId>,
    issuers: BTreeSet<&'a IssuerId>,
}

impl<'a> Leaving<'a> {
    /// What of a tenant goes when it becomes `result`.
    pub(super) fn of(found: Option<&'a CurrentTenant>, result: &Resulting) -> Self {
        let Some(found) = found else { return Self::default() };
        let stay: BTreeSet<IssuerId> = result.issuers.iter().map(|issuer| issuer.id(&result.id)).collect();
        let roles = found.roles.iter().map(|role| &role.id).filter(|id| !result.roles.contains(id));
        let issuers = found.issuers.iter().map(|issuer| &issuer.id).filter(|id| !stay.contains(id));
        Self { roles: roles.collect(), issuers: issuers.collect() }
    }

    /// The client without what goes; none where it names nothing of it. An empty list of issuers would let it use all of them, so the
    /// last of them stays named, and keeps its issuer.
    pub(super) fn left_of(&self, found: &CurrentClient, now: Timestamp) -> Option<ClientSpec> {
        let client = &found.client;
        let issuers: BTreeSet<IssuerId> =
            client.issuers.iter().filter(|id| !self.issuers.contains(id)).cloned().collect();
        let narrows = !issuers.is_empty() && issuers.len() < client.issuers.len();
        let is_gone = |id: &RoleId| self.roles.contains(id);
        let maps = client.role_permissions.iter().any(|map| map.keys().any(is_gone));
        if !narrows && !maps {
            return None;
        }
        let mut left = ClientSpec::of(found, now);
        if narrows {
            left.issuers = issuers;
        }
        if let Some(map) = &mut left.role_permissions {
            map.retain(|id, _| !is_gone(id));
        }
        Some(left)
    }
}
