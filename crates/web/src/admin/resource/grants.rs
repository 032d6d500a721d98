//! Grants: listed, ended.

use doorward_core::Effect;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::{ConsentId, GrantId};
use doorward_core::model::{EventKind, Grant};
use doorward_store::grant_lists::GrantPlace;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::GRANT;
use super::one_more;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}/grants",
        area: Area::Grants,
        access: Access::Read,
        summary: "List the grants of a person",
        query: PAGED,
        request: None,
        answer: Answered::Page(&GRANT),
        run: |asked| Box::pin(of_user(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}/grants",
        area: Area::Grants,
        access: Access::Read,
        summary: "List the grants of a client",
        query: PAGED,
        request: None,
        answer: Answered::Page(&GRANT),
        run: |asked| Box::pin(of_client(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/grants/{id}",
        area: Area::Grants,
        access: Access::Write,
        summary: "End a grant, and with it every token of it",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(end(asked)),
    },
];

async fn of_user(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let user = asked.person(asked.value(1)).await?;
    let store = asked.manage.store();
    let found = store.grants_of_user(&asked.tenant(), &user, place(after), one_more(limit)).await?;
    Ok(Reply::page(found.iter().map(shown).collect(), limit))
}

async fn of_client(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let client = asked.client(asked.value(1)).await?.client.id.clone();
    let store = asked.manage.store();
    let found = store.grants_of_client(&asked.tenant(), &client, place(after), one_more(limit)).await?;
    Ok(Reply::page(found.iter().map(shown).collect(), limit))
}

async fn end(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (id, store) = (GrantId(asked.number(1, "grant")?), asked.manage.store());
    let found = store.grant(&asked.tenant(), id).await?.map(|found| found.grant);
    let found = found.filter(|grant| grant.ended_at.is_none()).ok_or_else(|| Problem::not_found("grant"))?;
    asked.may_touch(&found.user).await?;
    let event = asked.event(EventKind::GrantEnded).user(&found.user).client(&found.client).grant(id);
    let reason = "administrator".to_owned();
    let end = Effect::EndGrant { tenant: asked.tenant(), id, now: store.now(), reason };
    asked.commit(vec![end, Effect::Record(event)], Reply::nothing()).await
}

fn place(after: Option<String>) -> Option<GrantPlace> {
    let after = after?;
    let (consent, grant) = after.split_once('.')?;
    Some((ConsentId(consent.parse().ok()?), GrantId(grant.parse().ok()?)))
}

fn shown(grant: &Grant) -> (String, Value) {
    let body = json!({
        "id": grant.id.to_string(),
        "consent": grant.consent.to_string(),
        "issuer": grant.issuer,
        "user": grant.user,
        "client": grant.client,
        "scopes": grant.scopes.to_string(),
        "offline": grant.offline,
        "acr": grant.acr,
        "auth_time": date::write(grant.auth_time),
        "used_at": date::write(grant.used_at),
        "expires_at": date::write(grant.expires_at),
        "created_at": date::write(grant.created_at),
    });
    (format!("{}.{}", grant.consent, grant.id), body)
}
