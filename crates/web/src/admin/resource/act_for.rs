//! What the platform's backend does for people who sign in elsewhere: opening an extension, and what a page that shows one hands to it.

use doorward_core::admin::{Access, Area};
use doorward_core::id::IssuerId;
use doorward_core::installation::frame::TICKET_S;
use doorward_core::installation::launch::{KEY_S, Opening};
use doorward_core::installation::session_token::LIFE_S;
use doorward_crypto::secret::SecretString;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, Route};
use super::super::schema::wrong;
use super::super::shapes::{LAUNCH, SESSION_TOKEN, SIGN_IN_TICKET};
use crate::manage::ActFor;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/launch",
        area: Area::Installations,
        access: Access::Write,
        summary: "Open an extension for a person: its address, with a key that works once",
        query: &[],
        request: Some(&LAUNCH),
        answer: Answered::One(&LAUNCH),
        run: |asked| Box::pin(launch(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/session-token",
        area: Area::Installations,
        access: Access::Write,
        summary: "Make a session token for a person who looks at an extension in a frame",
        query: &[],
        request: Some(&SESSION_TOKEN),
        answer: Answered::One(&SESSION_TOKEN),
        run: |asked| Box::pin(session_token(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/sign-in-ticket",
        area: Area::Installations,
        access: Access::Write,
        summary: "Make a ticket that signs a frame in as a person, once",
        query: &[],
        request: Some(&SIGN_IN_TICKET),
        answer: Answered::One(&SIGN_IN_TICKET),
        run: |asked| Box::pin(sign_in_ticket(asked)),
    },
];

async fn launch(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let act = act(asked).await?;
    let opened = asked.manage.open_for(&act, &|opening| asked.kept(&shown(opening))).await;
    Ok(shown(&asked.told(opened).await?))
}

fn shown(opening: &Opening) -> Reply {
    let mut body = json!({ "user": opening.user, "url": opening.url });
    if let Some(key) = &opening.key {
        body["retrieval_key"] = json!(key.expose());
        body["expires_in"] = json!(KEY_S);
    }
    Reply::plain(200, body)
}

async fn session_token(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let act = act(asked).await?;
    let session = asked.text("session").map(str::to_owned);
    if session.as_ref().is_some_and(|name| name.chars().any(char::is_control)) {
        return Err(Problem::invalid(vec![wrong("/session", "must be one line")]));
    }
    let shown = |(token, sid): &(String, String)| {
        let body = json!({ "user": act.user, "session_token": token, "sid": sid, "expires_in": LIFE_S });
        Reply::plain(200, body)
    };
    let made = asked.manage.session_token_for(&act, session, &|made| asked.kept(&shown(made))).await;
    Ok(shown(&asked.told(made).await?))
}

async fn sign_in_ticket(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let act = act(asked).await?;
    let shown = |ticket: &SecretString| {
        let body = json!({ "user": act.user, "sign_in_ticket": ticket.expose(), "expires_in": TICKET_S });
        Reply::plain(200, body)
    };
    let made = asked.manage.sign_in_ticket_for(&act, &|ticket| asked.kept(&shown(ticket))).await;
    Ok(shown(&asked.told(made).await?))
}

/// For whom, where: the person and the installation are there, and within reach.
async fn act(asked: &Asked<'_>) -> Result<ActFor, Problem> {
    let body: Value = asked.body();
    let user = asked.person(body["user"].as_str().unwrap_or_default()).await?;
    let found = super::installations::found(asked).await?;
    let issuer = asked.text("issuer").map(|id| IssuerId(id.to_owned()));
    Ok(ActFor { tenant: asked.tenant(), installation: found.installation.id, user, issuer })
}
