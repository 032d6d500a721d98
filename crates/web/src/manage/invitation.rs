//! Invitations: made, listed while nobody has used them, called back.

use std::collections::BTreeSet;

use doorward_core::admin::{Access, Area, Denied};
use doorward_core::desired::{Problems, date};
use doorward_core::id::{ContextId, RoleId, RoleKey, TenantId};
use doorward_core::login::invitation::{self, Invited, InvitedTo, Made, Withdraw};
use doorward_core::model::Actor;
use doorward_core::{Effect, Reason};
use doorward_crypto::random::SystemRandom;
use doorward_store::tickets::OpenInvitation;
use doorward_store::{CommitError, Fault};
use doorward_wire::text::{DisplayName, Email};
use serde::{Deserialize, Serialize};

use super::{Manage, Trouble};

/// Somebody to be invited.
#[derive(Clone, Debug, Default)]
pub struct Invitation {
    /// Their address; without one whoever has the link may use any.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Send the link there; else it is answered, once.
    pub by_mail: bool,
    /// Roles in the whole tenant.
    pub roles: BTreeSet<RoleId>,
    /// Contexts, and roles there.
    pub contexts: Vec<(ContextId, BTreeSet<RoleId>)>,
}

/// An invitation that was made, or that waits to be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvitationRow {
    /// Whose tenant.
    pub tenant: String,
    /// What it is called.
    pub id: String,
    /// The link, where it was made just now and not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address that it is for.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Whether the link was sent to the address.
    pub by_mail: bool,
    /// Roles in the whole tenant.
    pub roles: Vec<String>,
    /// Contexts, and roles there.
    pub contexts: Vec<InvitedInto>,
    /// Who made it.
    pub by: Option<Actor>,
    /// When it was made.
    pub created_at: Option<String>,
    /// Until when it works.
    pub expires_at: String,
}

/// A context that an invitation leads into.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvitedInto {
    /// Which.
    pub context: String,
    /// Roles there.
    pub roles: Vec<String>,
}

/// What is committed with an invitation, given the one that is made.
pub type AlsoInvited<'a> = dyn Fn(&InvitationRow) -> Vec<Effect> + Sync + 'a;

impl InvitationRow {
    /// One that waits.
    pub fn of(tenant: &TenantId, open: OpenInvitation) -> Self {
        let OpenInvitation { key, invited, expires_at } = open;
        let ids = |roles: Vec<(RoleKey, RoleId)>| roles.into_iter().map(|(_, id)| id.0).collect();
        let into = |to: InvitedTo| InvitedInto { context: to.id.0, roles: ids(to.roles) };
        Self {
            tenant: tenant.0.clone(),
            id: invitation::id_of(key),
            url: None,
            email: invited.email,
            name: invited.name,
            by_mail: invited.mailed,
            roles: ids(invited.roles),
            contexts: invited.contexts.into_iter().map(into).collect(),
            by: invited.by,
            created_at: invited.made_at.map(date::write),
            expires_at: date::write(expires_at),
        }
    }
}

impl Manage {
    /// Invites somebody. The link works once, for seven days. Nobody gives roles whose permissions of administration they do not hold.
    pub async fn invite(&self, tenant: Option<String>, wish: Invitation) -> Result<InvitationRow, Trouble> {
        self.invite_and(tenant, wish, &|_| Vec::new()).await
    }

    /// The same; `also` is committed with it.
    pub async fn invite_and(
        &self,
        tenant: Option<String>,
        wish: Invitation,
        also: &AlsoInvited<'_>,
    ) -> Result<InvitationRow, Trouble> {
        let id = self.tenant(tenant).await?;
        self.allow(&id, Area::Users, Access::Write)?;
        let invited = self.invited(&id, wish).await?;
        let facts = self.facts(&id)?;
        for _ in 0..ATTEMPTS {
            let decision = {
                let mut rng = SystemRandom;
                invited.clone().invite(self.by().actor.clone(), &facts, &mut self.ctx(&mut rng))
            };
            let made = decision.answer.map_err(|refusal| Fault::new("invite", refusal.description))?;
            let Made { key, invited, expires_at, url } = made;
            let row =
                InvitationRow { url, ..InvitationRow::of(&id, OpenInvitation { key, invited, expires_at }) };
            let mut effects = decision.effects;
            effects.extend(also(&row));
            match self.store().commit(effects).await {
                Ok(()) => return Ok(row),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    /// The invitations that nobody has used yet, in the order in which they end.
    pub async fn invitations(&self, tenant: Option<String>) -> Result<Vec<InvitationRow>, Trouble> {
        let mut rows = Vec::new();
        for tenant in self.tenants(tenant).await? {
            self.allow(&tenant, Area::Users, Access::Read)?;
            let mut after = None;
            loop {
                let found = self.store().invitations(&tenant, after, PAGE).await?;
                let Some(last) = found.last() else { break };
                after = Some(last.key);
                rows.extend(found.into_iter().map(|open| InvitationRow::of(&tenant, open)));
            }
        }
        Ok(rows)
    }

    /// Calls an invitation back. One that was used, or is too old, is unknown.
    pub async fn withdraw_invitation(&self, tenant: Option<String>, id: &str) -> Result<(), Trouble> {
        let tenant = self.tenant(tenant).await?;
        self.allow(&tenant, Area::Users, Access::Write)?;
        let unknown = || Trouble::Unknown { noun: "invitation", name: id.to_owned() };
        let request = Withdraw { key: invitation::key_of(id).ok_or_else(unknown)? };
        let facts = self.facts(&tenant)?;
        for _ in 0..ATTEMPTS {
            let loaded = self.store().load(facts.clone(), &request.needs()).await?;
            let decision = {
                let mut rng = SystemRandom;
                request.decide(self.by().actor.clone(), &loaded, &mut self.ctx(&mut rng))
            };
            match decision.answer {
                Ok(()) => {}
                Err(refusal) if refusal.reason == Reason::ObjectUnknown => return Err(unknown()),
                Err(refusal) => return Err(Fault::new("withdraw an invitation", refusal.description).into()),
            }
            match self.store().commit(decision.effects).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    /// What an invitation holds, of what was wished for.
    async fn invited(&self, id: &TenantId, wish: Invitation) -> Result<Invited, Trouble> {
        let email = wish.email.as_deref().map(Email::parse).transpose();
        let email = email.map_err(|error| of_member("email", &error))?;
        let name = wish.name.as_deref().map(DisplayName::parse).transpose();
        let name = name.map_err(|error| of_member("name", &error))?;
        if wish.by_mail && email.is_none() {
            return Err(Trouble::Refused("an invitation by mail needs an address"));
        }
        if wish.by_mail && !self.sends_mail {
            return Err(Trouble::Refused("this server sends no mail: invite by a link, or set mail.host"));
        }
        if let Some(email) = &email
            && self.store().user_by_name(id, email.key()).await?.is_some()
        {
            return Err(Trouble::Refused("somebody has an account with that address already"));
        }
        let roles = self.roles(id, &wish.roles).await?;
        let mut contexts = Vec::new();
        for (context, roles) in &wish.contexts {
            self.allow(id, Area::Contexts, Access::Write)?;
            let found = self.store().context(id, context).await?;
            let found = found.ok_or_else(|| Trouble::Unknown { noun: "context", name: context.0.clone() })?;
            let roles = self.roles(id, roles).await?;
            contexts.push(InvitedTo { context: found.key, id: found.id, roles });
        }
        Ok(Invited {
            email: email.map(|email| email.as_str().to_owned()),
            mailed: wish.by_mail,
            name: name.map(|name| name.as_str().to_owned()),
            roles,
            contexts,
            ..Invited::default()
        })
    }

    async fn roles(
        &self,
        tenant: &TenantId,
        wanted: &BTreeSet<RoleId>,
    ) -> Result<Vec<(RoleKey, RoleId)>, Trouble> {
        let mut roles = Vec::new();
        for id in wanted {
            let found = self.store().role(tenant, id).await?;
            let role = found.ok_or_else(|| Trouble::Unknown { noun: "role", name: id.0.clone() })?;
            let lacking = role.permissions.iter().find(|one| !self.by().rights.holds_permission(one));
            if let Some(permission) = lacking {
                return Err(Trouble::Denied(Denied::Scope(permission.as_str().to_owned())));
            }
            roles.push((role.key, role.id));
        }
        Ok(roles)
    }
}

const ATTEMPTS: usize = 3;
/// Invitations that are read at a time.
const PAGE: i64 = 200;

fn of_member(name: &str, error: &impl std::fmt::Display) -> Trouble {
    Trouble::Misshapen(Problems::of_member(name, error.to_string()))
}
