//! People: administrators who need more than a password, and hashes that came from elsewhere.

use doorward_core::model::Tenant;
use doorward_store::{Fault, Store};

use super::Finding;

/// What is found; how many of the tenant's people administer the server; and how many people there are.
pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<(Vec<Finding>, usize, usize), Fault> {
    let mut findings = Vec::new();
    let mut administrators = 0;
    let mut seen = 0;
    let mut after = None;
    loop {
        let page = store.users(&tenant.id, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id.clone());
        seen += page.len();
        for found in page {
            let user = found.user;
            if user.administrator_since.is_none() || user.disabled_at.is_some() {
                continue;
            }
            administrators += 1;
            if store.second_factors(&tenant.id, &user.id).await? == 0 {
                findings.push(Finding::warning(
                    "people.second_factor",
                    format!(
                        "{} ({}) administers the server and signs in by a password alone",
                        user.user_name, tenant.id
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
