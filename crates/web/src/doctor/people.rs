//! People: administrators who need more than a password, and hashes that came from elsewhere.

use std::collections::{HashMap, HashSet};

use doorward_core::id::{ContextKey, RoleKey, UserId};
use doorward_core::login::second_factor::administers;
use doorward_core::model::Tenant;
use doorward_store::{Fault, Store};

use super::Finding;

/// What is found; how many of the tenant's people administer the server; and how many people there are.
pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<(Vec<Finding>, usize, usize), Fault> {
    let mut findings = Vec::new();
    let (mut administrators, by_role) = (0, by_role(store, tenant).await?);
    let mut seen = 0;
    let mut after = None;
    loop {
        let page = store.users(&tenant.id, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id.clone());
        seen += page.len();
        for found in page {
            let user = found.user;
            let of_server = user.administrator_since.is_some();
            let what = match (of_server, by_role.get(&user.id)) {
                (true, _) => "administers the server".to_owned(),
                (false, Some(held)) => held.told(),
                (false, None) => continue,
            };
            if user.disabled_at.is_some() {
                continue;
            }
            administrators += usize::from(of_server);
            if store.second_factors(&tenant.id, &user.id).await? == 0 {
                findings.push(Finding::warning(
                    "people.second_factor",
                    format!("{} ({}) {what} and signs in by a password alone", user.user_name, tenant.id),
                    "they add a second factor on their account page",
                ));
            }
        }
        if seen >= MOST {
            let what = format!("tenant {}: only the first {MOST} people were looked at", tenant.id);
            findings.push(Finding::note(
                "people.many",
                what,
                "nothing: who administers it is in the console",
            ));
            break;
        }
    }
    Ok((findings, administrators, seen))
}

/// Where somebody may administer anything by a role.
#[derive(Default)]
struct Administered {
    everywhere: bool,
    contexts: HashSet<ContextKey>,
}

impl Administered {
    fn told(&self) -> String {
        match (self.everywhere, self.contexts.len()) {
            (true, _) => "has rights of administration in the whole tenant".to_owned(),
            (false, 1) => "has rights of administration in one context".to_owned(),
            (false, many) => format!("has rights of administration in {many} contexts"),
        }
    }
}

/// Who may administer anything by a role, in the whole tenant or in a context.
async fn by_role(store: &Store, tenant: &Tenant) -> Result<HashMap<UserId, Administered>, Fault> {
    let roles = store.roles(&tenant.id).await?;
    let administering: HashSet<RoleKey> =
        roles.iter().filter(|role| administers(&role.permissions)).map(|role| role.key).collect();
    let (mut holders, mut last) = (HashMap::<_, Administered>::new(), None);
    while !administering.is_empty() {
        let page = store.assignments(&tenant.id, last.as_ref(), PAGE).await?;
        for given in page.iter().filter(|assignment| administering.contains(&assignment.role)) {
            let held = holders.entry(given.user.clone()).or_default();
            held.everywhere |= given.context.is_none();
            held.contexts.extend(given.context);
        }
        last = page.last().cloned();
        if last.is_none() {
            break;
        }
    }
    Ok(holders)
}

/// Hashes that are not ours yet: they are replaced when their people sign in.
pub(super) async fn passwords(store: &Store) -> Result<Vec<Finding>, Fault> {
    let foreign = store.foreign_passwords().await?;
    if foreign == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![Finding::note(
        "people.foreign_hashes",
        format!("{foreign} passwords are still hashed as in the system that they came from"),
        "nothing: each is hashed anew at its person's next sign-in; after some months require a new password of the rest",
    )])
}

const PAGE: i64 = 500;
const MOST: usize = 100_000;
