//! Clients.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentClient, CurrentTenant, Kind};
use doorward_crypto::base62;
use doorward_crypto::random::{Random, SystemRandom};
use serde_json::json;

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, Query, Route};
use super::super::shapes::CLIENT;
use super::{one_more, page_of};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients",
        area: Area::Clients,
        access: Access::Read,
        summary: "List the clients of a tenant",
        query: LIST,
        request: None,
        answer: Answered::Page(&CLIENT),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/clients",
        area: Area::Clients,
        access: Access::Write,
        summary: "Make a client",
        query: &[],
        request: Some(&CLIENT),
        answer: Answered::Made(&CLIENT),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}",
        area: Area::Clients,
        access: Access::Read,
        summary: "Read a client",
        query: &[],
        request: None,
        answer: Answered::One(&CLIENT),
        run: |asked| Box::pin(async move { object::read(asked, &Named::of(asked, Kind::Client)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/clients/{id}",
        area: Area::Clients,
        access: Access::Write,
        summary: "Make or replace a client",
        query: &[],
        request: Some(&CLIENT),
        answer: Answered::Put(&CLIENT),
        run: |asked| Box::pin(async move { object::put(asked, &Named::of(asked, Kind::Client)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/clients/{id}",
        area: Area::Clients,
        access: Access::Write,
        summary: "Change a client",
        query: &[],
        request: Some(&CLIENT),
        answer: Answered::One(&CLIENT),
        run: |asked| Box::pin(async move { object::patch(asked, &Named::of(asked, Kind::Client)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/clients/{id}",
        area: Area::Clients,
        access: Access::Write,
        summary: "Remove a client",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &Named::of(asked, Kind::Client)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let prefix = asked.param("q").unwrap_or_default();
    let after = after.unwrap_or_default();
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    let found = store.clients_page(&tenant, prefix, &after, one_more(limit)).await?;
    of.clients = found.into_iter().map(|client| CurrentClient { client, secrets: Vec::new() }).collect();
    Ok(page_of(asked, &of, Kind::Client, limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = match asked.text("id") {
        Some(id) => id.to_owned(),
        None => {
            let mut random = [0; 16];
            SystemRandom.fill(&mut random);
            format!("app-{}", base62::encode_fixed(&random, 22))
        }
    };
    let mut body = asked.body();
    body["id"] = json!(id);
    object::make(asked, &Named::called(asked, Kind::Client, id), body).await
}

const LIST: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
    Query { name: "q", about: "whose id begins so" },
];
