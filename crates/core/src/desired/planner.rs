//! How a plan is made: what is desired beside what is, list by list.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::belonging;
use super::diff;
use super::leaving::Leaving;
use super::plan::{Action, Change, Kind, Plan};
use super::problem::{At, Problems};
use super::result::{Resulting, ResultingExtension, ResultingUser};
use super::step::Step;
use super::user::LEAST_PASSWORD;
use super::{
    ApiSpec, ClientSpec, CurrentClient, CurrentTenant, CurrentUser, IssuerSpec, TenantSpec, UserSpec,
};
use crate::Timestamp;
use crate::id::TenantId;
use crate::model::{Api, Issuer};
use crate::policies::Chosen;
use doorward_wire::text::UserName;

/// The plan as it grows, and what is wrong.
pub(super) struct Planner {
    pub(super) prune: bool,
    pub(super) now: Timestamp,
    pub(super) chosen: Chosen,
    pub(super) plan: Plan,
    pub(super) problems: Problems,
}

/// Desired objects with the current one of each, and current ones that are not desired.
pub(super) struct Matched<'a, S, C> {
    pub(super) pairs: Vec<(&'a S, Option<&'a C>)>,
    pub(super) rest: Vec<&'a C>,
}

impl Planner {
    pub(super) fn tenant(&mut self, spec: &TenantSpec, found: Option<&CurrentTenant>, at: &At) -> Resulting {
        spec.check(at, &mut self.problems);
        let filled = spec.filled(found.map(|found| &found.tenant));
        let before = found.map(|found| value(&TenantSpec::of(&found.tenant)));
        let row = found.map(|found| Box::new(found.tenant.clone()));
        self.change(&spec.id, Kind::Tenant, spec.id.as_str(), before, value(&filled), || {
            Step::Tenant(Box::new(filled.clone()), row)
        });
        let mut result = Resulting {
            id: spec.id.clone(),
            chosen: self.chosen,
            issuers: Vec::new(),
            kept_issuers: 0,
            apis: Vec::new(),
            clients: Vec::new(),
            named_clients: 0,
            users: Vec::new(),
            roles: BTreeSet::new(),
            contexts: BTreeMap::new(),
            external_contexts: Vec::new(),
            memberships: Vec::new(),
            extensions: Vec::new(),
            other_extensions: found.map_or_else(Vec::new, |found| {
                found.other_extensions.iter().map(ResultingExtension::kept).collect()
            }),
            installations: Vec::new(),
        };
        self.issuers(spec, found.map_or(&[], |found| &found.issuers), at, &mut result);
        self.apis(spec, found.map_or(&[], |found| &found.apis), at, &mut result);
        self.roles(spec, found.map_or(&[], |found| &found.roles), at, &mut result);
        self.contexts(spec, found.map_or(&[], |found| &found.contexts), at, &mut result);
        self.extensions(spec, found, at, &mut result);
        self.clients(spec, found, at, &mut result);
        self.users(spec, found, at, &mut result);
        self.memberships(spec, found, at, &mut result);
        self.installations(spec, found, at, &mut result);
        result
    }

    fn issuers(&mut self, spec: &TenantSpec, current: &[Issuer], at: &At, result: &mut Resulting) {
        let tenant = &spec.id;
        let key = |issuer: &IssuerSpec| issuer.id(tenant).0;
        let matched =
            self.matched(spec.issuers.as_deref(), current, key, |issuer| issuer.id.0.clone(), at, "issuers");
        let mut named = Vec::new();
        for (wish, found) in matched.pairs {
            let filled = wish.filled(tenant, found);
            let id = wish.id(tenant);
            wish.check(&at.item("issuers", &id), &mut self.problems);
            self.change(
                tenant,
                Kind::Issuer,
                id.as_str(),
                found.map(|issuer| value(&IssuerSpec::of(issuer))),
                value(&filled),
                || Step::Issuer(Box::new(filled.clone()), found.cloned().map(Box::new)),
            );
            named.push(filled);
        }
        for issuer in matched.rest {
            let step = Step::RemoveIssuer(issuer.id.clone(), issuer.version);
            if self.rest(tenant, Kind::Issuer, issuer.id.as_str(), spec.issuers.is_some(), step) {
                result.issuers.push(IssuerSpec::of(issuer));
            }
        }
        result.kept_issuers = result.issuers.len();
        result.issuers.append(&mut named);
    }

    fn apis(&mut self, spec: &TenantSpec, current: &[Api], at: &At, result: &mut Resulting) {
        let tenant = &spec.id;
        let key = |api: &ApiSpec| api.id().0;
        let matched = self.matched(spec.apis.as_deref(), current, key, |api| api.id.0.clone(), at, "apis");
        let mut named = Vec::new();
        for (wish, found) in matched.pairs {
            let filled = wish.filled(found);
            wish.check(&at.item("apis", &wish.id), &mut self.problems);
            self.change(
                tenant,
                Kind::Api,
                filled.id.as_str(),
                found.map(|api| value(&ApiSpec::of(api))),
                value(&filled),
                || Step::Api(Box::new(filled.clone()), found.cloned().map(Box::new)),
            );
            named.push(filled);
        }
        for api in matched.rest {
            let step = Step::RemoveApi(api.id.clone(), api.version);
            if self.rest(tenant, Kind::Api, api.id.as_str(), spec.apis.is_some(), step) {
                result.apis.push(ApiSpec::of(api));
            }
        }
        result.apis.append(&mut named);
    }

    fn clients(&mut self, spec: &TenantSpec, found: Option<&CurrentTenant>, at: &At, result: &mut Resulting) {
        let (tenant, now, of) = (&spec.id, self.now, found);
        let current: &[CurrentClient] = found.map_or(&[], |found| &found.clients);
        let leaving = Leaving::of(found, result);
        let key = |client: &ClientSpec| client.id.0.clone();
        let known = |found: &CurrentClient| found.client.id.0.clone();
        let matched = self.matched(spec.clients.as_deref(), current, key, known, at, "clients");
        for (wish, found) in matched.pairs {
            let filled = wish.filled(found, now);
            wish.check(&at.item("clients", &wish.id), &mut self.problems);
            if filled.lacks_secret(&result.issuers) {
                self.plan.notes.push(format!(
                    "client {} of tenant {tenant} has no secret, so it cannot authenticate; 'secret: generate' makes one",
                    wish.id
                ));
            }
            let before = found.map(|found| value(&ClientSpec::of(found, now)));
            self.change(tenant, Kind::Client, wish.id.as_str(), before, value(&filled), || {
                Step::Client(Box::new(filled.clone()), found.cloned().map(Box::new))
            });
            result.clients.push(filled);
        }
        self.extension_clients(spec, found, result);
        result.named_clients = result.clients.len();
        for found in matched.rest {
            let (step, id) = (Step::RemoveClient(Box::new(found.clone())), &found.client.id);
            let stays =
                self.client_of_extension((spec, id), of, (at, result), step.clone()).unwrap_or_else(|| {
                    self.rest(tenant, Kind::Client, id.as_str(), spec.clients.is_some(), step)
                });
            if stays {
                let before = ClientSpec::of(found, now);
                let left = leaving.left_of(found, now).unwrap_or_else(|| before.clone());
                let after = self.in_step(left, of, result);
                let (was, is) = (value(&before), value(&after));
                if was != is {
                    self.change(tenant, Kind::Client, after.id.as_str(), Some(was), is, || {
                        Step::Client(Box::new(after.clone()), Some(Box::new(found.clone())))
                    });
                }
                result.clients.push(after);
            }
        }
    }

    fn users(&mut self, spec: &TenantSpec, found: Option<&CurrentTenant>, at: &At, result: &mut Resulting) {
        let tenant = &spec.id;
        let current: &[CurrentUser] = found.map_or(&[], |found| &found.users);
        let roles = Arc::new(belonging::keys(found));
        let service = spec.name.as_deref().unwrap_or(tenant.as_str());
        // Known by id where there is one, else by user name.
        let ids: HashMap<&str, &str> =
            current.iter().map(|found| (found.user.user_name_key.as_str(), found.user.id.as_str())).collect();
        let key = |user: &UserSpec| match (&user.id, UserName::parse(&user.user_name)) {
            (Some(id), _) => id.0.clone(),
            (None, Ok(name)) => {
                ids.get(name.key()).map_or_else(|| name.key().to_owned(), |id| (*id).to_owned())
            }
            (None, Err(_)) => user.user_name.clone(),
        };
        let known = |found: &CurrentUser| found.user.id.0.clone();
        let matched = self.matched(spec.users.as_deref(), current, key, known, at, "users");
        let mut named = Vec::new();
        for (wish, found) in matched.pairs {
            let filled = wish.filled(found);
            let names = wish.check(
                (&[service], LEAST_PASSWORD),
                &at.item("users", &wish.user_name),
                &mut self.problems,
            );
            let Some(names) = names else { continue };
            let before = found.map(|found| value(&UserSpec::of(found)));
            self.change(tenant, Kind::User, names.user_name.as_str(), before, value(&filled), || {
                let before = found.cloned().map(Box::new);
                Step::User(Box::new(filled.clone()), Box::new(names.clone()), before, Arc::clone(&roles))
            });
            named.push(ResultingUser {
                id: filled.id,
                label: filled.user_name,
                keys: ResultingUser::keys_of(&names),
                external_id: filled.external_id,
                roles: wish.roles.clone().unwrap_or_default(),
            });
        }
        for found in matched.rest {
            let step = Step::RemoveUser(Box::new(found.clone()));
            if self.rest(tenant, Kind::User, &found.user.user_name, spec.users.is_some(), step) {
                result.users.push(ResultingUser::kept(&found.user));
            }
        }
        result.users.append(&mut named);
    }

    pub(super) fn matched<'a, S, C>(
        &mut self,
        desired: Option<&'a [S]>,
        current: &'a [C],
        key: impl Fn(&S) -> String,
        known: impl Fn(&C) -> String,
        at: &At,
        list: &str,
    ) -> Matched<'a, S, C> {
        let mut left: HashMap<String, &C> = current.iter().map(|found| (known(found), found)).collect();
        let mut seen = HashMap::new();
        let mut pairs = Vec::new();
        for wish in desired.unwrap_or_default() {
            let key = key(wish);
            if seen.insert(key.clone(), ()).is_some() {
                self.problems.add(&at.item(list, &key), "is listed twice");
                continue;
            }
            pairs.push((wish, left.remove(&key)));
        }
        let rest = current.iter().filter(|found| left.contains_key(&known(found))).collect();
        Matched { pairs, rest }
    }

    pub(super) fn change(
        &mut self,
        tenant: &TenantId,
        kind: Kind,
        id: &str,
        before: Option<Value>,
        after: Value,
        step: impl FnOnce() -> Step,
    ) {
        let action = match &before {
            None => Action::Create,
            Some(before) if *before == after => Action::Unchanged,
            Some(_) => Action::Update,
        };
        let lines =
            if action == Action::Unchanged { Vec::new() } else { diff::lines(before.as_ref(), &after) };
        let step = if action == Action::Unchanged { Step::Nothing } else { step() };
        self.plan.changes.push(Change {
            tenant: tenant.clone(),
            kind,
            id: id.to_owned(),
            action,
            lines,
            step,
        });
    }

    /// An object that the document does not name. Answers whether it stays.
    pub(super) fn rest(
        &mut self,
        tenant: &TenantId,
        kind: Kind,
        id: &str,
        is_managed: bool,
        removal: Step,
    ) -> bool {
        let (action, step) = match (is_managed, self.prune) {
            (false, _) => return true,
            (true, false) => (Action::Keep, Step::Nothing),
            (true, true) => (Action::Remove, removal),
        };
        let change =
            Change { tenant: tenant.clone(), kind, id: id.to_owned(), action, lines: Vec::new(), step };
        self.plan.changes.push(change);
        action == Action::Keep
    }
}

/// A resource as it is written.
pub(super) fn value(spec: &impl Serialize) -> Value {
    serde_json::to_value(spec).unwrap_or_default()
}
