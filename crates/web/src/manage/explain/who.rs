//! Who could change something: people by name, with the role by which they may; who administers the server comes last.

use std::collections::BTreeSet;

use doorward_core::Facts;
use doorward_core::admin::in_contexts::may_consent;
use doorward_core::admin::in_person::rights;
use doorward_core::admin::{Access, Area, Place, is_scope};
use doorward_core::id::{TenantId, UserId};
use doorward_core::model::{Role, User};
use doorward_core::permission::{Permission, Permissions};
use doorward_store::holders::Reach;
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::super::{Manage, Trouble};
use super::MOST;

/// By which right something can be changed: an area, and where it must be held to count.
pub(super) type Way<'a> = (Area, Reach<'a>);

/// What somebody must hold beside the right: nobody gives what they do not hold.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    /// Nothing.
    Nothing,
    /// What the scope asks for, in that place; none: in the whole tenant.
    Consent(&'a str, Option<&'a Place>),
    /// The permission, where it is one of administration.
    Permission(&'a Permission),
    /// The scope, where it is one of administration.
    Scope(&'a str),
}

/// Who was found.
#[derive(Default)]
pub(super) struct Who {
    people: Vec<Value>,
    seen: BTreeSet<(TenantId, UserId)>,
}

impl Who {
    /// That person alone.
    pub fn only(person: Value) -> Self {
        Self { people: vec![person], ..Self::default() }
    }

    /// Whether there are as many as are named, or so many were looked at that it is enough.
    fn is_full(&self) -> bool {
        self.people.len() > MOST || self.seen.len() >= LOOKED_AT
    }

    /// Writes them into what is told.
    pub fn tell(mut self, told: &mut Value) {
        if self.is_full() {
            told["more"] = json!(true);
        }
        self.people.truncate(MOST);
        told["who"] = Value::Array(self.people);
    }
}

impl Manage {
    /// Who could change something in one of these ways.
    pub(super) async fn who_may(
        &self,
        facts: &Facts,
        ways: &[Way<'_>],
        beside: Beside<'_>,
    ) -> Result<Who, Trouble> {
        let mut who = Who::default();
        if ways.is_empty() {
            return Ok(who);
        }
        for role in self.store().roles(&facts.tenant.id).await? {
            let covers =
                |area: Area| role.permissions.iter().any(|held| held.covers(area.scope(Access::Write)));
            for (_, reach) in ways.iter().filter(|(area, _)| covers(*area)) {
                self.holding(facts, &role, *reach, beside, &mut who).await?;
            }
        }
        self.administering(&facts.tenant.id, &mut who).await?;
        Ok(who)
    }

    /// Those who hold a role where it counts.
    async fn holding(
        &self,
        facts: &Facts,
        role: &Role,
        reach: Reach<'_>,
        beside: Beside<'_>,
        who: &mut Who,
    ) -> Result<(), Trouble> {
        let tenant = &facts.tenant.id;
        let mut after = None;
        loop {
            let page = self.store().holders_in(tenant, role.key, reach, after, PAGE).await?;
            for holding in &page {
                if who.is_full() {
                    return Ok(());
                }
                let user = &holding.user;
                if !who.seen.insert((tenant.clone(), user.id.clone()))
                    || !self.holds_beside(facts, user, beside).await?
                {
                    continue;
                }
                let mut person = json!({ "user": user.id, "user_name": user.user_name, "role": role.id });
                if let Some(context) = &holding.context {
                    person["context"] = json!(context);
                }
                who.people.push(person);
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(last.holder()),
                _ => return Ok(()),
            }
        }
    }

    /// Those who administer the server: of this tenant, then of others. Who does not reach another tenant learns no name of it.
    async fn administering(&self, tenant: &TenantId, who: &mut Who) -> Result<(), Trouble> {
        let mut has_strangers = false;
        for of in [Some(tenant), None] {
            let mut after = None;
            loop {
                let page = self.store().administrators(of, after.as_ref(), PAGE).await?;
                for (guard, _) in page.iter().filter(|(_, administers)| *administers) {
                    if who.is_full() {
                        return Ok(());
                    }
                    if !self.by.rights.reaches(&guard.tenant) {
                        has_strangers = true;
                    } else if who.seen.insert((guard.tenant.clone(), guard.user.clone())) {
                        let mut person = self.named(&guard.tenant, &guard.user).await?;
                        person["role"] = json!(ADMINISTRATOR);
                        if guard.tenant != *tenant {
                            person["tenant"] = json!(guard.tenant);
                        }
                        who.people.push(person);
                    }
                }
                match page.into_iter().last() {
                    // One who is not named is enough to know of.
                    Some((last, _)) if !has_strangers => after = Some(last),
                    _ => break,
                }
            }
        }
        if has_strangers {
            who.people.push(json!({ "role": ADMINISTRATOR }));
        }
        Ok(())
    }

    /// Whether somebody holds what they must beside the right.
    async fn holds_beside(&self, facts: &Facts, user: &User, beside: Beside<'_>) -> Result<bool, Trouble> {
        if !beside.is_asked(facts) {
            return Ok(true);
        }
        let tenant = &facts.tenant.id;
        let held = self.store().held(tenant, &user.id).await?;
        let rights = rights(tenant, Permissions::of(user, &held, None), &facts.apis);
        Ok(match beside {
            Beside::Nothing => true,
            Beside::Consent(scope, place) => {
                let scopes = Scopes::parse(scope).unwrap_or_default();
                may_consent(&scopes, &facts.apis, place, &rights).is_ok()
            }
            Beside::Permission(permission) => rights.holds_permission(permission),
            Beside::Scope(scope) => rights.holds(scope),
        })
    }

    /// A person with their name.
    pub(super) async fn named(&self, tenant: &TenantId, user: &UserId) -> Result<Value, Trouble> {
        let found = self.store().user(tenant, user).await?;
        let name = found.map(|found| found.user.user_name);
        Ok(json!({ "user": user, "user_name": name }))
    }
}

impl Beside<'_> {
    /// Whether anything is asked for, so that what somebody holds must be read.
    pub fn is_asked(&self, facts: &Facts) -> bool {
        match self {
            Beside::Nothing => false,
            Beside::Consent(scope, _) => {
                let of_api = facts.apis.iter().find_map(|api| api.scope(scope));
                is_scope(scope) || of_api.is_some_and(|scope| scope.permission.is_some())
            }
            Beside::Permission(permission) => is_scope(permission.as_str()),
            Beside::Scope(scope) => is_scope(scope),
        }
    }
}

/// As what somebody may who administers the server.
const ADMINISTRATOR: &str = "administrator of the server";
/// Rows that are read at once.
const PAGE: i64 = 50;
/// People who are looked at, at most.
const LOOKED_AT: usize = 500;
