//! The resources, one file each: its routes, and what is its own.

mod act_for;
mod apis;
mod assignments;
mod clients;
mod consents;
mod contexts;
mod events;
mod explain;
mod extensions;
mod grants;
mod help;
pub(crate) mod import;
mod incidents;
mod installation_secrets;
mod installations;
mod invitations;
mod issuers;
mod keys;
mod maker;
mod members;
mod roles;
mod secrets;
mod sessions;
mod tenants;
mod users;
mod webhook_keys;
mod webhooks;

use doorward_core::desired::{CurrentTenant, Kind};

use super::asked::{Asked, Reply};
use super::route::Route;
use super::view::views;

/// The tables of all resources.
pub const TABLES: &[&[Route]] = &[
    tenants::ROUTES,
    issuers::ROUTES,
    apis::ROUTES,
    roles::ROUTES,
    assignments::ROUTES,
    contexts::ROUTES,
    members::ROUTES,
    clients::ROUTES,
    users::ROUTES,
    extensions::ROUTES,
    maker::ROUTES,
    installations::ROUTES,
    act_for::ROUTES,
    incidents::ROUTES,
    explain::ROUTES,
    installation_secrets::ROUTES,
    help::ROUTES,
    invitations::ROUTES,
    import::ROUTES,
    secrets::ROUTES,
    consents::ROUTES,
    grants::ROUTES,
    sessions::ROUTES,
    keys::ROUTES,
    webhooks::ROUTES,
    webhook_keys::ROUTES,
    events::ROUTES,
];

/// A page of what was read, in the order in which it was: one object more than the page holds tells that there is a next one.
fn page_of(asked: &Asked<'_>, of: &CurrentTenant, kind: Kind, limit: usize) -> Reply {
    let found = views(of, kind, asked.manage.store().now());
    Reply::page(found.into_iter().map(|view| (view.id, view.body)).collect(), limit)
}

/// How many to read for a page of `limit`: one more tells whether there is a next one.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}
