//! Where somebody may install something, by their roles: contexts that are on, and the tenant itself.

use std::collections::HashSet;

use doorward_core::admin::in_person::Visitor;
use doorward_core::admin::{Access, Area};
use doorward_core::id::{ContextId, ContextKey, ExtensionKey};
use doorward_core::model::{Context, Extension, ExtensionState};
use doorward_store::Fault;
use doorward_store::installations::PLACES_ASKED;

use crate::app::Call;

/// A place.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub id: ContextId,
    pub key: ContextKey,
    pub name: String,
    above: Vec<ContextKey>,
}

/// The places of one person: so many at most.
#[derive(Debug, Default)]
pub(super) struct Spots {
    all: Vec<Spot>,
    installed: HashSet<(ExtensionKey, ContextKey)>,
    /// Whether there are more.
    pub is_cut: bool,
}

impl Spots {
    /// Those of a person. Who may install in the whole tenant finds what they belong to first.
    pub async fn of(call: &Call<'_>, visitor: &Visitor) -> Result<Self, Fault> {
        let (store, tenant, rights) = (&call.app.store, &call.issuer.tenant, &visitor.rights);
        let is_wide = rights.allow(tenant, Area::Installations, Access::Write).is_ok();
        let mut spots = Self::default();
        let roots: Vec<ContextId> = if is_wide {
            spots.all.push(Spot::whole(call));
            let belongs = store.memberships_of(tenant, &visitor.user.id, None, LIMIT).await?;
            belongs.into_iter().map(|membership| membership.context_id).collect()
        } else {
            rights.contexts_of(Area::Installations, Access::Write).cloned().collect()
        };
        for root in roots {
            if let Some(found) = store.context(tenant, &root).await?.filter(|_| !spots.is_cut) {
                spots.add(store.contexts_on_below(tenant, found.key, LIMIT).await?);
            }
        }
        if is_wide && !spots.is_cut {
            spots.add(store.contexts_on(tenant, LIMIT).await?);
        }
        let keys: Vec<ContextKey> = spots.all.iter().map(|spot| spot.key).collect();
        spots.installed = store.installed_in(tenant, &keys).await?;
        Ok(spots)
    }

    fn add(&mut self, found: Vec<Context>) {
        for context in found {
            if self.all.iter().any(|spot| spot.key == context.key) {
                continue;
            }
            if self.all.len() == PLACES_ASKED {
                self.is_cut = true;
                return;
            }
            self.all.push(Spot::of(context));
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Those where the extension is offered, and not installed yet.
    pub fn free_for(&self, extension: &Extension) -> Vec<&Spot> {
        let is_free = |spot: &&Spot| {
            is_offered(extension, spot) && !self.installed.contains(&(extension.key, spot.key))
        };
        self.all.iter().filter(is_free).collect()
    }
}

impl Spot {
    fn of(context: Context) -> Self {
        Self { id: context.id, key: context.key, name: context.name, above: context.ancestors }
    }

    fn whole(call: &Call<'_>) -> Self {
        let tenant = &call.tenant.tenant;
        Self {
            id: format!("tenant/{}", tenant.id).into(),
            key: ContextKey(0),
            name: tenant.name.clone(),
            above: Vec::new(),
        }
    }
}

/// Whether an extension may be installed at all: what is deprecated goes on where it is, and is installed nowhere else.
pub(super) fn is_installable(extension: &Extension) -> bool {
    extension.state < ExtensionState::Deprecated && extension.suspended_at.is_none()
}

/// Whether it is found there: what is not published yet is for those who make it.
fn is_offered(extension: &Extension, spot: &Spot) -> bool {
    let is_makers =
        || extension.contributor_key.is_some_and(|key| spot.key == key || spot.above.contains(&key));
    is_installable(extension)
        && extension.manifest.fits(spot.id.kind())
        && (extension.state == ExtensionState::Published || is_makers())
}

/// One more than are asked about: whether there are more.
const LIMIT: i64 = PLACES_ASKED as i64 + 1;
