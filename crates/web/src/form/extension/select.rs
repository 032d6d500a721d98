//! The form that asks which installation of an extension is meant.

use doorward_core::Reason;

use super::super::browser::Browser;
use super::super::consent::open_form;
use super::super::continuation::{Arrival, go_on};
use super::super::error;
use super::super::journey::{Journey, Purpose};
use crate::app::Call;
use crate::render::Answer;

/// POST: the request goes on, and says which one.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (journey, form) = match open_form(call, &browser, "select-installation").await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let Some(installation) = form.get("installation") else {
        return error::refused(call, &browser, &Reason::ParameterMissing.into());
    };
    let Purpose::Authorize(mut params) = journey.purpose.clone() else {
        return error::refused(call, &browser, &Reason::FormStale.into());
    };
    params.retain(|(name, _)| name != "installation" && name != "context");
    params.push(("installation".to_owned(), installation.to_owned()));
    let journey = Journey { purpose: Purpose::Authorize(params), ..journey };
    let params = journey.params();
    let arrival = Arrival { journey: Some(journey), clicked: true, ..Arrival::default() };
    go_on(call, &browser, params, arrival).await
}
