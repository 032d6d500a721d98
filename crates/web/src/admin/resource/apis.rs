//! APIs.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::API;
use super::{one_more, page_of};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/apis",
        area: Area::Apis,
        access: Access::Read,
        summary: "List the APIs of a tenant",
        query: PAGED,
        request: None,
        answer: Answered::Page(&API),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/apis",
        area: Area::Apis,
        access: Access::Write,
        summary: "Make an API",
        query: &[],
        request: Some(&API),
        answer: Answered::Made(&API),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/apis/{id}",
        area: Area::Apis,
        access: Access::Read,
        summary: "Read an API",
        query: &[],
        request: None,
        answer: Answered::One(&API),
        run: |asked| Box::pin(async move { object::read(asked, &Named::of(asked, Kind::Api)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/apis/{id}",
        area: Area::Apis,
        access: Access::Write,
        summary: "Make or replace an API",
        query: &[],
        request: Some(&API),
        answer: Answered::Put(&API),
        run: |asked| Box::pin(async move { object::put(asked, &Named::of(asked, Kind::Api)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/apis/{id}",
        area: Area::Apis,
        access: Access::Write,
        summary: "Change an API",
        query: &[],
        request: Some(&API),
        answer: Answered::One(&API),
        run: |asked| Box::pin(async move { object::patch(asked, &Named::of(asked, Kind::Api)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/apis/{id}",
        area: Area::Apis,
        access: Access::Write,
        summary: "Remove an API",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &Named::of(asked, Kind::Api)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    let after = after.unwrap_or_default();
    of.apis = asked.manage.store().apis_from(&asked.tenant(), &after, one_more(limit)).await?;
    Ok(page_of(asked, &of, Kind::Api, limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.text("id").unwrap_or_default().to_owned();
    object::make(asked, &Named::called(asked, Kind::Api, id), asked.body()).await
}
