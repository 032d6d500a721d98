//! What `backup`, `restore` and `epoch` are given.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Common;

/// `backup`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward backup\n  doorward backup /mnt/backups/doorward.db\n  doorward backup --with-key /mnt/vault/doorward.db\n\nBeside the file stands FILE.json with its digest. On PostgreSQL use pg_dump or an archive of its log, and `doorward epoch raise` after bringing one back."
)]
pub struct Backup {
    /// Where it goes; into the folder `backups` of the data folder, named by the time, unless given.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Put the key-encryption key beside it, as FILE.key: who has both can read everything.
    #[arg(long)]
    pub with_key: bool,
    #[command(flatten)]
    pub common: Common,
}

/// `restore`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward restore doorward.db\n  doorward restore doorward.db --with-key\n\nWhat was configured is as it was then: people, clients, passwords and what was switched off. Everybody has to sign in again, and every token is over, because some may have been revoked since; --keep-grants lets them go on."
)]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Take the key-encryption key that stands beside it (FILE.key); the one before is kept aside.
    #[arg(long)]
    pub with_key: bool,
    /// Take a file without a manifest: one that was copied by other means.
    #[arg(long)]
    pub without_manifest: bool,
    /// Let sessions, grants and tokens go on as they were then, also those that were ended since.
    #[arg(long)]
    pub keep_grants: bool,
    #[command(flatten)]
    pub common: Common,
}

/// `epoch`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example:\n  doorward epoch raise\n\nThe epoch is a number in the database and beside its key. Where they differ, the database is not the one that was in use, and no server starts on it."
)]
pub enum Epoch {
    /// Take a database that was brought back by other means than `restore`: end what may have been revoked since, and raise both
    /// numbers. Every server must be stopped
    #[command(
        after_help = "Examples:\n  doorward epoch raise\n  doorward epoch raise --keep-grants\n  DOORWARD_DATABASE=postgres://db.example.com/doorward doorward epoch raise"
    )]
    Raise {
        /// Let sessions, grants and tokens go on, also those that were ended since.
        #[arg(long)]
        keep_grants: bool,
        #[command(flatten)]
        common: Common,
    },
}
