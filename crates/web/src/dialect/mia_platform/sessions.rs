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
        let user = segment(call);
        let relay = relay(call, "DELETE", &format!("/users/{user}/sessions")).await?;
        let user = percent::decode(user.replace('+', "%2B").as_bytes()).unwrap_or_default();
        let count = count(call, &UserId(user)).await;
        let count = count.map_err(|fault| Box::new(render::failed(call, &fault.into())))?;
        relay.carry(Value::Null).await.map_err(|problem| told(call, &problem))?;
        Ok(render::json(200, &json!({ "count": count })))
    };
    done.await.unwrap_or_else(|refused: Box<Answer>| *refused)
}

/// DELETE `/expired-sessions`, of everybody or of one: what has expired is no session any more, and is forgotten by itself.
pub async fn forget(call: &Call<'_>) -> Answer {
    match relay(call, "DELETE", &format!("/users/{}/sessions", segment(call))).await {
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

/// The person whom the path names, as it was sent; `-` where it names none.
fn segment<'a>(call: &'a Call<'_>) -> &'a str {
    call.path.splitn(3, '/').nth(2).filter(|user| !user.is_empty()).unwrap_or("-")
}

const PAGE: i64 = 200;
