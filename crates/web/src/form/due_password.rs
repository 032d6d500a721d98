//! A new password that is due: chosen on the way of a sign-in, before anything is opened.

use doorward_core::login::new_password::NewPassword;

use super::browser::{Browser, posted};
use super::journey::{Journey, Opened};
use super::new_password::{begin, chosen, no_room, throttled};
use super::{error, sign_in};
use crate::app::Call;
use crate::page::view::{ChoosePassword, PasswordProblem};
use crate::password_pool::Busy;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// The page of a password that is due; what was shown travels in `journey`.
pub async fn page(call: &Call<'_>, browser: &Browser, journey: &Journey) -> Answer {
    again(call, browser, journey, None, 200).await
}

/// POST of `/new-password`.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if let Some(answer) = no_room(call) {
        return answer;
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let journey = match Journey::open(form.get("request"), call, &browser).await {
        Ok(Opened::Fresh(journey)) if browser.fits(call, FORM, form.get("form")) => journey,
        Ok(Opened::Fresh(journey) | Opened::Foreign(journey)) => {
            return sign_in::fresh(call, &browser, journey.without_steps()).await;
        }
        Ok(Opened::Expired(journey)) => return sign_in::expired(call, &browser, &journey).await,
        Ok(Opened::Unreadable) => return render::see_other(&call.url("/sign-in")),
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let Some(pending) = journey.pending.clone() else {
        return sign_in::fresh(call, &browser, journey).await;
    };
    let found = match call.app.store.user(&call.issuer.tenant, &pending.user).await {
        Ok(Some(found)) => found,
        Ok(None) => return sign_in::fresh(call, &browser, journey.without_steps()).await,
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let begun = match begin(call, pending.user.as_str()) {
        Ok(begun) => begun,
        Err(wait_s) => {
            return error::slowed(
                Some(wait_s),
                again(call, &browser, &journey, Some(throttled(wait_s)), 429).await,
            );
        }
    };
    let new = match chosen(call, &form, ["new_password", "new_password_again"], &found.user).await {
        Ok(Ok(new)) => new,
        Ok(Err(bad)) => return again(call, &browser, &journey, Some(bad), 400).await,
        Err(Busy) => return error::busy(call),
    };
    if let Some(credential) = &found.password {
        // The one that shall be replaced is no new one.
        match call.app.passwords.verify(new.clone(), credential.data.clone()).await {
            Ok(verified) if verified.fits => {
                let problem = Some(PasswordProblem::Same);
                return again(call, &browser, &journey, problem, 400).await;
            }
            Ok(_) => {}
            Err(Busy) => return error::busy(call),
        }
    }
    let Ok(phc) = call.app.passwords.hash(new).await else { return error::busy(call) };
    let user_agent = sign_in::user_agent(call);
    let request = NewPassword { pending, phc, session: browser.session, user_agent };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(concluded)) => {
            begun.succeeded();
            sign_in::concluded(call, browser, journey, concluded, false).await
        }
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            sign_in::fresh(call, &browser, journey.without_steps()).await
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

async fn again(
    call: &Call<'_>,
    browser: &Browser,
    journey: &Journey,
    problem: Option<PasswordProblem>,
    status: u16,
) -> Answer {
    let Some(pending) = &journey.pending else { return error::unavailable(call, browser) };
    let found = match call.app.store.user(&call.issuer.tenant, &pending.user).await {
        Ok(Some(found)) => found,
        Ok(None) => return error::unavailable(call, browser),
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let view = ChoosePassword {
        frame: browser.frame(call, journey.params().get("ui_locales")),
        form: browser.form_token(call, FORM),
        request,
        user_name: found.user.user_name.clone(),
        password_min_length: call.app.options.password_min_length,
        problem,
    };
    browser.page(call, status, &view)
}

const FORM: &str = "new-password";
