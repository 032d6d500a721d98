//! Who loses by what a document no longer names: a plan shows it beside the role or the context that goes.

use doorward_core::desired::{Action, Change, Current, CurrentTenant, Kind, Line, Plan};
use doorward_core::id::{TenantId, UserId};

use super::{Manage, Trouble};

impl Manage {
    /// Adds to each role and context that is removed who has it, or belongs there. Of many the first are named.
    pub(super) async fn tell_who_loses(&self, plan: &mut Plan, current: &Current) -> Result<(), Trouble> {
        let gone: Vec<String> = plan
            .changes
            .iter()
            .filter(|change| change.kind == Kind::Membership && change.action == Action::Remove)
            .map(|change| change.id.clone())
            .collect();
        for change in plan.changes.iter_mut().filter(|change| change.action == Action::Remove) {
            let Some(of) = current.tenant(&change.tenant) else { continue };
            let mut losers = match change.kind {
                Kind::Role => self.holders(of, change).await?,
                Kind::Context => {
                    let mut members = self.members(of, change).await?;
                    // Who is shown to lose the membership by itself is not shown again.
                    members.retain(|name| !gone.contains(&format!("{name} in {}", change.id)));
                    members
                }
                Kind::Tenant
                | Kind::Issuer
                | Kind::Api
                | Kind::Client
                | Kind::User
                | Kind::Membership
                | Kind::Extension
                | Kind::Installation => continue,
            };
            if losers.len() <= SHOWN {
                losers.sort();
            }
            let field = if change.kind == Kind::Role { "held by" } else { "members" };
            let more = (losers.len() > SHOWN).then(|| "and others".to_owned());
            let told = losers.into_iter().take(SHOWN).chain(more);
            change.lines.extend(told.map(|before| Line {
                field: field.to_owned(),
                before: Some(before),
                after: None,
            }));
        }
        Ok(())
    }

    /// Who has a role, and where.
    async fn holders(&self, of: &CurrentTenant, change: &Change) -> Result<Vec<String>, Trouble> {
        let tenant = &of.tenant.id;
        let Some(role) = of.roles.iter().find(|role| role.id.as_str() == change.id) else {
            return Ok(Vec::new());
        };
        let mut holders = Vec::new();
        for held in self.store.given_of_role(tenant, role.key, None, PAGE).await? {
            let name = self.name_of(tenant, &held.user).await?;
            holders.push(match held.context {
                None => name,
                Some(context) => format!("{name} in {context}"),
            });
        }
        Ok(holders)
    }

    /// Who belongs to a context.
    async fn members(&self, of: &CurrentTenant, change: &Change) -> Result<Vec<String>, Trouble> {
        let Some(context) = of.contexts.iter().find(|context| context.id.as_str() == change.id) else {
            return Ok(Vec::new());
        };
        let mut members = Vec::new();
        for member in self.store.members_of(&of.tenant.id, context.key, None, PAGE).await? {
            members.push(self.name_of(&of.tenant.id, &member.user).await?);
        }
        Ok(members)
    }

    async fn name_of(&self, tenant: &TenantId, user: &UserId) -> Result<String, Trouble> {
        let found = self.store.user(tenant, user).await?;
        Ok(found.map_or_else(|| user.0.clone(), |found| found.user.user_name))
    }
}

/// Who is named of many.
const SHOWN: usize = 20;
/// One more, which tells that there are others.
const PAGE: i64 = 21;
