//! The account selection's form (`prompt=select_account`): go on as the person signed in, or sign in as somebody else.

use doorward_core::authorize::Act;

use super::browser::Browser;
use super::consent::open;
use super::continuation::{Arrival, go_on};
use crate::app::Call;
use crate::render::Answer;

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (journey, action) = match open(call, &browser, "select-account").await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let act = if action == "account" { Act::AccountChosen } else { Act::OtherAccount };
    let params = journey.params();
    go_on(
        call,
        &browser,
        params,
        Arrival { journey: Some(journey), act, clicked: true, ..Arrival::default() },
    )
    .await
}
