//! Memberships.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{Kind, date};
use doorward_core::id::{ContextId, ContextKey, UserId};
use doorward_core::model::Membership;
use serde_json::json;
use std::collections::BTreeSet;

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::MEMBERSHIP;
use super::one_more;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/contexts/{type}/{id}/members",
        area: Area::Contexts,
        access: Access::Read,
        summary: "List the members of a context",
        query: PAGED,
        request: None,
        answer: Answered::Page(&MEMBERSHIP),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/contexts/{type}/{id}/members/{user}",
        area: Area::Contexts,
        access: Access::Read,
        summary: "Read a membership",
        query: &[],
        request: None,
        answer: Answered::One(&MEMBERSHIP),
        run: |asked| Box::pin(async move { object::read(asked, &named(asked)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/contexts/{type}/{id}/members/{user}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Make or replace a membership",
        query: &[],
        request: Some(&MEMBERSHIP),
        answer: Answered::Put(&MEMBERSHIP),
        run: |asked| Box::pin(async move { object::put(asked, &named(asked)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/contexts/{type}/{id}/members/{user}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Change a membership",
        query: &[],
        request: Some(&MEMBERSHIP),
        answer: Answered::One(&MEMBERSHIP),
        run: |asked| Box::pin(async move { object::patch(asked, &named(asked)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/contexts/{type}/{id}/members/{user}",
        area: Area::Contexts,
        access: Access::Write,
        summary: "Remove a membership",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &named(asked)).await }),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}/memberships",
        area: Area::Contexts,
        access: Access::Read,
        summary: "List what a person belongs to",
        query: PAGED,
        request: None,
        answer: Answered::Page(&MEMBERSHIP),
        run: |asked| Box::pin(of_user(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let id = ContextId(format!("{}/{}", asked.value(1), asked.value(2)));
    let context = store.context(&tenant, &id).await?.ok_or_else(|| Problem::not_found("context"))?;
    let after = after.map(UserId);
    let found = store.members_of(&tenant, context.key, after.as_ref(), one_more(limit)).await?;
    shown(asked, found, limit, |membership| membership.user.0.clone()).await
}

async fn of_user(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let user = UserId(asked.value(1).to_owned());
    if store.user(&tenant, &user).await?.is_none() {
        return Err(Problem::not_found("user"));
    }
    let after = after.and_then(|key| key.parse().ok()).map(ContextKey);
    let found = store.memberships_of(&tenant, &user, after, one_more(limit)).await?;
    shown(asked, found, limit, |membership| membership.context.0.to_string()).await
}

/// Memberships with the roles that people have there, in the order that they were found in.
async fn shown(
    asked: &Asked<'_>,
    found: Vec<Membership>,
    limit: usize,
    key: impl Fn(&Membership) -> String,
) -> Result<Reply, Problem> {
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let users: Vec<UserId> = found.iter().map(|membership| membership.user.clone()).collect();
    let roles = store.assignments_of_all(&tenant, &users).await?;
    let rows = found.into_iter().zip(roles).map(|(membership, mut roles)| {
        roles.retain(|assignment| assignment.context == Some(membership.context));
        let roles: BTreeSet<&str> = roles.iter().map(|assignment| assignment.role_id.as_str()).collect();
        let mut body = json!({
            "user": membership.user,
            "context": membership.context_id,
            "roles": roles,
            "created_at": date::write(membership.created_at),
            "version": membership.version,
        });
        if let Some(version) = membership.external_version {
            body["external_version"] = json!(version);
        }
        (key(&membership), body)
    });
    Ok(Reply::page(rows.collect(), limit))
}

fn named(asked: &Asked<'_>) -> Named {
    let context = format!("{}/{}", asked.value(1), asked.value(2));
    let user = asked.value(3);
    let path = ["contexts", asked.value(1), asked.value(2), "members", user].map(object::encoded).join("/");
    Named {
        tenant: asked.tenant(),
        kind: Kind::Membership,
        id: format!("{user} in {context}"),
        with: vec![user.to_owned(), context.clone()],
        path: format!("/tenants/{}/{path}", object::encoded(asked.value(0))),
    }
}
