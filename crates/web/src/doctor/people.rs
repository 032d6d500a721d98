//! People: administrators who need more than a password, and hashes that came from elsewhere.

use std::collections::HashSet;

use doorward_core::id::{RoleKey, UserId};
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
            if user.disabled_at.is_some() || !(of_server || by_role.contains(&user.id)) {
                continue;
            }
            administrators += usize::from(of_server);
            if store.second_factors(&tenant.id, &user.id).await? == 0 {
                findings.push(Finding::warning(
                    "people.second_factor",
                    format!(
                        "{} ({}) administers the {} and signs in by a password alone",
                        user.user_name,
                        tenant.id,
                        if of_server { "server" } else { "tenant" }
                    ),
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

/// Who may administer anything by a role, in the whole tenant or in a context.
async fn by_role(store: &Store, tenant: &Tenant) -> Result<HashSet<UserId>, Fault> {
    let roles = store.roles(&tenant.id).await?;
    let administering: HashSet<RoleKey> =
        roles.iter().filter(|role| administers(&role.permissions)).map(|role| role.key).collect();
    let (mut holders, mut last) = (HashSet::new(), None);
    while !administering.is_empty() {
        let page = store.assignments(&tenant.id, last.as_ref(), PAGE).await?;
        let given = page.iter().filter(|assignment| administering.contains(&assignment.role));
        holders.extend(given.map(|assignment| assignment.user.clone()));
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
