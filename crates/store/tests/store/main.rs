//! The store on SQLite, and on PostgreSQL as well where `DOORWARD_TEST_POSTGRES` names one (the URL of a superuser; each
//! world is a database of its own). `./check` provides one.

#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails by panicking")]

mod audiences;
mod belonging;
mod caches;
mod configuration;
mod directory;
mod disk_full;
mod extensions;
mod group_commit;
mod imports;
mod issuing;
mod listing;
mod logouts;
mod outbox;
mod people;
mod races;
mod readiness;
mod schema;
mod statements;
mod support;
mod webhook_lines;
mod webhooks;
