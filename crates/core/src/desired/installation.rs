//! An installation as it is desired: an extension in a context, and what was consented to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::extension::ExtensionSpec;
use super::manifest::{KEY, is_key};
use super::problem::{At, Problems};
use super::{since, switch};
use crate::id::{ContextId, ContextKey, ExtensionId, ExtensionKey, TenantId};
use crate::model::{Installation, Life};
use crate::{Ctx, Timestamp};
use doorward_wire::scope::Scopes;

/// An extension that is installed in a context.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallationSpec {
    /// Which extension.
    pub extension: ExtensionId,
    /// Where: a context, or `tenant/` and the tenant's id for the tenant itself.
    pub context: ContextId,
    /// What is consented to, parted by spaces. Absent: as it is, all that the manifest asks for at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Scopes>,
    /// The key of a variant. Absent: as it is, the first at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Small values by name. Absent: as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    /// Its members have switched it off. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// The platform has switched it off. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// The version of the manifest that was consented to. Absent: as it is, that in force where scopes change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_version: Option<i64>,
}

impl InstallationSpec {
    /// The installation as it is.
    pub fn of(installation: &Installation) -> Self {
        let settings = Some(installation.settings.clone()).filter(|settings| !settings.is_empty());
        Self {
            extension: installation.extension_id.clone(),
            context: installation.context_id.clone(),
            scopes: Some(installation.scopes.clone()),
            variant: installation.variant.clone(),
            settings,
            disabled: switch(None, installation.life.disabled_at().is_some()),
            suspended: switch(None, installation.life.suspended_at().is_some()),
            manifest_version: Some(installation.manifest_version),
        }
    }

    /// How it is told from others: as a membership is, by what and where.
    pub fn name(&self) -> String {
        format!("{} in {}", self.extension, self.context)
    }

    /// With what is left to defaults, or to what is there, filled in.
    pub(super) fn filled(&self, before: Option<&Installation>, of: Option<&ExtensionSpec>) -> Self {
        let asks = || of.map(|of| of.manifest.asks()).unwrap_or_default();
        let scopes = self.scopes.clone().or(before.map(|known| known.scopes.clone())).unwrap_or_else(asks);
        let first = || Some(of?.manifest.variant(None)?.key.clone());
        let stored = before.map(|known| known.variant.clone());
        let settings = self.settings.clone().or(before.map(|known| known.settings.clone()));
        let in_force = of.and_then(|of| of.manifest_version).unwrap_or(1);
        let consents = before.is_none_or(|known| known.scopes != scopes);
        let version = match (self.manifest_version, before.map(|known| known.manifest_version)) {
            (Some(said), known) if known != Some(said) => said.min(in_force),
            (_, Some(known)) if !consents => known,
            _ => in_force,
        };
        let life = before.map(|known| known.life);
        Self {
            scopes: Some(scopes),
            variant: self.variant.clone().or(stored.unwrap_or_else(first)),
            settings: settings.filter(|settings| !settings.is_empty()),
            disabled: switch(self.disabled, life.is_some_and(|life| life.disabled_at().is_some())),
            suspended: switch(self.suspended, life.is_some_and(|life| life.suspended_at().is_some())),
            manifest_version: Some(version),
            ..self.clone()
        }
    }

    /// Its row. `made` says what one that is made is of, and where.
    pub(super) fn onto(
        &self,
        tenant: &TenantId,
        before: Option<&Installation>,
        made: (ExtensionKey, ContextKey),
        ctx: &mut Ctx<'_>,
    ) -> Installation {
        let known = |pick: fn(Life) -> Option<Timestamp>| before.and_then(|known| pick(known.life));
        let disabled_at = since(known(Life::disabled_at), self.disabled, ctx.now);
        let suspended_at = since(known(Life::suspended_at), self.suspended, ctx.now);
        let life = Life::of(disabled_at, suspended_at, None);
        let row = before.cloned().unwrap_or_else(|| Installation {
            id: crate::installation::fresh_id(ctx),
            tenant: tenant.clone(),
            extension: made.0,
            extension_id: self.extension.clone(),
            context: made.1,
            context_id: self.context.clone(),
            scopes: Scopes::default(),
            manifest_version: 1,
            variant: None,
            settings: Map::new(),
            installed_by: None,
            life,
            epoch: 1,
            version: 0,
            created_at: ctx.now,
            updated_at: ctx.now,
        });
        Installation {
            scopes: self.scopes.clone().unwrap_or_default(),
            manifest_version: self.manifest_version.unwrap_or(1),
            variant: self.variant.clone(),
            settings: self.settings.clone().unwrap_or_default(),
            ..row.living(life, ctx.now)
        }
    }

    /// What can be told of it alone.
    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        let Some(settings) = &self.settings else { return };
        let at = at.field("settings");
        problems.expect(settings.len() <= MOST_SETTINGS, &at, "has at most 100 values");
        for name in settings.keys() {
            problems.expect(is_key(name), &at.field(name), KEY);
        }
        let bytes = serde_json::to_string(settings).map_or(usize::MAX, |text| text.len());
        problems.expect(bytes <= SETTINGS_BYTES, &at, "has at most 16 KiB in all");
    }

    /// What must hold of it, filled, beside the extension that it is of. What stays as it was consented to stays, whatever its extension asks
    /// for now.
    pub(super) fn check_beside(
        &self,
        of: &ExtensionSpec,
        before: Option<&Installation>,
        tenant: &TenantId,
        at: &At,
        problems: &mut Problems,
    ) {
        let manifest = &of.manifest;
        let scopes = self.scopes.clone().unwrap_or_default();
        let is_of_now = self.manifest_version == of.manifest_version;
        if is_of_now && before.is_none_or(|known| known.scopes != scopes) {
            for scope in scopes.minus(&manifest.asks()).iter() {
                problems.add(&at.item("scopes", scope), "the extension does not ask for this");
            }
            for scope in manifest.insists_on().minus(&scopes).iter() {
                problems.add(&at.item("scopes", scope), "the extension does not do without this");
            }
        }
        if before.is_none_or(|known| known.variant != self.variant)
            && let Some(variant) = &self.variant
        {
            let known = manifest.variant(Some(variant)).is_some();
            problems.expect(known, &at.field("variant"), "the extension has no such variant");
        }
        if before.is_none() {
            let kind = if is_tenant(&self.context, tenant) { WHOLE } else { self.context.kind() };
            let what = "the extension is not for contexts of this kind";
            problems.expect(manifest.fits(kind), &at.field("context"), what);
        }
    }
}

/// Whether a context is the tenant itself.
pub(crate) fn is_tenant(context: &ContextId, tenant: &TenantId) -> bool {
    context.as_str().strip_prefix("tenant/") == Some(tenant.as_str())
}

/// The kind of the tenant itself.
const WHOLE: &str = "tenant";
const MOST_SETTINGS: usize = 100;
const SETTINGS_BYTES: usize = 16 * 1024;
