//! What people allowed clients: listed, taken back.

use doorward_core::Effect;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::ConsentId;
use doorward_core::model::{Consent, EventKind};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::CONSENT;
use super::one_more;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}/consents",
        area: Area::Consents,
        access: Access::Read,
        summary: "List what a person allowed",
        query: PAGED,
        request: None,
        answer: Answered::Page(&CONSENT),
        run: |asked| Box::pin(of_user(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}/consents",
        area: Area::Consents,
        access: Access::Read,
        summary: "List what a client was allowed",
        query: PAGED,
        request: None,
        answer: Answered::Page(&CONSENT),
        run: |asked| Box::pin(of_client(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/consents/{id}",
        area: Area::Consents,
        access: Access::Write,
        summary: "End a consent, and with it every grant under it",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(end(asked)),
    },
];

async fn of_user(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let user = asked.person(asked.value(1)).await?;
    let before = before.and_then(|id| id.parse().ok()).map(ConsentId);
    let store = asked.manage.store();
    let found = store.consents_of_user(&asked.tenant(), &user, before, one_more(limit)).await?;
    Ok(Reply::page(found.iter().map(shown).collect(), limit))
}

async fn of_client(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let client = asked.client(asked.value(1)).await?.client.id.clone();
    let before = before.and_then(|id| id.parse().ok()).map(ConsentId);
    let store = asked.manage.store();
    let found = store.consents_of_client(&asked.tenant(), &client, before, one_more(limit)).await?;
    Ok(Reply::page(found.iter().map(shown).collect(), limit))
}

async fn end(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (id, store) = (ConsentId(asked.number(1, "consent")?), asked.manage.store());
    let found = store.consent_by_id(&asked.tenant(), id).await?.filter(|found| found.ended_at.is_none());
    let found = found.ok_or_else(|| Problem::not_found("consent"))?;
    asked.may_touch(&found.user).await?;
    let event = asked.event(EventKind::ConsentEnded).user(&found.user).client(&found.client);
    let effects =
        vec![Effect::EndConsent { tenant: asked.tenant(), id, now: store.now() }, Effect::Record(event)];
    asked.commit(effects, Reply::nothing()).await
}

fn shown(consent: &Consent) -> (String, Value) {
    let body = json!({
        "id": consent.id.to_string(),
        "user": consent.user,
        "client": consent.client,
        "scopes": consent.scopes.to_string(),
        "implicit": consent.implicit,
        "created_at": date::write(consent.created_at),
    });
    (consent.id.to_string(), body)
}
