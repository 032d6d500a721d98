//! A row while it runs: the server it is tried on, and what was there when it began.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::Reason;
use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_tests::{Logs, Reply, T1, TestApp, secrets};

use super::expected::Expected;

/// A row's server, and what is known of it.
pub struct Case {
    /// The server.
    pub app: Arc<TestApp>,
    seen: Mutex<Seen>,
}

/// How far events and log lines were looked at.
#[derive(Default)]
struct Seen {
    logs: usize,
    events: i64,
    /// The first event of this row.
    events_before: i64,
}

impl Case {
    /// On that server.
    pub async fn new(app: TestApp) -> Self {
        Self { app: Arc::new(app), seen: Mutex::default() }
    }

    /// Before a row: what was logged and sent so far is not its.
    pub(super) async fn begin(&self) {
        self.app.take_journal();
        self.new_events().await;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.logs = Logs::mark();
        seen.events_before = seen.events;
    }

    /// After a row: no secret that was sent is in an answer; none that was sent, handed out or mailed is in a log line, a
    /// metric or an event.
    pub(super) async fn end(&self) {
        let exchanges = self.app.take_journal();
        let letters = self.app.mails().await;
        let (mark, before) = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            (seen.logs, seen.events_before)
        };
        self.flush().await;
        let events = self.app.store.events(None, before, 100_000).await.expect("events can be read");
        let places = [
            ("a log line", Logs::since(mark)),
            ("a metric", self.app.app.metrics.text()),
            ("an event", format!("{events:?}")),
        ];
        let found = secrets::leaks(&exchanges, &letters, &places);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    /// Send, and assert the answer, that no row of a ticket, grant, session or consent came or went but those that were expected,
    /// and that the event was written exactly once.
    #[track_caller]
    pub fn expect<'a>(
        &'a self,
        expected: Expected,
        send: impl Future<Output = Reply> + 'a,
    ) -> impl Future<Output = Reply> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let before = self.rows().await;
            self.new_events().await;
            let reply = send.await;
            expected.assert(&reply);
            let mut should = before;
            for (table, rows) in &expected.changes {
                *should.get_mut(table).expect("a table that is watched") += rows;
            }
            assert_eq!(self.rows().await, should, "{place}: rows changed");
            let events = self.new_events().await;
            if let Some(reason) = expected.event {
                self.assert_recorded(reason, expected.is_own, &events);
            }
            reply
        }
    }

    /// Rows of the tables in which something that was issued stands.
    pub async fn rows(&self) -> BTreeMap<&'static str, i64> {
        let counts = self.app.store.counts().await.expect("rows can be counted");
        counts.into_iter().filter(|(table, _)| WATCHED.contains(table)).collect()
    }

    /// The events since the last look, refusals that are only counted among them.
    pub async fn new_events(&self) -> Vec<Event> {
        self.flush().await;
        let tenant = TenantId::from(T1);
        let after = self.seen.lock().unwrap_or_else(PoisonError::into_inner).events;
        let found = self.app.store.events(Some(&tenant), after, 100_000).await.expect("events can be read");
        if let Some(last) = found.last() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).events = last.seq;
        }
        found.into_iter().map(|numbered| numbered.event).collect()
    }

    /// Write what waits to be written.
    pub async fn flush(&self) {
        doorward_web::worker::flush_deferred(&self.app.app).await.expect("deferred events can be written");
        doorward_web::worker::flush_refusals(&self.app.app).await.expect("refusals can be written");
        self.app.store.driver().number_events(100_000).await.expect("events can be numbered");
    }

    /// Assert that a reason was recorded once: as an event of its own, or, where that is enough, in the minute's count.
    fn assert_recorded(&self, reason: &str, is_own: bool, events: &[Event]) {
        assert!(Reason::parse(reason).is_some(), "there is no reason {reason}");
        let own: Vec<&Event> =
            events.iter().filter(|event| event.reason.as_deref() == Some(reason)).collect();
        let counted = counted(reason, events);
        assert!(
            own.len() == 1 || (!is_own && own.is_empty() && counted == 1),
            "{reason} was recorded {} times and counted {counted} times: {events:#?}",
            own.len()
        );
        for event in own {
            assert!(!event.request_id.is_empty() && !event.address.is_empty(), "{event:?}");
            // Written for strangers too, so many in a minute.
            let is_of_strangers = matches!(
                event.kind,
                EventKind::SignInFailed
                    | EventKind::SignInThrottled
                    | EventKind::ResetRefused
                    | EventKind::LinkRefused
            );
            assert!(is_of_strangers || event.actor != Actor::Unknown || event.client.is_some(), "{event:?}");
        }
    }
}

/// How often a reason was counted.
pub fn counted(reason: &str, events: &[Event]) -> u64 {
    let counts = events.iter().filter(|event| event.kind == EventKind::Refusals);
    let of = |event: &Event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).expect("an event's data is JSON");
        data[reason].as_u64().unwrap_or_default()
    };
    counts.map(of).sum()
}

const WATCHED: [&str; 4] = ["consents", "grants", "sessions", "tickets"];
