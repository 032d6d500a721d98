//! The last administrator stays: whom the server, or a tenant, is left to when a change takes it from somebody.

use doorward_core::Effect;
use doorward_core::admin::last::{Loss, OfTenant};
use doorward_core::effect::Guard;
use doorward_core::id::TenantId;

use super::{Manage, Trouble};

impl Manage {
    /// What a change that takes something from those who administer must state besides: that somebody else goes on doing it.
    pub(super) async fn left_to(&self, loss: &Loss) -> Result<Vec<Effect>, Trouble> {
        let mut guards = Vec::new();
        if loss.of_server() {
            let (was_any, found) = self.other_administrator(None, loss).await?;
            if found.is_none() && was_any {
                return Err(Trouble::Last(None));
            }
            guards.extend(found);
        }
        for (tenant, of) in loss.of_tenants() {
            guards.extend(self.other_of(tenant, of, loss).await?);
        }
        Ok(guards.into_iter().map(Effect::Guard).collect())
    }

    /// Somebody else who administers the tenant; none where nobody did.
    async fn other_of(
        &self,
        tenant: &TenantId,
        of: &OfTenant,
        loss: &Loss,
    ) -> Result<Option<Guard>, Trouble> {
        for (role, version) in &of.after {
            let mut after = None;
            loop {
                let page = self.store.holders(tenant, *role, after.as_ref(), PAGE).await?;
                if let Some(found) = page.iter().find(|found| loss.leaves(tenant, &found.user)) {
                    return Ok(Some(Guard { role: Some((*role, *version)), ..found.clone() }));
                }
                after = page.last().cloned();
                if after.is_none() {
                    break;
                }
            }
        }
        if let (_, Some(found)) = self.other_administrator(Some(tenant), loss).await? {
            return Ok(Some(found));
        }
        for role in of.before.values() {
            if !self.store.holders(tenant, *role, None, 1).await?.is_empty() {
                return Err(Trouble::Last(Some(tenant.clone())));
            }
        }
        Ok(None)
    }

    /// Whether anybody administers the server (of that tenant, or of any), and somebody who goes on doing it.
    async fn other_administrator(
        &self,
        tenant: Option<&TenantId>,
        loss: &Loss,
    ) -> Result<(bool, Option<Guard>), Trouble> {
        let (mut was_any, mut after) = (false, None);
        loop {
            let page = self.store.administrators(tenant, after.as_ref(), PAGE).await?;
            for (found, administers) in &page {
                was_any |= administers;
                if *administers && loss.leaves(&found.tenant, &found.user) {
                    return Ok((true, Some(found.clone())));
                }
            }
            match page.last() {
                Some((last, _)) => after = Some(last.clone()),
                None => return Ok((was_any, None)),
            }
        }
    }
}

const PAGE: i64 = 100;
