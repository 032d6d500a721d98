//! Contexts.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};
use doorward_core::id::ContextId;

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, Query, Route};
use super::super::shapes::CONTEXT;
use super::{one_more, page_of};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/contexts",
        area: Area::Contexts,
        access: Access::Read,
        summary: "List the contexts of a tenant",
        query: LIST,
        request: None,
        answer: Answered::Page(&CONTEXT),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/contexts",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Make a context",
        query: &[],
        request: Some(&CONTEXT),
        answer: Answered::Made(&CONTEXT),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/contexts/{type}/{id}",
        area: Area::Contexts,
        access: Access::Read,
        summary: "Read a context",
        query: &[],
        request: None,
        answer: Answered::One(&CONTEXT),
        run: |asked| Box::pin(async move { object::read(asked, &named(asked)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/contexts/{type}/{id}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Make or replace a context",
        query: &[],
        request: Some(&CONTEXT),
        answer: Answered::Put(&CONTEXT),
        run: |asked| Box::pin(async move { object::put(asked, &named(asked)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/contexts/{type}/{id}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Change a context",
        query: &[],
        request: Some(&CONTEXT),
        answer: Answered::One(&CONTEXT),
        run: |asked| Box::pin(async move { object::patch(asked, &named(asked)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/contexts/{type}/{id}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Remove a context",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &named(asked)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store, more) = (asked.tenant(), asked.manage.store(), one_more(limit));
    let after = after.map(ContextId);
    let found = match asked.param("parent") {
        None => store.contexts(&tenant, after.as_ref(), more).await?,
        Some(parent) => {
            let parent = store.context(&tenant, &ContextId(parent.to_owned())).await?;
            let parent = parent.ok_or_else(|| Problem::not_found("context"))?;
            store.contexts_in(&tenant, parent.key, after.as_ref(), more).await?
        }
    };
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    of.contexts = found;
    Ok(page_of(asked, &of, Kind::Context, limit))
}

fn named(asked: &Asked<'_>) -> Named {
    Named::called(asked, Kind::Context, format!("{}/{}", asked.value(1), asked.value(2)))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.text("id").unwrap_or_default().to_owned();
    object::make(asked, &Named::called(asked, Kind::Context, id), asked.body()).await
}

const LIST: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
    Query { name: "parent", about: "only those that lie directly in this one" },
];
