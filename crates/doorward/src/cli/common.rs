//! What several commands share: how they print, where the data is, what they are on.

use clap::{Args, ValueEnum};

use super::StoreFlags;

/// What every command has that speaks to a server or opens the store.
#[derive(Args, Debug, Clone)]
pub struct Common {
    /// How to print what is read.
    #[arg(long, value_enum, default_value_t)]
    pub output: Output,
    #[command(flatten)]
    pub flags: StoreFlags,
}

/// A command on one tenant, or on all.
#[derive(Args, Debug, Clone)]
pub struct OfTenants {
    /// Only of this tenant; of all, unless given.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

/// A command on one tenant.
#[derive(Args, Debug, Clone)]
pub struct OfTenant {
    /// The tenant; needed when there are several.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

/// A command on one object.
#[derive(Args, Debug, Clone)]
pub struct Named {
    /// What it is called: an application's id; a person's user name, e-mail address or id.
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
}

/// How a command prints what it reads.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Output {
    /// For programs.
    Json,
    /// For people.
    #[default]
    Text,
}
