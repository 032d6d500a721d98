//! The resources, one file each: its routes, and what is its own.

mod apis;
mod clients;
mod consents;
mod contexts;
mod events;
mod grants;
mod help;
pub(crate) mod import;
mod issuers;
mod keys;
mod members;
mod roles;
mod secrets;
mod sessions;
mod tenants;
mod users;

use doorward_core::desired::{CurrentTenant, Kind};
use serde_json::Value;

use super::asked::{Asked, Reply};
use super::problem::Problem;
use super::route::Route;
use super::view::views;

/// The tables of all resources.
pub const TABLES: &[&[Route]] = &[
    tenants::ROUTES,
    issuers::ROUTES,
    apis::ROUTES,
    roles::ROUTES,
    contexts::ROUTES,
    members::ROUTES,
    clients::ROUTES,
    users::ROUTES,
    help::ROUTES,
    import::ROUTES,
    secrets::ROUTES,
    consents::ROUTES,
    grants::ROUTES,
    sessions::ROUTES,
    keys::ROUTES,
    events::ROUTES,
];

/// A page of objects that were all read, in order of id.
fn page_of(asked: &Asked<'_>, of: &CurrentTenant, kind: Kind) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let mut found: Vec<(String, Value)> = views(of, kind, asked.manage.store().now())
        .into_iter()
        .filter(|view| after.as_ref().is_none_or(|after| view.id > *after))
        .map(|view| (view.id, view.body))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Reply::page(found, limit))
}

/// How many to read for a page of `limit`: one more tells whether there is a next one.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}
