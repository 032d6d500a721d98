//! Sessions that administrators end: what the admin API does, with its rights, in their words.

use doorward_core::id::UserId;
use doorward_store::Fault;
use doorward_wire::percent;
use serde_json::{Value, json};

use super::problem::{relay, told};
use crate::app::Call;
use crate::render::{self, Answer};

/// DELETE `/sessions/{userId}`: how many they were signed in by.
pub async fn end(call: &Call<'_>) -> Answer {
    let done = async {
        let user = call.segment(0);
        let relay = relay(call, "DELETE", &sessions(user)).await?;
        let count = count(call, &user.into()).await;
        let count = count.map_err(|fault| Box::new(render::failed(call, &fault.into())))?;
        relay.carry(Value::Null).await.map_err(|problem| told(call, &problem))?;
        Ok(render::json(200, &json!({ "count": count })))
    };
    done.await.unwrap_or_else(|refused: Box<Answer>| *refused)
}

/// DELETE `/expired-sessions`, of everybody or of one: what has expired is no session any more, and is forgotten by itself.
pub async fn forget(call: &Call<'_>) -> Answer {
    // Of everybody: who may end the sessions of anybody, whom no id stands for.
    let user = if call.segments.is_empty() { "-" } else { call.segment(0) };
    match relay(call, "DELETE", &sessions(user)).await {
        Ok(_) => render::nothing(204),
        Err(refused) => *refused,
    }
}

async fn count(call: &Call<'_>, user: &UserId) -> Result<usize, Fault> {
    let (mut count, mut before) = (0, None);
    loop {
        let page = call.app.store.sessions_page(&call.issuer.tenant, user, before, PAGE).await?;
        count += page.len();
        before = page.last().map(|session| session.id);
        if before.is_none() {
            return Ok(count);
        }
    }
}

/// The sessions of that person at the API.
fn sessions(user: &str) -> String {
    format!("/users/{}/sessions", percent::encode(user))
}

const PAGE: i64 = 200;
