//! What extensions are not told: lines that are paused, and those that were tried in vain for long.

use doorward_core::model::Tenant;
use doorward_store::{Fault, Store};

use super::{Finding, several};

pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<Vec<Finding>, Fault> {
    let stuck = store.webhooks_stuck(&tenant.id, TRIED_IN_VAIN, MOST).await?;
    let (paused, failing): (Vec<_>, Vec<_>) = stuck.into_iter().partition(|line| line.paused_at.is_some());
    let told = |lines: &[doorward_store::webhooks::Paused]| {
        let names: Vec<String> = lines
            .iter()
            .map(|line| match &line.reason {
                Some(reason) => format!("{} ({reason})", line.installation),
                None => line.installation.to_string(),
            })
            .collect();
        several(&names)
    };
    let mut findings = Vec::new();
    if !paused.is_empty() {
        findings.push(Finding::warning(
            "webhooks.paused",
            format!("tenant {}: extensions are told nothing of {}", tenant.id, told(&paused)),
            format!(
                "POST /admin/v1/tenants/{}/installations/{{id}}/webhooks/resume, once the extension can be told again",
                tenant.id
            ),
        ));
    }
    if !failing.is_empty() {
        findings.push(Finding::warning(
            "webhooks.failing",
            format!(
                "tenant {}: an extension could not be told of {} in {TRIED_IN_VAIN} attempts or more",
                tenant.id,
                told(&failing)
            ),
            format!(
                "look at GET /admin/v1/tenants/{}/installations/{{id}}/webhooks/attempts, and have the extension's maker mend what answers",
                tenant.id
            ),
        ));
    }
    Ok(findings)
}

/// Attempts in vain of the same event: about an hour and a half.
const TRIED_IN_VAIN: i64 = 10;
const MOST: i64 = 1000;
