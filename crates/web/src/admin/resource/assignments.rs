//! Assignments: who has a role, and which a person has; a role in the whole tenant is given and taken by itself. Those in a context are
//! members of the membership there.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{Kind, date};
use doorward_core::id::{ContextKey, RoleId};
use doorward_store::roles::Given;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::ASSIGNMENT;
use super::one_more;
use crate::manage::Trouble;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/roles/{id}/assignments",
        area: Area::Roles,
        access: Access::Read,
        summary: "List who has a role, and where",
        query: PAGED,
        request: None,
        answer: Answered::Page(&ASSIGNMENT),
        run: |asked| Box::pin(of_role(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}/roles",
        area: Area::Roles,
        access: Access::Read,
        summary: "List the roles of a person, and where they have each",
        query: PAGED,
        request: None,
        answer: Answered::Page(&ASSIGNMENT),
        run: |asked| Box::pin(of_user(asked)),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/users/{id}/roles/{role}",
        area: Area::Users,
        access: Access::Write,
        summary: "Give a person a role in the whole tenant",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(give(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/users/{id}/roles/{role}",
        area: Area::Users,
        access: Access::Write,
        summary: "Take a role in the whole tenant from a person",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(take(asked)),
    },
];

async fn of_role(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let role = RoleId(asked.value(1).to_owned());
    let found = store.role(&tenant, &role).await?.ok_or_else(|| Problem::not_found("role"))?;
    let after = after.as_deref().and_then(Given::read_holder);
    let given = store.given_of_role(&tenant, found.key, after, one_more(limit)).await?;
    Ok(Reply::page(given.iter().map(|given| (given.holder(), shown(given))).collect(), limit))
}

async fn of_user(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let user = asked.person(asked.value(1)).await?;
    let after = after.as_deref().and_then(|key| {
        let (context, role) = key.split_once(' ')?;
        Some((ContextKey(context.parse().ok()?), RoleId(role.to_owned())))
    });
    let given = store.given_of_user(&tenant, &user, after, one_more(limit)).await?;
    let key = |given: &Given| format!("{} {}", given.place.0, given.role);
    Ok(Reply::page(given.iter().map(|given| (key(given), shown(given))).collect(), limit))
}

fn shown(given: &Given) -> Value {
    let mut body =
        json!({ "user": given.user, "role": given.role, "created_at": date::write(given.created_at) });
    if let Some(context) = &given.context {
        body["context"] = json!(context);
    }
    body
}

async fn give(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let role = RoleId(asked.value(2).to_owned());
    if asked.manage.store().role(&asked.tenant(), &role).await?.is_none() {
        return Err(Problem::not_found("role"));
    }
    change(asked, |roles| {
        if !roles.contains(&json!(role)) {
            roles.push(json!(role));
        }
        Ok(())
    })
    .await
}

async fn take(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let role = json!(asked.value(2));
    change(asked, |roles| {
        let before = roles.len();
        roles.retain(|held| *held != role);
        match roles.len() == before {
            true => Err(Trouble::Unknown { noun: "role of that person", name: asked.value(2).to_owned() }),
            false => Ok(()),
        }
    })
    .await
}

async fn change(
    asked: &Asked<'_>,
    change: impl Fn(&mut Vec<Value>) -> Result<(), Trouble>,
) -> Result<Reply, Problem> {
    let named = Named::of(asked, Kind::User);
    object::amend(asked, &named, |user| {
        let mut roles = user["roles"].as_array().cloned().unwrap_or_default();
        change(&mut roles)?;
        user["roles"] = Value::Array(roles);
        Ok(())
    })
    .await?;
    Ok(Reply::nothing())
}
