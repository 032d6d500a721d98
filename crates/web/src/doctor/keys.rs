//! Signing keys: one per algorithm that signs, and not for longer than the tenant says. A database that was brought back has none until
//! the server has started.

use doorward_core::id::TenantId;
use doorward_core::model::{KeyState, Tenant};
use doorward_store::{Fault, Store};

use super::{Finding, several};
use crate::keys::ALGORITHMS;

/// What is found, and by which algorithms no key signs.
pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<(Vec<Finding>, Vec<&'static str>), Fault> {
    let keys = store.keys(&tenant.id).await?;
    let (mut findings, mut missing) = (Vec::new(), Vec::new());
    for algorithm in ALGORITHMS.map(|algorithm| algorithm.as_str()) {
        let of = |state| keys.iter().find(|key| key.algorithm == algorithm && key.state == state);
        let Some(current) = of(KeyState::Current) else {
            missing.push(algorithm);
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
    Ok((findings, missing))
}

/// The keys that are missing, of all tenants at once: one start of the server makes them.
pub(super) fn missing(lacking: &[(TenantId, Vec<&'static str>)]) -> Option<Finding> {
    let told: Vec<String> = lacking
        .iter()
        .filter(|(_, algorithms)| !algorithms.is_empty())
        .map(|(tenant, algorithms)| format!("{tenant} ({})", algorithms.join(", ")))
        .collect();
    (!told.is_empty()).then(|| {
        Finding::error(
            "keys.missing",
            format!("no key signs for {}", several(&told)),
            "doorward serve: the server makes them when it starts, and one that runs does so within a minute",
        )
    })
}

const DAY_S: i64 = 86_400;
/// The next key has to be known for a day before it signs.
const OVERDUE_S: i64 = 3 * DAY_S;
