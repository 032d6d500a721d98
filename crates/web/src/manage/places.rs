//! Where extensions and installations are, and whether the actor administers them there.

use doorward_core::admin::{Access, Area, Place};
use doorward_core::id::{ContextId, ContextKey, ExtensionId, ExtensionKey, InstallationId, TenantId};
use doorward_core::model::{Context, Extension, Installation};

use super::{Manage, Trouble};

/// An installation that stands, and where it is; none: in the tenant itself.
#[derive(Clone, Debug)]
pub struct Found {
    /// The installation.
    pub installation: Installation,
    /// Where.
    pub place: Option<Place>,
}

impl Manage {
    /// A context that stands, with what is above it.
    pub async fn place(
        &self,
        tenant: &TenantId,
        id: &ContextId,
    ) -> Result<Option<(Context, Place)>, Trouble> {
        let Some(context) = self.store.context(tenant, id).await? else { return Ok(None) };
        let mut above = Vec::new();
        let mut next = context.parent.clone();
        while let Some(parent) = next {
            let Some(found) = self.store.context(tenant, &parent).await? else { return Ok(None) };
            next = found.parent;
            above.push(parent);
        }
        Ok(Some((context, Place { context: id.clone(), above })))
    }

    /// An installation that stands and that the actor may look at, or change. Another is not there for them.
    pub async fn installation(
        &self,
        tenant: &TenantId,
        id: &InstallationId,
        access: Access,
    ) -> Result<Found, Trouble> {
        let found = self.store.installation(tenant, id).await?;
        let found = found.filter(|row| row.life.removed_at().is_none());
        let unknown = || Trouble::Unknown { noun: "installation", name: id.0.clone() };
        let installation = found.ok_or_else(unknown)?;
        let place = match installation.context {
            ContextKey(0) => None,
            key => {
                let place = self.place(tenant, &installation.context_id).await?;
                let (_, place) = place.filter(|(context, _)| context.key == key).ok_or_else(unknown)?;
                Some(place)
            }
        };
        let rights = &self.by.rights;
        let allowed = match &place {
            None => rights.allow(tenant, Area::Installations, access),
            Some(place) => rights.allow_in(tenant, (Area::Installations, access), place),
        };
        allowed.map_err(|_| unknown())?;
        Ok(Found { installation, place })
    }

    /// An installation, whether it stands or is gone, and so is where it was: then it is there for who administers all of them.
    pub async fn installation_ever(
        &self,
        tenant: &TenantId,
        id: &InstallationId,
        access: Access,
    ) -> Result<Installation, Trouble> {
        let may_see_all = self.by.rights.allow(tenant, Area::Installations, access).is_ok();
        match self.store.installation(tenant, id).await? {
            Some(found) if may_see_all => Ok(found),
            _ => Ok(self.installation(tenant, id, access).await?.installation),
        }
    }

    /// At most so many installations in each of the contexts that the actor administers, and below it, of one extension or of any; in order
    /// of id, from the one after `after`.
    pub async fn own_installations(
        &self,
        tenant: &TenantId,
        of: Option<ExtensionKey>,
        (after, limit): (&str, i64),
    ) -> Result<Vec<Installation>, Trouble> {
        let mut found: Vec<Installation> = Vec::new();
        for id in self.by.rights.contexts_of(Area::Installations, Access::Read) {
            let Some(context) = self.store.context(tenant, id).await? else { continue };
            found.extend(self.store.installations_below(tenant, context.key, of, (after, limit)).await?);
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }

    /// An extension that the actor may look at, or change. Another is not there for them.
    pub async fn extension(
        &self,
        tenant: &TenantId,
        id: &ExtensionId,
        access: Access,
    ) -> Result<Extension, Trouble> {
        let found = self.store.extension(tenant, id).await?;
        let unknown = || Trouble::Unknown { noun: "extension", name: id.0.clone() };
        let found = found.ok_or_else(unknown)?;
        if self.makes(tenant, &found, access).await? { Ok(found) } else { Err(unknown()) }
    }

    /// Whether the actor administers every extension of a tenant.
    pub fn makes_all(&self, tenant: &TenantId, access: Access) -> bool {
        self.by.rights.allow(tenant, Area::Extensions, access).is_ok()
    }

    /// Whether the actor administers an extension: all of them, or those of its contributor.
    pub async fn makes(
        &self,
        tenant: &TenantId,
        extension: &Extension,
        access: Access,
    ) -> Result<bool, Trouble> {
        if self.makes_all(tenant, access) {
            return Ok(true);
        }
        let rights = &self.by.rights;
        let Some(contributor) = &extension.contributor else { return Ok(false) };
        let place = self.place(tenant, contributor).await?;
        Ok(place.is_some_and(|(context, place)| {
            extension.contributor_key == Some(context.key)
                && rights.allow_in(tenant, (Area::Extensions, access), &place).is_ok()
        }))
    }

    /// A contributor whose extensions the actor administers. Another is not there for them.
    pub async fn contributor(
        &self,
        tenant: &TenantId,
        id: &ContextId,
        access: Access,
    ) -> Result<ContextKey, Trouble> {
        let found = self
            .place(tenant, id)
            .await?
            .filter(|(_, place)| self.by.rights.allow_in(tenant, (Area::Extensions, access), place).is_ok());
        let unknown = || Trouble::Unknown { noun: "context", name: id.0.clone() };
        found.map(|(context, _)| context.key).ok_or_else(unknown)
    }

    /// Whether the actor may install the extension there, before anything else is looked at: what they do not administer, and what is
    /// not offered to them, is not there for them.
    pub async fn may_install(
        &self,
        tenant: &TenantId,
        (extension, context): (&ExtensionId, &ContextId),
    ) -> Result<bool, Trouble> {
        let rights = &self.by.rights;
        if rights.allow(tenant, Area::Installations, Access::Write).is_ok() {
            return Ok(true);
        }
        let Some((_, place)) = self.place(tenant, context).await? else { return Ok(false) };
        if rights.allow_in(tenant, (Area::Installations, Access::Write), &place).is_err() {
            return Ok(false);
        }
        let Some(found) = self.store.extension(tenant, extension).await? else { return Ok(false) };
        if found.state != doorward_core::model::ExtensionState::Draft {
            return Ok(true);
        }
        let Some(contributor) = found.contributor.filter(|id| place.and_above().any(|above| above == id))
        else {
            return Ok(false);
        };
        let known = self.store.context(tenant, &contributor).await?;
        Ok(known.is_some_and(|known| Some(known.key) == found.contributor_key))
    }
}
