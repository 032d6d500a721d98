//! What a page of ours hands to the extension that it shows in a frame: asked for by that page's script, and answered as JSON.

use doorward_core::installation::frame::{MakeTicket, TICKET_S};
use doorward_core::installation::opening::Who;
use doorward_core::installation::session_token::{LIFE_S, SessionTokenRequest};
use doorward_core::needs::SessionHandle;
use doorward_core::{Reason, Refusal};
use serde_json::{Value, json};

use super::super::account::opened;
use super::super::browser::Browser;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::{Outcome, run, run_plain};
use crate::sign::signed;

/// POST: a session token, which is asked for again before it ends.
pub async fn session_token(call: &Call<'_>, id: &str) -> Answer {
    let who = match asks(call).await {
        Ok(session) => Who::Session(session),
        Err(answer) => return answer,
    };
    let request = SessionTokenRequest { installation: id.into(), who, session: None };
    let outcome = run(
        call,
        request.needs(),
        |facts, ctx| request.decide(facts, ctx),
        |made| Ok((signed(&made.token, &call.tenant)?, made.sid)),
    );
    let outcome = outcome.await;
    told(call, outcome, |(token, sid)| json!({ "session_token": token, "sid": sid, "expires_in": LIFE_S }))
}

/// POST: a ticket that signs the frame in, once.
pub async fn sign_in_ticket(call: &Call<'_>, id: &str) -> Answer {
    let who = match asks(call).await {
        Ok(session) => Who::Session(session),
        Err(answer) => return answer,
    };
    let request = MakeTicket { installation: id.into(), who };
    let outcome = run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await;
    told(call, outcome, |ticket| json!({ "sign_in_ticket": ticket.expose(), "expires_in": TICKET_S }))
}

/// Who asks, from a page of ours.
async fn asks(call: &Call<'_>) -> Result<SessionHandle, Answer> {
    let browser = Browser::of(call);
    opened(call, &browser).await?;
    browser.session.ok_or_else(|| render::refused(call, &Refusal::from(Reason::NotSignedIn)))
}

fn told<T>(call: &Call<'_>, outcome: Outcome<T>, shown: impl Fn(T) -> Value) -> Answer {
    match outcome {
        Ok(Ok(made)) => render::json(200, &shown(made)),
        Ok(Err(refusal)) => render::refused(call, &refusal),
        Err(failure) => render::failed(call, &failure),
    }
}
