//! Sign-out: the question, and its form (OpenID Connect RP-Initiated Logout, section 2).

use doorward_core::login::logout::{LoggedOut, LogoutRequest};
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::continuation::{look, signed_in};
use super::error;
use super::journey::{Journey, Opened, Purpose, pairs};
use crate::app::Call;
use crate::cookie::Cookie;
use crate::page::view::{SignOut, SignedOut};
use crate::render::{self, Answer};
use crate::run::run_plain;

/// POST of the question, or of the account page's button.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let params = match form.get("request") {
        None => Params::default(),
        sealed => match Journey::open(sealed, call, &browser).await {
            Ok(Opened::Fresh(journey) | Opened::Foreign(journey) | Opened::Expired(journey)) => {
                journey.params()
            }
            Ok(Opened::Unreadable) => Params::default(),
            Err(fault) => return error::fault(call, &browser, &fault),
        },
    };
    let facts = match look(call, browser.session).await {
        Ok(facts) => facts,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    signed_in(call, &facts).iter().for_each(|user| browser.knows(user));
    let token = form.get("form");
    if !browser.fits(call, "sign-out", token) && !browser.fits(call, "account", token) {
        return ask(call, &browser, params, None, true).await;
    }
    if form.get("action") == Some("stay") {
        let frame = browser.frame(call, params.get("ui_locales"));
        return browser.page(call, 200, &SignedOut { frame, back: None, stayed: true });
    }
    decide(call, &browser, params, true).await
}

/// Decide a sign-out, and show what follows.
pub async fn decide(call: &Call<'_>, browser: &Browser, params: Params, confirmed: bool) -> Answer {
    let request = LogoutRequest { params, session: browser.session, confirmed };
    let needs = request.needs(&call.facts());
    let outcome = run_plain(call, needs, |facts, ctx| {
        signed_in(call, facts).iter().for_each(|user| browser.knows(user));
        request.decide(facts, ctx)
    });
    match outcome.await {
        Ok(Ok(LoggedOut::Confirm { client_name })) => {
            ask(call, browser, request.params, client_name, false).await
        }
        Ok(Ok(LoggedOut::Return { uri })) => cleared(call, render::see_other(&uri)),
        Ok(Ok(LoggedOut::Page { .. })) => {
            let frame = browser.frame(call, request.params.get("ui_locales"));
            cleared(call, browser.page(call, 200, &SignedOut { frame, back: None, stayed: false }))
        }
        Ok(Err(refusal)) => error::refused(call, browser, &refusal),
        Err(failure) => error::failed(call, browser, &failure),
    }
}

async fn ask(
    call: &Call<'_>,
    browser: &Browser,
    params: Params,
    client: Option<String>,
    is_stale: bool,
) -> Answer {
    let facts = match look(call, browser.session).await {
        Ok(facts) => facts,
        Err(failure) => return error::failed(call, browser, &failure),
    };
    let user = signed_in(call, &facts);
    user.iter().for_each(|user| browser.knows(user));
    let frame = browser.frame(call, params.get("ui_locales"));
    let Some(user) = user else {
        return cleared(call, browser.page(call, 200, &SignedOut { frame, back: None, stayed: false }));
    };
    let journey = Journey::begin(Purpose::Logout(pairs(&params)), browser, call.app.store.now());
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let view = SignOut {
        frame,
        client,
        request,
        form: browser.form_token(call, "sign-out"),
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
        is_stale,
    };
    browser.page(call, if is_stale { 403 } else { 200 }, &view)
}

fn cleared(call: &Call<'_>, mut answer: Answer) -> Answer {
    Cookie::Session.clear(call, &mut answer);
    answer
}
