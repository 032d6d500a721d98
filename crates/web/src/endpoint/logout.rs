//! The end session endpoint (OpenID Connect RP-Initiated Logout, section 2). A POST comes from the client's site, without our cookies:
//! one hop first.

use doorward_core::Reason;
use doorward_wire::params::Params;

use crate::app::Call;
use crate::form::browser::{Browser, fields};
use crate::form::hop::hop;
use crate::form::{error, sign_out};
use crate::render::Answer;

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    match Params::parse_query(call.request.query.as_deref().unwrap_or_default()) {
        Ok(params) => sign_out::decide(call, &browser, params, false).await,
        Err(_) => error::refused(call, &browser, &Reason::ParameterMalformed.into()),
    }
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    match fields(call) {
        Some(params) => match hop(call, &browser, "/logout", &params) {
            Some(hop) => hop,
            None => sign_out::decide(call, &browser, params, false).await,
        },
        None => error::refused(call, &browser, &Reason::BodyMalformed.into()),
    }
}
