//! Statements, migrations and the two database drivers: the only reads (`load`) and the only writes (`commit`).
//!
//! [`Store`] is the one value that the server holds. Areas have a file each: statements, row mapping and writes side by side.

mod administrators;
pub mod answers;
pub mod backup;
pub mod cache;
pub mod clock;
pub mod directory;
pub mod driver;
pub mod epoch;
pub mod events;
pub mod fault;
pub mod grant_lists;
pub mod history;
pub mod holders;
pub mod keys;
pub mod lock;
pub mod logouts;
pub mod meta;
pub mod migration;
pub mod seal;
pub mod statement;
pub mod store;
pub mod value;
pub mod worker;
pub mod write;

mod apis;
mod audiences;
mod changes;
mod clients;
mod commit;
mod consents;
mod contexts;
mod counts;
mod credentials;
mod extensions;
mod factors;
mod grants;
mod imports;
mod incidents;
mod installation_secrets;
pub mod installations;
mod issuers;
mod load;
mod memberships;
mod object;
pub mod outbox;
mod read;
mod rebuild;
pub mod roles;
mod sessions;
mod tenants;
mod throttle;
pub mod tickets;
mod users;
pub mod webhooks;

pub use directory::Directory;
pub use events::Numbered;
pub use fault::{CommitError, Fault, OpenError};
pub use store::{Database, Store, StoreConfig};
