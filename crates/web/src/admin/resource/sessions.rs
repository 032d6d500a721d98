//! Sessions: listed, ended.

use doorward_core::Effect;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::SessionId;
use doorward_core::model::{EventKind, Session};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::SESSION;
use super::help::help;
use super::one_more;
use crate::manage::Act;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/users/{id}/sessions",
        area: Area::Sessions,
        access: Access::Read,
        summary: "List where a person is signed in",
        query: PAGED,
        request: None,
        answer: Answered::Page(&SESSION),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/users/{id}/sessions",
        area: Area::Sessions,
        access: Access::Write,
        summary: "Sign a person out everywhere",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(help(asked, Act::EndSessions)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/sessions/{id}",
        area: Area::Sessions,
        access: Access::Write,
        summary: "End a session, and every grant that hangs on it",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(end(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let user = asked.person(asked.value(1)).await?;
    let before = before.and_then(|id| id.parse().ok()).map(SessionId);
    let store = asked.manage.store();
    let found = store.sessions_page(&asked.tenant(), &user, before, one_more(limit)).await?;
    Ok(Reply::page(found.iter().map(shown).collect(), limit))
}

async fn end(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (id, store) = (SessionId(asked.number(1, "session")?), asked.manage.store());
    let found = store.session_by_id(&asked.tenant(), id).await?.filter(|found| found.ended_at.is_none());
    let found = found.ok_or_else(|| Problem::not_found("session"))?;
    asked.may_touch(&found.user).await?;
    let event = asked
        .event(EventKind::SessionEnded)
        .user(&found.user)
        .data(json!({ "session": found.id.to_string() }));
    let end = Effect::EndSession { tenant: asked.tenant(), id, now: store.now() };
    asked.commit(vec![end, Effect::Record(event)], Reply::nothing()).await
}

fn shown(session: &Session) -> (String, Value) {
    let body = json!({
        "id": session.id.to_string(),
        "user": session.user,
        "acr": session.acr,
        "amr": session.amr(),
        "auth_time": date::write(session.auth_time),
        "remembered": session.remembered,
        "used_at": date::write(session.used_at),
        "expires_at": date::write(session.expires_at),
        "user_agent": session.user_agent,
        "address": session.address,
        "created_at": date::write(session.created_at),
    });
    (session.id.to_string(), body)
}
