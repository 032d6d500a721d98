//! A session token for the page that shows an extension in a frame: asked for by that page's script, and again before it ends.

use doorward_core::Reason;
use doorward_core::installation::opening::Who;
use doorward_core::installation::session_token::{LIFE_S, SessionTokenRequest};
use serde_json::json;

use super::super::account::opened;
use super::super::browser::Browser;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run;
use crate::sign::signed;

/// POST, from a page of ours: the token as JSON.
pub async fn post(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    if let Err(answer) = opened(call, &browser).await {
        return answer;
    }
    let Some(session) = browser.session else { return render::refused(call, &Reason::NotSignedIn.into()) };
    let request = SessionTokenRequest { installation: id.into(), who: Who::Session(session), session: None };
    let outcome = run(
        call,
        request.needs(),
        |facts, ctx| request.decide(facts, ctx),
        |made| Ok((signed(&made.token, &call.tenant)?, made.sid)),
    )
    .await;
    match outcome {
        Ok(Ok((token, sid))) => {
            render::json(200, &json!({ "session_token": token, "sid": sid, "expires_in": LIFE_S }))
        }
        Ok(Err(refusal)) => render::refused(call, &refusal),
        Err(failure) => render::failed(call, &failure),
    }
}
