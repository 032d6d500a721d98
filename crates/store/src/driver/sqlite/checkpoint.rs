//! Copies the write-ahead log back into the database each second, beside the writer and without making it wait (`PASSIVE`).
//! Under steady load such a checkpoint never empties the log: past a limit the writer is asked to reset it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::ballast::Ballast;
use super::connection::{self, fault};
use super::place::Place;
use super::reader::Readers;
use super::{Figures, SqliteConfig};
use crate::{Fault, OpenError};

#[derive(Debug)]
pub(super) struct Checkpointer {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(
        config: &SqliteConfig,
        place: &Arc<Place>,
        figures: Arc<Figures>,
        readers: Arc<Readers>,
        wish: Arc<AtomicBool>,
        ballast: Ballast,
    ) -> Result<Self, OpenError> {
        let connection = connection::writing(&config.path)?;
        let limit = config.wal_limit_bytes;
        let place = Arc::clone(place);
        let (stop, stopped) = mpsc::channel::<()>();
        let thread = Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                hold(&ballast, &figures);
                let mut seen = 0;
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    // Logged where it is found out; a log that is still open can be copied back all the same.
                    let _ = place.check_log();
                    if figures.is_full() {
                        hold(&ballast, &figures);
                    }
                    // Nothing behind a kept snapshot can be copied back. Also where nothing was committed: what another
                    // program wrote, which it should not, is seen within a second.
                    readers.leave();
                    let batches = figures.batches.load(Ordering::Relaxed);
                    if batches == seen {
                        continue;
                    }
                    match checkpoint(&connection, "PRAGMA wal_checkpoint(PASSIVE)") {
                        Ok(bytes) => {
                            seen = batches;
                            figures.wal_bytes.store(bytes, Ordering::Relaxed);
                            wish.fetch_or(bytes > limit, Ordering::AcqRel);
                        }
                        Err(fault) => {
                            tracing::warn!(fault = %fault, "the write-ahead log cannot be copied back")
                        }
                    }
                }
                // The writer has ended: leave one file that is whole by itself.
                if let Err(fault) = checkpoint(&connection, "PRAGMA wal_checkpoint(TRUNCATE)") {
                    tracing::warn!(fault = %fault, "the write-ahead log is left for the next start");
                }
            })
            .map_err(|error| OpenError::Fault(Fault::new("checkpoint", error.to_string())))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

/// Runs a checkpoint; answers how many bytes of the log are in use.
pub(super) fn checkpoint(connection: &Connection, pragma: &str) -> Result<u64, Fault> {
    let frames: i64 =
        connection.query_row(pragma, [], |row| row.get(1)).map_err(|error| fault("checkpoint", &error))?;
    Ok(u64::try_from(frames).unwrap_or(0) * FRAME_BYTES)
}

/// Holds the ballast back if it can, and says whether the disk is full.
pub(super) fn hold(ballast: &Ballast, figures: &Figures) {
    match ballast.hold() {
        Ok(()) => figures.set_full(false),
        Err(error) => {
            tracing::error!(error = %error, "there is no space for the ballast: only endings will be committed");
            figures.set_full(true);
        }
    }
}

const EVERY: Duration = Duration::from_secs(1);
/// A page of 4096 bytes and its header.
const FRAME_BYTES: u64 = 4096 + 24;
