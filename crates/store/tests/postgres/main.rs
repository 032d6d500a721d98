//! The store on a real PostgreSQL, named by `DOORWARD_TEST_POSTGRES` (the URL of a superuser; each test makes a database of
//! its own). Without it each test prints what it needs and does nothing; `./check` provides one.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

mod commit;
mod nodes;
mod opening;
mod outage;
mod pooler;
mod proxy;
mod support;
mod unknown_outcome;
