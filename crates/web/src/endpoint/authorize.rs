//! The authorization endpoint (RFC 6749, section 3.1). A POST may come from another site, without our cookies: one hop first, then
//! decide (design, section 9).

use doorward_core::Reason;
use doorward_core::authorize::Act;
use doorward_wire::media_type;
use doorward_wire::params::{ParamError, Params};
use http::StatusCode;

use crate::app::Call;
use crate::form::browser::Browser;
use crate::form::continuation::{Arrival, go_on, told_to_nobody};
use crate::form::extension::framed;
use crate::form::hop::hop;
use crate::render::Answer;

/// GET. The browser is sent on as the wire contract has it.
pub async fn get(call: &Call<'_>) -> Answer {
    let mut answer = asked(call).await;
    if answer.status() == StatusCode::SEE_OTHER {
        *answer.status_mut() = call.dialect.codec.sends_on;
    }
    answer
}

async fn asked(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let params = match Params::parse_query(call.request.query.as_deref().unwrap_or_default()) {
        Ok(params) => params,
        Err(problem) => return told_to_nobody(call, &browser, &Reason::from(problem).into()),
    };
    let params = match call.dialect.codec.authorization {
        Some(meant) => match meant(call, params).await {
            Ok(params) => params,
            Err(page) => return *page,
        },
        None => params,
    };
    let is_ours = call.header("sec-fetch-site") == Some("same-origin");
    if is_ours && call.dialect.policies.answers_consent && params.get("grant_consent") == Some("true") {
        let arrival = Arrival { act: Act::Allowed, ..Arrival::default() };
        return go_on(call, &browser, params, arrival).await;
    }
    framed::arrive(call, &browser, params).await
}

/// POST of the parameters as a form (OpenID Connect Core, section 3.1.2.1).
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let is_form = call.header("content-type").is_some_and(|value| media_type::form(value).is_ok());
    let params = if is_form { Params::parse_form(&call.request.body) } else { Err(ParamError::BadEncoding) };
    match params {
        Ok(params) => match hop(call, &browser, call.path, &params) {
            Some(hop) => hop,
            None => go_on(call, &browser, params, Arrival::default()).await,
        },
        Err(problem) => told_to_nobody(call, &browser, &Reason::from(problem).into()),
    }
}
