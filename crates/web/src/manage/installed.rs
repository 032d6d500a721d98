//! What people do to installations on pages. Each is the plan that the admin API would make of it, on what they were shown.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{Current, InstallationSpec, Kind, State};
use doorward_core::id::{ContextId, ExtensionId, InstallationId, TenantId};
use doorward_core::model::{Extension, Installation};
use doorward_wire::scope::Scopes;

use super::edit::{objects_of, state};
use super::{Manage, Reach, Trouble};

/// An extension that shall be installed.
#[derive(Clone, Debug)]
pub struct Install {
    /// Which.
    pub extension: ExtensionId,
    /// Where.
    pub context: ContextId,
    /// What is consented to.
    pub scopes: Scopes,
    /// The key of its variant, where it has some.
    pub variant: Option<String>,
    /// The version of the manifest that was shown.
    pub manifest_version: i64,
}

impl Manage {
    /// Installs an extension; nothing where its manifest is not the one that was shown any longer. What the actor may not install
    /// there, is not there for them.
    pub async fn install(&self, tenant: &TenantId, wanted: &Install) -> Result<InstallationId, Trouble> {
        if !self.may_install(tenant, (&wanted.extension, &wanted.context)).await? {
            return Err(Trouble::Unknown { noun: "extension", name: wanted.extension.0.clone() });
        }
        let spec = InstallationSpec {
            extension: wanted.extension.clone(),
            context: wanted.context.clone(),
            scopes: Some(wanted.scopes.clone()),
            variant: wanted.variant.clone(),
            settings: None,
            disabled: None,
            suspended: None,
            manifest_version: None,
        };
        let names = [wanted.extension.0.clone(), wanted.context.0.clone()];
        let wish = |current: &Current| {
            is_as_shown(current, tenant, &wanted.extension, wanted.manifest_version)?;
            match standing(current, tenant, &names) {
                Some(_) => Err(Trouble::Exists { noun: "installation", name: spec.name() }),
                None => self.wish(current, tenant, Some(&spec)),
            }
        };
        let reach = Reach::Named(tenant, Kind::Installation, &names);
        let (_, after) = self.carry_out_with(reach, wish, (false, false), |_, _| Ok(Vec::new())).await?;
        standing(&after, tenant, &names).map(|row| row.id.clone()).ok_or(Trouble::Conflict)
    }

    /// An installation is switched on, or off, as its members do.
    pub async fn switch(&self, row: &Installation, is_on: bool) -> Result<(), Trouble> {
        self.becomes(row, |_, found| {
            if is_on {
                found.life.enable().map_err(|_| Trouble::Refused(SUSPENDED))?;
            }
            Ok(InstallationSpec { disabled: Some(!is_on), ..InstallationSpec::of(found) })
        })
        .await
    }

    /// Of an installation, exactly this is consented to from now on; nothing changes where its extension's manifest is not the one that
    /// was shown any longer.
    pub async fn consent(
        &self,
        row: &Installation,
        scopes: &Scopes,
        manifest_version: i64,
    ) -> Result<(), Trouble> {
        self.becomes(row, |current, found| {
            is_as_shown(current, &row.tenant, &row.extension_id, manifest_version)?;
            Ok(InstallationSpec {
                scopes: Some(scopes.clone()),
                manifest_version: Some(manifest_version),
                ..InstallationSpec::of(found)
            })
        })
        .await
    }

    /// An installation is removed.
    pub async fn uninstall(&self, row: &Installation) -> Result<(), Trouble> {
        let names = names(row);
        let wish = |current: &Current| {
            same(current, row, &names)?;
            self.wish(current, &row.tenant, None)
        };
        self.carry_out(Reach::Named(&row.tenant, Kind::Installation, &names), wish, false, true).await?;
        Ok(())
    }

    /// Whether the actor administers the installation where it is.
    pub fn administers(&self, found: &super::Found, access: Access) -> bool {
        let (rights, tenant) = (&self.by().rights, &found.installation.tenant);
        match &found.place {
            None => rights.allow(tenant, Area::Installations, access).is_ok(),
            Some(place) => rights.allow_in(tenant, (Area::Installations, access), place).is_ok(),
        }
    }

    async fn becomes(
        &self,
        row: &Installation,
        change: impl Fn(&Current, &Installation) -> Result<InstallationSpec, Trouble>,
    ) -> Result<(), Trouble> {
        let names = names(row);
        let wish = |current: &Current| {
            let spec = change(current, same(current, row, &names)?)?;
            self.wish(current, &row.tenant, Some(&spec))
        };
        self.carry_out(Reach::Named(&row.tenant, Kind::Installation, &names), wish, false, false).await?;
        Ok(())
    }

    fn wish(
        &self,
        current: &Current,
        tenant: &TenantId,
        spec: Option<&InstallationSpec>,
    ) -> Result<State, Trouble> {
        let (whole, _) = objects_of(current, tenant, Kind::Installation, self.store().now())?;
        let wanted = spec.map(|spec| serde_json::to_value(spec).unwrap_or_default());
        state(whole, Kind::Installation, wanted.into_iter().collect())
    }
}

fn names(row: &Installation) -> [String; 2] {
    [row.extension_id.0.clone(), row.context_id.0.clone()]
}

/// The installation that stands by these names.
fn standing<'a>(
    current: &'a Current,
    tenant: &TenantId,
    [extension, context]: &[String; 2],
) -> Option<&'a Installation> {
    let rows = &current.tenant(tenant)?.installations;
    rows.iter().find(|row| row.extension_id.0 == *extension && row.context_id.0 == *context)
}

/// The same installation as it is now: one that was made anew in its place is another.
fn same<'a>(
    current: &'a Current,
    row: &Installation,
    names: &[String; 2],
) -> Result<&'a Installation, Trouble> {
    standing(current, &row.tenant, names)
        .filter(|found| found.id == row.id)
        .ok_or_else(|| Trouble::Unknown { noun: "installation", name: row.id.0.clone() })
}

fn is_as_shown(current: &Current, tenant: &TenantId, id: &ExtensionId, shown: i64) -> Result<(), Trouble> {
    let of = current.tenant(tenant).map_or(&[][..], |found| &found.extensions);
    let found: Option<&Extension> = of.iter().find(|known| known.id == *id);
    let found = found.ok_or_else(|| Trouble::Unknown { noun: "extension", name: id.0.clone() })?;
    if found.manifest_version == shown { Ok(()) } else { Err(Trouble::Stale) }
}

/// Why members cannot switch it on.
pub const SUSPENDED: &str = "the platform has switched the installation off";
