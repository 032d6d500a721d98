//! The store on a real PostgreSQL, named by `DOORWARD_TEST_POSTGRES` (the URL of a superuser; each test makes a database of
//! its own). Without it each test prints what it needs and does nothing; `./check` provides one.

mod commit;
mod nodes;
mod opening;
mod outage;
mod pooler;
mod proxy;
mod support;
mod unknown_outcome;
