//! The plan: what must change so that what is becomes what is desired.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::diff::Line;
use super::minted::Minted;
use super::planner::Planner;
use super::problem::{At, Problems};
use super::references;
use super::result::Resulting;
use super::step::{self, Step};
use super::{Current, State};
use crate::id::{ClientId, TenantId};
use crate::model::Actor;
use crate::{Ctx, Decision, Timestamp};

/// A plan. It is for the state that it was made from: a commit of it conflicts when something changed meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Every object that the document names, and every one beside them that is removed or kept.
    pub changes: Vec<Change>,
    /// What is worth knowing and wrong with nothing.
    pub notes: Vec<String>,
    /// The clients that come or go with their extensions.
    pub(crate) with_extensions: Vec<(TenantId, ClientId)>,
}

/// What becomes of one object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Whose tenant.
    pub tenant: TenantId,
    /// What it is.
    pub kind: Kind,
    /// Its id; the user name of a person who is made.
    pub id: String,
    /// What becomes of it.
    pub action: Action,
    /// The differences.
    pub lines: Vec<Line>,
    #[serde(skip)]
    pub(crate) step: Step,
}

/// Kinds of objects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A tenant.
    Tenant,
    /// An issuer.
    Issuer,
    /// An API.
    Api,
    /// A role.
    Role,
    /// A context.
    Context,
    /// A client.
    Client,
    /// A person.
    User,
    /// A person in a context.
    Membership,
    /// An extension.
    Extension,
    /// An extension in a context.
    Installation,
}

/// What becomes of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is not in the document, and stays because the caller did not say `prune`.
    Keep,
    /// It is removed.
    Remove,
    /// It stays as it is.
    Unchanged,
    /// It is changed.
    Update,
}

/// What must change. `desired` is settled ([`super::settle()`]); with `prune`, what a list of it does not name is removed.
pub fn plan(current: &Current, desired: &State, prune: bool, now: Timestamp) -> Result<Plan, Problems> {
    let mut planner =
        Planner { prune, now, chosen: current.chosen, plan: Plan::default(), problems: Problems::default() };
    let mut results = Vec::new();
    let mut seen = HashMap::new();
    for spec in &desired.tenants {
        let at = At::tenant(spec.id.as_str());
        if seen.insert(&spec.id, ()).is_some() {
            planner.problems.add(&at, "is listed twice");
            continue;
        }
        results.push(planner.tenant(spec, current.tenant(&spec.id), &at));
    }
    for tenant in current.tenants.iter().filter(|tenant| !seen.contains_key(&tenant.tenant.id)) {
        results.push(Resulting::untouched(tenant, current.chosen, now));
    }
    let before = |id: &TenantId| Some(Resulting::untouched(current.tenant(id)?, current.chosen, now));
    references::check(&results, &before, &mut planner.problems);
    planner.problems.into_result()?;
    Ok(planner.plan)
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.count(Action::Create) + self.count(Action::Update) + self.count(Action::Remove) == 0
    }

    /// Whether a client comes or goes with its extension.
    pub(crate) fn comes_with_extension(&self, tenant: &TenantId, client: &str) -> bool {
        self.with_extensions.iter().any(|(of, id)| of == tenant && id.as_str() == client)
    }

    /// How many objects that happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }

    /// Carry it out: everything in one commit, one event for each object, which names `by`.
    pub fn decide(&self, by: &Actor, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (removals, others): (Vec<&Change>, Vec<&Change>) =
            self.changes.iter().partition(|change| change.step.is_removal());
        // What is removed or changes its name frees the name before anything takes it.
        // What is made here may be named by what comes after it.
        let minted = Minted::of(&self.changes, ctx);
        let mut effects: Vec<_> =
            removals.into_iter().rev().flat_map(|change| step::effects(change, &minted, by, ctx)).collect();
        effects.extend(others.iter().filter_map(|change| step::frees(change)));
        effects.extend(others.into_iter().flat_map(|change| step::effects(change, &minted, by, ctx)));
        Decision::with(effects, ())
    }
}

impl Kind {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Issuer => "issuer",
            Self::Api => "api",
            Self::Role => "role",
            Self::Context => "context",
            Self::Client => "client",
            Self::User => "user",
            Self::Membership => "membership",
            Self::Extension => "extension",
            Self::Installation => "installation",
        }
    }
}
