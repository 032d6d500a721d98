//! Contexts.

use super::record::Key;
use super::work::{Slot, Work, against};
use super::{Did, Outcome};
use crate::Ctx;
use crate::admin::{Access, Area};
use crate::desired::problem::At;
use crate::desired::{ContextSpec, Problems};
use crate::id::{ContextId, ContextKey};
use crate::model::context::MAX_DEPTH;
use crate::model::tombstone::ExternalKind;

impl Work<'_> {
    pub(super) fn put_context(
        &mut self,
        key: &Key,
        spec: &ContextSpec,
        ctx: &mut Ctx<'_>,
    ) -> Result<Did, Outcome> {
        self.rights().allow(self.batch.tenant, Area::Contexts, Access::Write)?;
        let known = self.contexts_by_external.get(&key.id).copied();
        if let Some(found) = known.and_then(|at| self.contexts[at].now.as_ref()) {
            if let Some(did) = against(key.version, found.external_version) {
                return Ok(did);
            }
        } else if self.is_buried(ExternalKind::Context, &key.id, key.version) {
            return Ok(Did::Ignored);
        }
        let at = match (known, self.contexts_by_id.get(&spec.id).copied()) {
            (Some(known), Some(named)) if known == named => Some(known),
            (Some(_), _) => {
                return Err(Outcome::one("id", "a context keeps its id; remove it and make it anew"));
            }
            (None, Some(named)) => {
                if self.contexts[named].now.as_ref().is_some_and(|context| context.external_id.is_some()) {
                    return Err(Outcome::not_yet("id", "is the id of a context with another external_id"));
                }
                Some(named)
            }
            (None, None) => None,
        };
        let before = at.and_then(|at| self.contexts[at].now.clone());
        let mut problems = Problems::default();
        spec.check(before.as_ref(), &At::root(), &mut problems);
        if !problems.0.is_empty() {
            return Err(Outcome::refused(problems, false));
        }
        let above = self.above(spec.parent.as_ref())?;
        let made = match before {
            Some(_) => (ContextKey(0), Vec::new()),
            None => (self.context_keys.next().unwrap_or(ContextKey(0)), above),
        };
        let now = spec.filled(before.as_ref()).onto(self.batch.tenant, before.as_ref(), made, ctx.now);
        match at {
            Some(at) => {
                self.contexts_by_external.insert(key.id.clone(), at);
                self.contexts[at].now = Some(now);
                Ok(Did::Updated)
            }
            None => {
                self.contexts_by_external.insert(key.id.clone(), self.contexts.len());
                self.contexts_by_id.insert(now.id.clone(), self.contexts.len());
                self.contexts.push(Slot { before: None, now: Some(now) });
                Ok(Did::Created)
            }
        }
    }

    /// What lies below goes with it.
    pub(super) fn remove_context(&mut self, key: &Key) -> Result<Did, Outcome> {
        self.rights().allow(self.batch.tenant, Area::Contexts, Access::Write)?;
        let Some(at) = self.contexts_by_external.get(&key.id).copied() else {
            self.bury(ExternalKind::Context, &key.id, key.version);
            return Ok(Did::Unchanged);
        };
        let Some(found) = self.contexts[at].now.clone() else { return Ok(Did::Unchanged) };
        if found.external_version.is_some_and(|stored| stored > key.version) {
            return Ok(Did::Ignored);
        }
        let mut gone = Vec::new();
        for slot in &mut self.contexts {
            let Some(context) = &slot.now else { continue };
            if context.key != found.key && !context.ancestors.contains(&found.key) {
                continue;
            }
            gone.push(context.key);
            self.contexts_by_id.remove(&context.id);
            context.external_id.as_ref().map(|id| self.contexts_by_external.remove(id));
            // Of those below only what was to become of them is forgotten: their rows are dead as they are.
            if context.key != found.key {
                slot.before = None;
            }
            slot.now = None;
        }
        self.forget_memberships(|membership| gone.contains(&membership.context));
        self.bury(ExternalKind::Context, &key.id, key.version);
        Ok(Did::Removed)
    }

    /// The keys of all above a context in that parent, the nearest first.
    fn above(&self, parent: Option<&ContextId>) -> Result<Vec<ContextKey>, Outcome> {
        let Some(parent) = parent else { return Ok(Vec::new()) };
        let found = self.contexts_by_id.get(parent).and_then(|at| self.contexts[*at].now.as_ref());
        let Some(found) = found else {
            return Err(Outcome::not_yet("parent", "there is no such context"));
        };
        let mut above = vec![found.key];
        above.extend(&found.ancestors);
        if above.len() >= MAX_DEPTH {
            return Err(Outcome::one("parent", "contexts nest at most four deep"));
        }
        Ok(above)
    }
}
