//! Signing keys: one per algorithm that signs, and not for longer than the tenant says.

use doorward_core::model::{KeyState, Tenant};
use doorward_store::{Fault, Store};

use super::Finding;
use crate::keys::ALGORITHMS;

pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<Vec<Finding>, Fault> {
    let keys = store.keys(&tenant.id).await?;
    let mut findings = Vec::new();
    for algorithm in ALGORITHMS.map(|algorithm| algorithm.as_str()) {
        let of = |state| keys.iter().find(|key| key.algorithm == algorithm && key.state == state);
        let Some(current) = of(KeyState::Current) else {
            findings.push(Finding::error(
                "keys.missing",
                format!("tenant {}: no key signs by {algorithm}", tenant.id),
                format!("doorward keys rotate --tenant {} --algorithm {algorithm}", tenant.id),
            ));
            continue;
        };
        let since = current.activated_at.unwrap_or(current.created_at);
        let overdue = tenant.settings.key_rotation_s + OVERDUE_S;
        if store.now() > since.plus_s(overdue) {
            findings.push(Finding::warning(
                "keys.old",
                format!(
                    "tenant {}: the key {} has signed for {} days, and is to be replaced after {}",
                    tenant.id,
                    current.kid,
                    (store.now().seconds() - since.seconds()) / DAY_S,
                    tenant.settings.key_rotation_s / DAY_S
                ),
                format!(
                    "a running server does that by itself: look in its log for `worker=keys`, or run doorward keys rotate --tenant {} \
                     --algorithm {algorithm}",
                    tenant.id
                ),
            ));
        }
    }
    Ok(findings)
}

const DAY_S: i64 = 86_400;
/// The next key has to be known for a day before it signs.
const OVERDUE_S: i64 = 3 * DAY_S;
