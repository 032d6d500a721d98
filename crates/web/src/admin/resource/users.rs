//! People.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::user::fresh_id;
use doorward_core::desired::{CurrentTenant, CurrentUser, Kind};
use doorward_core::facts::UserFacts;
use doorward_core::id::UserId;
use doorward_crypto::random::SystemRandom;
use doorward_wire::text::UserName;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, Query, Route};
use super::super::shapes::USER;
use super::super::view::views;
use super::one_more;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users",
        area: Area::Users,
        access: Access::Read,
        summary: "List the people of a tenant",
        query: LIST,
        request: None,
        answer: Answered::Page(&USER),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/users",
        area: Area::Users,
        access: Access::Write,
        summary: "Make a person",
        query: &[],
        request: Some(&USER),
        answer: Answered::Made(&USER),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}",
        area: Area::Users,
        access: Access::Read,
        summary: "Read a person",
        query: &[],
        request: None,
        answer: Answered::One(&USER),
        run: |asked| Box::pin(async move { object::read(asked, &Named::of(asked, Kind::User)).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/users/{id}",
        area: Area::Users,
        access: Access::Write,
        summary: "Make or replace a person",
        query: &[],
        request: Some(&USER),
        answer: Answered::Put(&USER),
        run: |asked| Box::pin(async move { object::put(asked, &Named::of(asked, Kind::User)).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/users/{id}",
        area: Area::Users,
        access: Access::Write,
        summary: "Change a person",
        query: &[],
        request: Some(&USER),
        answer: Answered::One(&USER),
        run: |asked| Box::pin(async move { object::patch(asked, &Named::of(asked, Kind::User)).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/users/{id}",
        area: Area::Users,
        access: Access::Write,
        summary: "Remove a person",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &Named::of(asked, Kind::User)).await }),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store, more) = (asked.tenant(), asked.manage.store(), one_more(limit));
    let disabled = asked.flag("disabled")?;
    let keyed: Vec<(String, UserFacts)> = match (asked.param("external_id"), asked.param("q")) {
        (Some(external), _) => {
            store.user_by_external_id(&tenant, external).await?.map(by_id).into_iter().collect()
        }
        (None, Some(q)) => {
            store.users_named(&tenant, &key_of(q), after.as_deref().unwrap_or_default(), more).await?
        }
        (None, None) => {
            let after = after.map(UserId);
            let found = match disabled {
                Some(true) => store.users_disabled(&tenant, after.as_ref(), more).await?,
                Some(false) => store.users_enabled(&tenant, after.as_ref(), more).await?,
                None => store.users(&tenant, after.as_ref(), more).await?,
            };
            found.into_iter().map(by_id).collect()
        }
    };
    let wanted = |user: &UserFacts| disabled.is_none_or(|wish| user.user.disabled_at.is_some() == wish);
    let rows = shown(asked, keyed.iter().map(|(_, user)| user.clone()).collect()).await?;
    let mut found = Vec::new();
    for (key, user) in &keyed {
        // What the filter leaves out still counts for where the next page begins.
        let body = rows.iter().find(|(id, _)| *id == user.user.id.0).map(|(_, body)| body.clone());
        found.push((key.clone(), body.filter(|_| wanted(user)).unwrap_or(Value::Null)));
    }
    let mut reply = Reply::page(found, limit);
    if let Some(items) = reply.body.as_mut().and_then(|body| body["items"].as_array_mut()) {
        items.retain(|item| !item.is_null());
    }
    Ok(reply)
}

/// People as they are shown, with their roles.
async fn shown(asked: &Asked<'_>, found: Vec<UserFacts>) -> Result<Vec<(String, Value)>, Problem> {
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let ids: Vec<UserId> = found.iter().map(|found| found.user.id.clone()).collect();
    let roles = store.assignments_of_all(&tenant, &ids).await?;
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    of.users = found
        .into_iter()
        .zip(roles)
        .map(|(found, roles)| {
            let (roles, roles_in_contexts) =
                roles.into_iter().partition(|assignment| assignment.context.is_none());
            CurrentUser { user: found.user, password: found.password, roles, roles_in_contexts }
        })
        .collect();
    Ok(views(&of, Kind::User, store.now()).into_iter().map(|view| (view.id, view.body)).collect())
}

fn by_id(found: UserFacts) -> (String, UserFacts) {
    (found.user.id.0.clone(), found)
}

/// The beginning of a name in the form that names are compared by, as far as it can be one.
fn key_of(q: &str) -> String {
    UserName::parse(q).map_or_else(|_| q.trim().to_lowercase(), |name| name.key().to_owned())
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = match asked.text("id") {
        Some(id) => id.to_owned(),
        None => fresh_id(&mut asked.manage.ctx(&mut SystemRandom)).0,
    };
    let mut body = asked.body();
    body["id"] = json!(id);
    object::make(asked, &Named::called(asked, Kind::User, id), body).await
}

const LIST: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
    Query { name: "q", about: "whose user name or e-mail address begins so" },
    Query { name: "external_id", about: "who has this id in the system that brings people in" },
    Query { name: "disabled", about: "`true`: only who may do nothing; `false`: only the others" },
];
