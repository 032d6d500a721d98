//! Why a scope is not there: every clause of effective permission that a scope fails, not only the first, for a token or for a request that
//! was never made.

use serde::Serialize;

use super::word::Permission;
use super::{Bound, Limits, Permissions, is_openid_scope};
use crate::facts::{Belonging, GrantFacts, InstallationFacts};
use crate::may_issue::{installation_stands, user_stands};
use crate::model::Client;
use crate::{Facts, Reason, Timestamp};
use doorward_wire::scope::Scopes;

/// What is asked about: a client that asks for scopes, for itself, for a person, through an installation.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What would be asked for.
    pub scopes: &'a Scopes,
    /// By which client.
    pub client: &'a Client,
    /// What a person allowed it; none: that is not asked about.
    pub consented: Option<&'a Scopes>,
    /// Whether it acts for a person.
    pub for_person: bool,
}

/// What becomes of a scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explained {
    /// The scope.
    pub scope: String,
    /// Whether it would be granted.
    pub granted: bool,
    /// All clauses that take it away.
    pub removed_by: Vec<Clause>,
}

/// A clause of effective permission.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "clause", rename_all = "snake_case")]
pub enum Clause {
    /// The client is not registered for it.
    Client,
    /// No API that the client may use has it.
    Api,
    /// It was not consented to where the extension was installed.
    Installation,
    /// The person did not allow it.
    Consent,
    /// The person lacks the permission that it asks for, there.
    Person {
        /// The permission.
        permission: Permission,
    },
    /// The person has that permission, but not through this client: its map of roles leaves it out.
    RoleMap {
        /// The permission.
        permission: Permission,
    },
}

/// What becomes of each scope, by the rule that issuing follows ([`Limits`]). Nobody's roles count for a client that acts for itself.
pub fn explain(question: &Question<'_>, facts: &Facts) -> Vec<Explained> {
    let user = facts.user.as_ref().map(|found| &found.user);
    let user = user.filter(|_| question.for_person);
    let permissions = user.map(|user| facts.permissions(user)).unwrap_or_default();
    let own = user.map(|user| facts.permissions_through(user, None)).unwrap_or_default();
    let found = facts.of_installation();
    let limits = Limits {
        consented: question.consented,
        installed: found.map(|found| &found.installation.scopes),
        permissions: question.for_person.then_some(&permissions),
        ..Limits::of(question.client, &facts.apis)
    };
    question
        .scopes
        .iter()
        .map(|scope| {
            let mut removed_by: Vec<Clause> =
                limits.bounds(scope).filter_map(|bound| clause(bound, scope, &own, facts)).collect();
            if !question.for_person && is_openid_scope(scope) {
                removed_by.push(Clause::Api);
            }
            removed_by.dedup();
            Explained { scope: scope.to_owned(), granted: removed_by.is_empty(), removed_by }
        })
        .collect()
}

/// The clause of a bound; `own` is what the person may do, whatever the client's map of roles says.
fn clause(bound: Bound, scope: &str, own: &Permissions, facts: &Facts) -> Option<Clause> {
    Some(match bound {
        Bound::Client => Clause::Client,
        Bound::Resource => Clause::Api,
        Bound::Installation => Clause::Installation,
        Bound::Consent => Clause::Consent,
        Bound::Person => {
            let asking = facts.apis.iter().find_map(|api| api.scope(scope))?;
            let permission = asking.permission.clone()?;
            match own.may_grant(scope, &facts.apis) {
                true => Clause::RoleMap { permission },
                false => Clause::Person { permission },
            }
        }
    })
}

/// Why nothing at all would be issued: the first thing that does not stand.
pub fn stands(
    client: &Client,
    found: Option<&InstallationFacts>,
    facts: &Facts,
    now: Timestamp,
) -> Result<(), Reason> {
    if facts.tenant.disabled_at.is_some() {
        return Err(Reason::TenantDisabled);
    }
    if client.disabled_at.is_some() {
        return Err(Reason::ClientDisabled);
    }
    if let Some(found) = found {
        installation_stands(found)?;
        if found.belongs == Belonging::Outside {
            return Err(Reason::NotAMember);
        }
    }
    match &facts.user {
        Some(user) => user_stands(Some(&user.user), now),
        None => Ok(()),
    }
}

/// The same of a grant.
pub fn grant_stands(of: &GrantFacts, now: Timestamp) -> Result<(), Reason> {
    crate::may_issue::may_issue(of, now)
}
