//! Work beside requests: the batched events, the counted refusals, keys by age. Each is a function that a loop drives and a test
//! calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use doorward_core::Ctx;
use doorward_core::model::Actor;
use doorward_crypto::random::SystemRandom;
use doorward_store::{CommitError, Fault};

use crate::app::App;
use crate::{keys, logout, mail, webhook};

/// Start the loops; they end when `shutdown` says so, after a last flush.
pub fn start(app: &Arc<App>, shutdown: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    vec![
        every(app, shutdown.clone(), Duration::from_secs(1), "deferred events", |app| async move {
            flush_deferred(&app).await
        }),
        mail::worker::start(app, shutdown.clone()),
        webhook::worker::start(app, shutdown.clone()),
        logout::start(app, shutdown.clone()),
        webhook::removal::start(app, shutdown.clone()),
        every(app, shutdown.clone(), Duration::from_secs(60), "refusals", |app| async move {
            flush_refusals(&app).await
        }),
        every(app, shutdown.clone(), Duration::from_secs(60), "retention", |app| async move {
            forget_events(&app).await
        }),
        every(app, shutdown.clone(), Duration::from_secs(60), "keys", |app| async move {
            rotate_keys(&app).await
        }),
    ]
}

/// Write the events that were deferred.
pub async fn flush_deferred(app: &App) -> Result<(), Fault> {
    let mut events = app.tally.take_deferred();
    let mut written = 0;
    while written < events.len() {
        // A few at a time, so that nobody's commit waits long behind them.
        let end = events.len().min(written + DEFERRED_AT_ONCE);
        match app.store.record(&events[written..end]).await {
            Ok(()) => written = end,
            Err(CommitError::Conflict) => {
                app.tally.defer(events.drain(end..));
                return Err(Fault::new("write deferred events", "conflict"));
            }
            Err(CommitError::Fault(fault)) => {
                app.tally.defer(events.drain(written..));
                return Err(fault);
            }
        }
    }
    Ok(())
}

/// Write one event per tenant for the refusals of the last minute.
pub async fn flush_refusals(app: &App) -> Result<(), Fault> {
    let effects = {
        let mut rng = SystemRandom;
        app.tally.take_refusals(&mut Ctx {
            now: app.store.now(),
            rng: &mut rng,
            request_id: "tally",
            address: "",
        })
    };
    if effects.is_empty() {
        return Ok(());
    }
    match app.store.commit(effects).await {
        Ok(()) => Ok(()),
        Err(CommitError::Conflict) => Err(Fault::new("write refusals", "conflict")),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

/// Forget the events of tenants that keep them for some time only.
pub async fn forget_events(app: &App) -> Result<(), Fault> {
    let now = app.store.now();
    for tenant in app.store.tenants().await? {
        if let Some(kept_s) = tenant.settings.events_kept_s {
            app.store.forget_events(&tenant.id, now.plus_s(-kept_s)).await?;
        }
    }
    Ok(())
}

/// Make missing keys, and rotate those that are old.
pub async fn rotate_keys(app: &App) -> Result<(), Fault> {
    for tenant in app.store.tenants().await? {
        keys::ensure(&app.store, &tenant.id, &Actor::Server).await?;
        keys::rotate_by_age(&app.store, &tenant.id, tenant.settings.key_rotation_s, LONGEST_TOKEN_S).await?;
    }
    Ok(())
}

fn every<F, Fut>(
    app: &Arc<App>,
    mut shutdown: watch::Receiver<bool>,
    period: Duration,
    name: &'static str,
    run: F,
) -> JoinHandle<()>
where
    F: Fn(Arc<App>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Fault>> + Send,
{
    let app = Arc::clone(app);
    tokio::spawn(async move {
        loop {
            let ends = tokio::select! {
                () = tokio::time::sleep(period) => false,
                _ = shutdown.changed() => true,
            };
            if let Err(fault) = run(Arc::clone(&app)).await {
                app.metrics.worker_fault(name);
                tracing::warn!(worker = name, fault.during = fault.during, fault.detail = %fault.detail, "a worker met trouble");
            }
            if ends {
                return;
            }
        }
    })
}

/// Deferred events of one commit.
const DEFERRED_AT_ONCE: usize = 512;
/// No token lives longer than a day: client and API settings are refused beyond it.
pub const LONGEST_TOKEN_S: i64 = 86_400;
