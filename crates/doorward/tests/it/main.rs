//! The command as its users see it: processes, files, exit codes.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails it")]

mod access_log;
mod backup;
mod commands;
mod dev;
mod disk_full;
mod doctor;
mod guard_library;
mod guard_wire;
mod import;
mod import_magic;
mod key_change;
mod output;
mod serve;
mod settings;
mod shutdown;
mod state;
mod support;
