//! A context that is removed takes what is installed in it and below along at once, by one row. Here each of these installations is removed
//! too, in batches, with the news for its extension. A crash in between loses nothing and tells nothing twice: each removal states the
//! version of its row.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::model::{Actor, Installation};
use doorward_core::{Effect, installation};
use doorward_crypto::random::SystemRandom;
use doorward_store::{CommitError, Fault};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;

/// Looks every second, until `shutdown` says so.
pub fn start(app: &Arc<App>, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut sweep = Sweep::default();
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = shutdown.changed() => return,
            }
            let round = async {
                follow(&app).await?;
                sweep.turn(&app).await
            };
            if let Err(fault) = round.await {
                app.metrics.worker_fault("removals");
                tracing::warn!(worker = "removals", fault.during = fault.during, fault.detail = %fault.detail, "a worker met trouble");
            }
        }
    })
}

/// Removes what stands in contexts that were removed lately: how many installations went.
pub async fn follow(app: &App) -> Result<usize, Fault> {
    let mut removed = 0;
    for _ in 0..BATCHES {
        let left = app.store.installations_left(BATCH).await?;
        let went = remove(app, &left).await?;
        removed += went;
        if went == 0 {
            break;
        }
    }
    Ok(removed)
}

/// A slow look at every installation, for those whose context is not even remembered.
#[derive(Debug, Default)]
pub struct Sweep {
    after: String,
}

impl Sweep {
    /// Looks at the next ones.
    pub async fn turn(&mut self, app: &App) -> Result<(), Fault> {
        let (left, end) = app.store.installations_left_after(&self.after).await?;
        remove(app, &left).await?;
        self.after = end.unwrap_or_default();
        Ok(())
    }
}

/// Removes them in one commit; where one of them was changed meanwhile each by itself, and that one later.
async fn remove(app: &App, left: &[Installation]) -> Result<usize, Fault> {
    let mut removed = 0;
    for batch in left.chunks(AT_ONCE) {
        match app.store.commit(batch.iter().flat_map(|one| effects(app, one)).collect()).await {
            Ok(()) => removed += batch.len(),
            Err(CommitError::Fault(fault)) => return Err(fault),
            Err(CommitError::Conflict) => {
                for one in batch {
                    match app.store.commit(effects(app, one)).await {
                        Ok(()) => removed += 1,
                        Err(CommitError::Conflict) => {}
                        Err(CommitError::Fault(fault)) => return Err(fault),
                    }
                }
            }
        }
    }
    Ok(removed)
}

fn effects(app: &App, left: &Installation) -> Vec<Effect> {
    let mut rng = SystemRandom;
    // What was removed meanwhile is no step: it was told of then.
    installation::remove(left, &Actor::Server, &mut super::ctx(&app.store, &mut rng)).unwrap_or_default()
}

const EVERY: Duration = Duration::from_secs(1);
const BATCH: i64 = 200;
/// Rounds in one look: others want to write too.
const BATCHES: usize = 10;
const AT_ONCE: usize = 20;
