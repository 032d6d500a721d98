//! The server as a process: what it keeps when it is killed in the middle of its work, how it ends when it is asked to, and when
//! it refuses to start.
//!
//! Everything is told over HTTP to the real binary on loopback, on SQLite, or on PostgreSQL when `DOORWARD_TEST_POSTGRES` names a
//! server on which databases may be made. `DOORWARD_TEST_SEED` repeats a run's choices (not its timing), `DOORWARD_TEST_LONG`
//! runs the full counts, and `DOORWARD_TEST_REPORT` names a file for what was measured.

mod browser;
mod chance;
mod checker;
mod finale;
mod history;
mod kills;
mod load;
mod server;
mod shutdown;
mod starts;
mod told;
mod wire;
mod world;
