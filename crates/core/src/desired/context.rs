//! A context as it is desired.

use serde::{Deserialize, Serialize};

use super::problem::{At, Problems};
use super::{since, switch};
use crate::Timestamp;
use crate::id::{ContextId, ContextKey, TenantId};
use crate::model::Context;
use doorward_wire::text::DisplayName;

/// A context of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextSpec {
    /// Its typed id, such as `project/p-123`.
    pub id: ContextId,
    /// Its name. Absent: as it is, the id at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The context that it lies in. Never changes; contexts nest at most four deep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ContextId>,
    /// Nobody may do anything in it or below. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Its id in the system that brings contexts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The version of that system's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_version: Option<i64>,
}

impl ContextSpec {
    /// The context as it is.
    pub fn of(context: &Context) -> Self {
        Self {
            id: context.id.clone(),
            name: Some(context.name.clone()),
            parent: context.parent.clone(),
            disabled: switch(None, context.disabled_at.is_some()),
            external_id: context.external_id.clone(),
            external_version: context.external_version,
        }
    }

    pub(super) fn filled(&self, before: Option<&Context>) -> Self {
        let stored = || before.map_or_else(|| self.id.0.clone(), |context| context.name.clone());
        Self {
            name: Some(self.name.clone().unwrap_or_else(stored)),
            disabled: switch(self.disabled, before.is_some_and(|context| context.disabled_at.is_some())),
            ..self.clone()
        }
    }

    /// Its row; `key` and `ancestors` are for one that is made.
    pub(super) fn onto(
        &self,
        tenant: &TenantId,
        before: Option<&Context>,
        (key, ancestors): (ContextKey, Vec<ContextKey>),
        now: Timestamp,
    ) -> Context {
        Context {
            tenant: tenant.clone(),
            key: before.map_or(key, |context| context.key),
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.0.clone()),
            parent: self.parent.clone(),
            ancestors: before.map_or(ancestors, |context| context.ancestors.clone()),
            disabled_at: since(before.and_then(|context| context.disabled_at), self.disabled, now),
            removed_at: None,
            external_id: self.external_id.clone(),
            external_version: self.external_version,
            version: before.map_or(0, |context| context.version),
            created_at: before.map_or(now, |context| context.created_at),
            updated_at: now,
        }
    }

    /// What holds of its id where it is made.
    pub(super) fn check_name(&self, at: &At, problems: &mut Problems) {
        problems.expect(
            !self.id.as_str().starts_with("tenant/"),
            &at.field("id"),
            "is of the kind of the tenant itself, in which extensions are installed",
        );
    }

    pub(super) fn check(&self, before: Option<&Context>, at: &At, problems: &mut Problems) {
        problems.expect(
            ContextId::is_well_formed(self.id.as_str()),
            &at.field("id"),
            "must be a kind and an id such as project/p-123: lower-case letters, digits, '-' and '_', a slash, then letters, digits, '.', '_', '~' and '-'",
        );
        if let Some(name) = self.name.as_ref().filter(|name| **name != self.id.0) {
            problems.take(&at.field("name"), DisplayName::parse(name));
        }
        problems.expect(
            before.is_none_or(|context| context.parent == self.parent),
            &at.field("parent"),
            "a context stays where it is; remove it and make it anew",
        );
        super::user::check_external_id(self.external_id.as_deref(), at, problems);
        super::user::check_external_version(self.external_version, at, problems);
    }
}
