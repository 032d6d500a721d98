//! What is not as it should be, each with what to do about it: what `doorward doctor` prints and the console shows. Here is what
//! the store knows; settings, files and certificates are looked at by the command.

mod apis;
mod clients;
mod database;
mod keys;
mod people;
mod webhooks;

use serde::{Deserialize, Serialize};

use doorward_store::{Fault, Store};

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work, or can be broken into.
    Error,
    /// Something will not work for long, or is less safe than it could be.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was looked at: a name that stays the same.
    pub check: String,
    /// What is so.
    pub what: String,
    /// What to do: a command, or a setting and its value.
    pub fix: String,
}

impl Finding {
    /// Something that does not work.
    pub fn error(check: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Error, check, what.into(), fix.into())
    }

    /// Something that should be changed.
    pub fn warning(check: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Warning, check, what.into(), fix.into())
    }

    /// Something worth knowing.
    pub fn note(check: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Note, check, what.into(), fix.into())
    }

    fn new(severity: Severity, check: &str, what: String, fix: String) -> Self {
        Self { severity, check: check.to_owned(), what, fix }
    }
}

/// Everything that the store tells: database, clock, keys, clients, APIs, people. The worst comes first.
pub async fn store(store: &Store) -> Result<Vec<Finding>, Fault> {
    let mut findings = database::look(store).await?;
    let (mut administrators, mut people) = (0, 0);
    let mut lacking = Vec::new();
    for tenant in store.tenants().await? {
        let (found, missing) = keys::look(store, &tenant).await?;
        findings.extend(found);
        lacking.push((tenant.id.clone(), missing));
        findings.extend(clients::look(store, &tenant).await?);
        findings.extend(apis::look(store, &tenant).await?);
        findings.extend(webhooks::look(store, &tenant).await?);
        let (found, administer, seen) = people::look(store, &tenant).await?;
        findings.extend(found);
        administrators += administer;
        people += seen;
    }
    // Before anybody was set up there is nobody to miss.
    if administrators == 0 && people > 0 {
        findings.push(Finding::note(
            "people.administrators",
            "nobody administers the server",
            "doorward user setup-link, with --tenant where there are several",
        ));
    }
    findings.extend(keys::missing(&lacking));
    findings.extend(people::passwords(store).await?);
    findings.sort_by_key(|finding| finding.severity);
    Ok(findings)
}

/// Names one after the other, the first of many.
fn several(names: &[String]) -> String {
    let told = names.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

const MOST_NAMED: usize = 10;

#[cfg(test)]
mod tests;
