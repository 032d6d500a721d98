//! Planning extensions, their clients, and where they are installed.

use std::collections::{BTreeSet, HashMap};

use super::extension::ExtensionSpec;
use super::installation::{InstallationSpec, is_tenant};
use super::plan::{Action, Change, Kind};
use super::planner::{Planner, value};
use super::problem::At;
use super::result::{Resulting, ResultingExtension, ResultingInstallation};
use super::step::{InstallationStep, Step};
use super::{ClientSpec, CurrentTenant, TenantSpec};
use crate::id::{ClientId, ContextId, ContextKey, ExtensionId, ExtensionKey};
use crate::model::{Extension, Installation};

impl Planner {
    pub(super) fn extensions(
        &mut self,
        spec: &TenantSpec,
        found: Option<&CurrentTenant>,
        at: &At,
        result: &mut Resulting,
    ) {
        let tenant = &spec.id;
        let current: &[Extension] = found.map_or(&[], |found| &found.extensions);
        let places = places(found);
        let key = |wish: &ExtensionSpec| wish.id.0.clone();
        let known = |known: &Extension| known.id.0.clone();
        let matched = self.matched(spec.extensions.as_deref(), current, key, known, at, "extensions");
        for (wish, found) in matched.pairs {
            wish.check(found, &at.item("extensions", &wish.id), &mut self.problems);
            let filled = wish.filled(found);
            let before = found.map(|found| value(&ExtensionSpec::of(found)));
            let contributor = filled.contributor.as_ref().and_then(|id| places.get(id)).copied();
            self.change(tenant, Kind::Extension, wish.id.as_str(), before, value(&filled), || {
                Step::Extension(Box::new(filled.clone()), contributor, found.cloned().map(Box::new))
            });
            result.extensions.push(ResultingExtension {
                is_named: true,
                is_new: found.is_none(),
                spec: ExtensionSpec { client_secret: wish.client_secret.clone(), ..filled },
            });
        }
        for found in matched.rest {
            let step = Step::RemoveExtension(Box::new(found.clone()));
            if self.rest(tenant, Kind::Extension, found.id.as_str(), spec.extensions.is_some(), step) {
                result.extensions.push(ResultingExtension::kept(found));
            }
        }
    }

    /// The client of an extension comes with it where there is none, and goes with it.
    pub(super) fn extension_clients(
        &mut self,
        spec: &TenantSpec,
        found: Option<&CurrentTenant>,
        result: &mut Resulting,
    ) {
        let tenant = &spec.id;
        let listed: BTreeSet<&ClientId> = spec.clients.iter().flatten().map(|client| &client.id).collect();
        let known = |id: &ExtensionId| {
            found.is_some_and(|found| found.clients.iter().any(|known| known.client.id == id.client()))
        };
        let made: Vec<_> = result
            .extensions
            .iter()
            .filter(|of| of.is_named && !known(&of.spec.id) && !listed.contains(&of.spec.id.client()))
            .map(|of| of.spec.client(&result.apis, of.spec.client_secret.clone()).filled(None, self.now))
            .collect();
        for client in made {
            self.change(tenant, Kind::Client, client.id.as_str(), None, value(&client), || {
                Step::Client(Box::new(client.clone()), None)
            });
            self.plan.with_extensions.push((tenant.clone(), client.id.clone()));
            result.clients.push(client);
        }
    }

    /// A client that the document does not name, in step with its extension's new manifest: each member that said what the manifest before
    /// said. What somebody made otherwise stays, and so do redirect URIs: where codes go is said of the client itself.
    pub(super) fn in_step(
        &mut self,
        client: ClientSpec,
        found: Option<&CurrentTenant>,
        result: &Resulting,
    ) -> ClientSpec {
        let is_its = |id: &ExtensionId| id.client() == client.id;
        let after = result.extensions.iter().find(|of| of.is_named && is_its(&of.spec.id));
        let before = found.and_then(|found| found.extensions.iter().find(|known| is_its(&known.id)));
        let (Some(after), Some(before)) = (after, before) else { return client };
        if before.manifest == after.spec.manifest {
            return client;
        }
        let was = ExtensionSpec::of(before).client(&result.apis, None);
        let is = after.spec.client(&result.apis, None);
        let mut followed = client.clone();
        follow(&mut followed.name, &was.name, is.name);
        follow(&mut followed.scopes, &was.scopes, is.scopes);
        follow(&mut followed.apis, &was.apis, is.apis);
        if value(&followed) != value(&client) {
            self.plan.with_extensions.push((result.id.clone(), client.id));
        }
        followed
    }

    pub(super) fn installations(
        &mut self,
        spec: &TenantSpec,
        found: Option<&CurrentTenant>,
        at: &At,
        result: &mut Resulting,
    ) {
        let tenant = &spec.id;
        let current: &[Installation] = found.map_or(&[], |found| &found.installations);
        let places = places(found);
        let extensions: HashMap<&ExtensionId, ExtensionKey> = found
            .iter()
            .flat_map(|found| &found.extensions)
            .map(|extension| (&extension.id, extension.key))
            .collect();
        let known = |row: &Installation| InstallationSpec::of(row).name();
        let list = spec.installations.as_deref();
        let matched = self.matched(list, current, InstallationSpec::name, known, at, "installations");
        for (wish, before) in matched.pairs {
            let id = wish.name();
            wish.check(&at.item("installations", &id), &mut self.problems);
            let of = result.extensions.iter().find(|of| of.spec.id == wish.extension).map(|of| &of.spec);
            let filled = wish.filled(before, of);
            let was = before.map(|row| value(&InstallationSpec::of(row)));
            let whole = is_tenant(&wish.context, tenant).then_some(ContextKey(0));
            self.change(tenant, Kind::Installation, &id, was, value(&filled), || {
                Step::Installation(Box::new(InstallationStep {
                    spec: filled.clone(),
                    extension: extensions.get(&wish.extension).copied(),
                    context: whole.or_else(|| places.get(&wish.context).copied()),
                    before: before.cloned(),
                }))
            });
            let (spec, before) = (filled, before.cloned());
            result.installations.push(ResultingInstallation { is_named: true, spec, before });
        }
        for row in matched.rest {
            let step = Step::RemoveInstallation(Box::new(row.clone()));
            if self.rest(tenant, Kind::Installation, &known(row), spec.installations.is_some(), step) {
                result.installations.push(ResultingInstallation::kept(row));
            }
        }
    }

    /// A client that the document does not name, where it is an extension's: whether it stays with its extension, or goes with it.
    pub(super) fn client_of_extension(
        &mut self,
        (spec, id): (&TenantSpec, &ClientId),
        found: Option<&CurrentTenant>,
        (at, result): (&At, &Resulting),
        removal: Step,
    ) -> Option<bool> {
        let is_it = |of: &&ResultingExtension| of.spec.id.client() == *id;
        if let Some(of) = result.extensions.iter().find(is_it) {
            let would_go = spec.clients.is_some() && self.prune && !of.is_named;
            if would_go {
                self.problems.add(&at.item("extensions", &of.spec.id).field("id"), "is what this client is");
                self.problems.0.iter_mut().rev().take(1).for_each(|problem| problem.is_used = true);
            }
            return Some(true);
        }
        let goes = found?.extensions.iter().any(|known| known.client() == *id);
        if !goes {
            return None;
        }
        let (tenant, kind, id) = (spec.id.clone(), Kind::Client, id.as_str().to_owned());
        self.plan.with_extensions.push((tenant.clone(), ClientId(id.clone())));
        let (action, lines, step) = (Action::Remove, Vec::new(), removal);
        self.plan.changes.push(Change { tenant, kind, id, action, lines, step });
        Some(false)
    }
}

/// A member that was as one thing goes on as another.
fn follow<T: PartialEq>(member: &mut T, was: &T, is: T) {
    if member == was {
        *member = is;
    }
}

/// The keys of the contexts that were read.
fn places(found: Option<&CurrentTenant>) -> HashMap<&ContextId, ContextKey> {
    let contexts = found.iter().flat_map(|found| &found.contexts);
    contexts.map(|context| (&context.id, context.key)).collect()
}
