//! Tenants.

use doorward_core::admin::{Access, Area, Denied, SERVER};
use doorward_core::desired::{CurrentTenant, Kind};
use doorward_core::id::TenantId;

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::TENANT;
use super::super::view::views;
use super::one_more;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants",
        area: Area::Tenants,
        access: Access::Read,
        summary: "List the tenants within reach",
        query: PAGED,
        request: None,
        answer: Answered::Page(&TENANT),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants",
        area: Area::Tenants,
        access: Access::Write,
        summary: "Make a tenant",
        query: &[],
        request: Some(&TENANT),
        answer: Answered::Made(&TENANT),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}",
        area: Area::Tenants,
        access: Access::Read,
        summary: "Read a tenant",
        query: &[],
        request: None,
        answer: Answered::One(&TENANT),
        run: |asked| {
            Box::pin(async move {
                object::read(asked, &Named::called(asked, Kind::Tenant, asked.value(0).to_owned())).await
            })
        },
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}",
        area: Area::Tenants,
        access: Access::Write,
        summary: "Make or replace a tenant",
        query: &[],
        request: Some(&TENANT),
        answer: Answered::Put(&TENANT),
        run: |asked| {
            Box::pin(async move {
                object::put(asked, &Named::called(asked, Kind::Tenant, asked.value(0).to_owned())).await
            })
        },
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}",
        area: Area::Tenants,
        access: Access::Write,
        summary: "Change a tenant",
        query: &[],
        request: Some(&TENANT),
        answer: Answered::One(&TENANT),
        run: |asked| {
            Box::pin(async move {
                object::patch(asked, &Named::called(asked, Kind::Tenant, asked.value(0).to_owned())).await
            })
        },
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let store = asked.manage.store();
    let after = after.unwrap_or_default();
    let rights = &asked.caller.rights;
    let found = match rights.home() {
        _ if rights.is_server_wide() => store.tenants_from(&after, one_more(limit)).await?,
        Some(home) if home.0 > after => store.tenant(home).await?.into_iter().collect(),
        Some(_) | None => Vec::new(),
    };
    let shown =
        found.into_iter().flat_map(|tenant| views(&CurrentTenant::alone(tenant), Kind::Tenant, store.now()));
    Ok(Reply::page(shown.map(|view| (view.id, view.body)).collect(), limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    if !asked.caller.rights.is_server_wide() {
        return asked.denied(Denied::Scope(SERVER.to_owned())).await;
    }
    let id = TenantId(asked.text("id").unwrap_or_default().to_owned());
    let named = Named {
        path: format!("/tenants/{}", object::encoded(id.as_str())),
        id: id.0.clone(),
        tenant: id,
        kind: Kind::Tenant,
        with: Vec::new(),
    };
    object::make(asked, &named, asked.body()).await
}
