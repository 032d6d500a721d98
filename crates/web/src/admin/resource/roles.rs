//! Roles.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::ROLE;
use super::{one_more, page_of};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/roles",
        area: Area::Roles,
        access: Access::Read,
        summary: "List the roles of a tenant",
        query: PAGED,
        request: None,
        answer: Answered::Page(&ROLE),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/roles",
        area: Area::Roles,
        access: Access::Write,
        summary: "Make a role",
        query: &[],
        request: Some(&ROLE),
        answer: Answered::Made(&ROLE),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/roles/{id}",
        area: Area::Roles,
        access: Access::Read,
        summary: "Read a role",
        query: &[],
        request: None,
        answer: Answered::One(&ROLE),
        run: |asked| Box::pin(async move { object::read(asked, &Named::of(asked, Kind::Role)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/roles/{id}",
        area: Area::Roles,
        access: Access::Write,
        summary: "Make or replace a role",
        query: &[],
        request: Some(&ROLE),
        answer: Answered::Put(&ROLE),
        run: |asked| Box::pin(async move { object::put(asked, &Named::of(asked, Kind::Role)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/roles/{id}",
        area: Area::Roles,
        access: Access::Write,
        summary: "Change a role",
        query: &[],
        request: Some(&ROLE),
        answer: Answered::One(&ROLE),
        run: |asked| Box::pin(async move { object::patch(asked, &Named::of(asked, Kind::Role)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/roles/{id}",
        area: Area::Roles,
        access: Access::Write,
        summary: "Remove a role",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &Named::of(asked, Kind::Role)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    let after = after.unwrap_or_default();
    of.roles = asked.manage.store().roles_from(&asked.tenant(), &after, one_more(limit)).await?;
    Ok(page_of(asked, &of, Kind::Role, limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.text("id").unwrap_or_default().to_owned();
    object::make(asked, &Named::called(asked, Kind::Role, id), asked.body()).await
}
