//! What is counted and written a moment later: refusals of callers who have not shown who they are (once a minute), and the events
//! of tokens that need no row (once a second). A stranger cannot make the disk write without bound.

use std::collections::BTreeMap;
use std::sync::Mutex;

use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::{Ctx, Effect, Reason};
use prometheus_client::metrics::counter::Counter;

/// Counters and events that wait.
#[derive(Default)]
pub struct Tally {
    refusals: Mutex<BTreeMap<(TenantId, &'static str), u64>>,
    deferred: Mutex<Vec<Event>>,
    dropped: Counter,
}

impl Tally {
    /// Count a refusal.
    pub fn refused(&self, tenant: &TenantId, reason: Reason) {
        let mut refusals = self.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *refusals.entry((tenant.clone(), reason.as_str())).or_default() += 1;
    }

    /// Keep events for the next batch. Past a bound they are dropped and counted: memory is not without end.
    pub fn defer(&self, events: impl IntoIterator<Item = Event>) {
        let mut deferred = self.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut events = events.into_iter();
        let room = MAX_DEFERRED.saturating_sub(deferred.len());
        deferred.extend(events.by_ref().take(room));
        drop(deferred);
        let dropped = events.count();
        if dropped > 0 {
            self.dropped.inc_by(dropped as u64);
            tracing::warn!(
                events = dropped,
                "events of client tokens were dropped: the store does not keep up"
            );
        }
    }

    /// How many events were dropped.
    pub fn dropped(&self) -> Counter {
        self.dropped.clone()
    }

    /// The events that wait, to be committed now.
    pub fn take_deferred(&self) -> Vec<Event> {
        let mut deferred = self.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // As many will most likely wait the next time.
        let next = Vec::with_capacity(deferred.len());
        std::mem::replace(&mut *deferred, next)
    }

    /// One event per tenant for the refusals counted since the last call.
    pub fn take_refusals(&self, ctx: &mut Ctx<'_>) -> Vec<Effect> {
        let counted =
            std::mem::take(&mut *self.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let mut tenants: BTreeMap<TenantId, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
        for ((tenant, reason), count) in counted {
            tenants.entry(tenant).or_default().insert(reason.to_owned(), count.into());
        }
        tenants
            .into_iter()
            .map(|(tenant, counts)| {
                let event = Event::new(EventKind::Refusals, &tenant, Actor::Unknown, ctx).data(counts.into());
                Effect::Record(event)
            })
            .collect()
    }
}

const MAX_DEFERRED: usize = 100_000;
