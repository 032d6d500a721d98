//! The desired state: what `apply`, `export` and the admin API speak. One document holds tenants with all that an operator
//! configures of them; [`plan()`] compares it with what is, and the plan decides into effects.
//!
//! The same types are written by an export and read by an apply, so one is always the other's input. A list that is absent
//! is not managed; one that is there is complete, and what it does not name is removed when the caller says `prune`.

pub mod api;
mod belonging;
pub mod client;
mod client_checks;
pub mod context;
pub mod current;
pub mod date;
mod diff;
pub mod export;
mod extending;
pub mod extension;
pub mod form;
pub mod import;
pub mod installation;
pub mod issuer;
mod leaving;
mod mail;
mod manifest;
pub mod membership;
mod minted;
pub mod plan;
mod planner;
pub mod problem;
mod recorded;
mod references;
mod result;
pub mod role;
pub mod secret;
pub mod settle;
pub(crate) mod step;
pub mod tenant;
pub mod user;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use api::ApiSpec;
pub use client::ClientSpec;
pub use context::ContextSpec;
pub use current::{Current, CurrentClient, CurrentMembership, CurrentTenant, CurrentUser};
pub use diff::Line;
pub use extension::ExtensionSpec;
pub use installation::InstallationSpec;
pub use issuer::IssuerSpec;
pub use membership::MembershipSpec;
pub use plan::{Action, Change, Kind, Plan, plan};
pub use problem::{Problem, Problems};
pub use role::RoleSpec;
pub use secret::SecretSpec;
pub use settle::{Generated, settle};
pub use tenant::TenantSpec;
pub use user::UserSpec;

/// The whole document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The tenants that it speaks of. Others are left alone: a tenant is never removed by an apply.
    pub tenants: Vec<TenantSpec>,
}

/// Whether a value is the one that an absent key stands for; such keys are left out of an export.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A switch that commands turn as well: absent from a document, it stays as it is. Its form in a plan: true, or absent.
fn switch(wish: Option<bool>, is_on: bool) -> Option<bool> {
    wish.unwrap_or(is_on).then_some(true)
}

/// A state that is kept as the time it began: what it is when `wanted`.
fn since(
    before: Option<crate::Timestamp>,
    wanted: impl Into<Option<bool>>,
    now: crate::Timestamp,
) -> Option<crate::Timestamp> {
    wanted.into().unwrap_or_default().then(|| before.unwrap_or(now))
}
