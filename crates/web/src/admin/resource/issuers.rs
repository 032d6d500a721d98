//! Issuers.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::ISSUER;
use super::{one_more, page_of};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/issuers",
        area: Area::Issuers,
        access: Access::Read,
        summary: "List the issuers of a tenant",
        query: PAGED,
        request: None,
        answer: Answered::Page(&ISSUER),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/issuers",
        area: Area::Issuers,
        access: Access::Write,
        summary: "Make an issuer",
        query: &[],
        request: Some(&ISSUER),
        answer: Answered::Made(&ISSUER),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/issuers/{id}",
        area: Area::Issuers,
        access: Access::Read,
        summary: "Read an issuer",
        query: &[],
        request: None,
        answer: Answered::One(&ISSUER),
        run: |asked| Box::pin(async move { object::read(asked, &Named::of(asked, Kind::Issuer)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/issuers/{id}",
        area: Area::Issuers,
        access: Access::Write,
        summary: "Make or replace an issuer",
        query: &[],
        request: Some(&ISSUER),
        answer: Answered::Put(&ISSUER),
        run: |asked| Box::pin(async move { object::put(asked, &Named::of(asked, Kind::Issuer)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/issuers/{id}",
        area: Area::Issuers,
        access: Access::Write,
        summary: "Change an issuer",
        query: &[],
        request: Some(&ISSUER),
        answer: Answered::One(&ISSUER),
        run: |asked| Box::pin(async move { object::patch(asked, &Named::of(asked, Kind::Issuer)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/issuers/{id}",
        area: Area::Issuers,
        access: Access::Write,
        summary: "Remove an issuer",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &Named::of(asked, Kind::Issuer)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    let after = after.unwrap_or_default();
    of.issuers = asked.manage.store().issuers_from(&asked.tenant(), &after, one_more(limit)).await?;
    Ok(page_of(asked, &of, Kind::Issuer, limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.text("id").unwrap_or_default().to_owned();
    object::make(asked, &Named::called(asked, Kind::Issuer, id), asked.body()).await
}
