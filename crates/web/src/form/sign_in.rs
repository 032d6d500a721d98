//! The sign-in page and its form. The attempt is counted and committed before the password is looked at; unknown name, wrong
//! password, disabled and locked accounts get one answer for the same work.

use doorward_core::login::attempt::{Attempt, Guess};
use doorward_core::login::conclude::Conclusion;
use doorward_core::login::device::Device;
use doorward_core::login::opening::SignedIn;
use doorward_core::login::second_factor::step::Concluded;
use doorward_core::{Facts, Reason, Refusal};
use doorward_crypto::secret::SecretString;
use doorward_wire::params::Params;
use doorward_wire::text::{Email, UserName};

use super::browser::{Browser, posted};
use super::continuation::{Arrival, go_on, show_fresh, signed_in};
use super::journey::{Journey, Opened, Purpose};
use super::{due_password, error, second_factor, sign_up, strangers};
use crate::app::Call;
use crate::cookie::Cookie;
use crate::limit::holder;
use crate::page::view::{ErrorKind, SignIn, SignInNotice, SignInProblem};
use crate::render::{self, Answer};
use crate::run::{Failure, run_plain};
use crate::traffic::{self, Class};

/// GET: the page on the way to the account page.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let facts = match super::continuation::look(call, browser.session).await {
        Ok(facts) => facts,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    if signed_in(call, &facts).is_some() {
        return render::see_other(&call.url("/account"));
    }
    let journey = Journey::begin(Purpose::Account, &browser, call.app.store.now());
    let notice = match call.request.query.as_deref() {
        Some("setup=done") => Some(SignInNotice::SetUp),
        Some("joined=done") => Some(SignInNotice::Joined),
        Some("reset=done") => Some(SignInNotice::Reset),
        _ => None,
    };
    account_page(call, &browser, &journey, Arrival { notice, ..Arrival::default() }, 200).await
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    // Before anything is done for it: a flood of sign-ins costs as little as it can.
    if call.app.passwords.is_full() {
        return traffic::overloaded(call, Class::Page);
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let opened = match Journey::open(form.get("request"), call, &browser).await {
        Ok(opened) => opened,
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let journey = match opened {
        Opened::Fresh(journey) if browser.fits(call, "sign-in", form.get("form")) => journey,
        Opened::Fresh(journey) | Opened::Foreign(journey) => return fresh(call, &browser, journey).await,
        Opened::Expired(journey) => return expired(call, &browser, &journey).await,
        Opened::Unreadable => {
            let journey = Journey::begin(Purpose::Account, &browser, call.app.store.now());
            return fresh(call, &browser, journey).await;
        }
    };
    let mut arrival = Arrival {
        journey: Some(journey.clone()),
        clicked: true,
        typed: form.get("username").map(str::to_owned),
        remember: form.get("remember").is_some(),
        ..Arrival::default()
    };
    match sign_in(call, &browser, &form, &journey, arrival.remember).await {
        Ok(Ok(done)) => concluded(call, browser, journey, done, arrival.remember).await,
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            arrival.problem = Some(match refusal.retry_after_s {
                Some(seconds) => SignInProblem::Throttled { seconds: seconds.into() },
                None => SignInProblem::Refused,
            });
            let answer = again(call, &browser, arrival).await;
            error::slowed(refusal.retry_after_s, answer)
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// What a step of a sign-in leads to.
pub async fn concluded(
    call: &Call<'_>,
    browser: Browser,
    journey: Journey,
    concluded: Concluded,
    remember: bool,
) -> Answer {
    match concluded {
        Concluded::SignedIn(signed_in) => {
            let journey = Some(journey.without_steps());
            let arrival = Arrival { journey, clicked: true, remember, ..Arrival::default() };
            arrived(call, browser, arrival, *signed_in).await
        }
        Concluded::Pending { pending, has_factor } => {
            let journey = Journey { pending: Some(pending), ..journey.without_steps() };
            second_factor::begin(call, &browser, journey, has_factor).await
        }
        Concluded::NewPassword(pending) => {
            let journey = Journey { pending: Some(pending), ..journey.without_steps() };
            due_password::page(call, &browser, &journey).await
        }
    }
}

/// Attempt, verify, conclude.
async fn sign_in(
    call: &Call<'_>,
    browser: &Browser,
    form: &Params,
    journey: &Journey,
    remember: bool,
) -> Result<Result<Concluded, Refusal>, Failure> {
    let typed = form.get("username").unwrap_or_default().to_owned();
    let name_key = name_key(&typed);
    let device = Cookie::Device.read(call).as_deref().and_then(Device::parse);
    let holder = holder(call.request.client_ip).to_string();
    let attempt = Attempt { name_key, typed, device, holder, guess: Guess::Password };
    let begun = match strangers::begin(call, &attempt, &attempt.person(), journey).await? {
        Ok(begun) => begun,
        Err(wait_s) => {
            return Ok(Err(Refusal { retry_after_s: Some(wait_s), ..Reason::SignInThrottled.into() }));
        }
    };
    let to_verify = match run_plain(call, attempt.needs(), |facts, ctx| attempt.decide(facts, ctx)).await {
        Ok(Ok(to_verify)) => to_verify,
        Ok(Err(refusal)) => return Ok(Err(refusal)),
        Err(failure) => {
            begun.succeeded();
            return Err(failure);
        }
    };
    let password = SecretString::from(form.get("password").unwrap_or_default());
    let verified = call.app.passwords.verify(password, to_verify.phc.clone()).await;
    let Ok(verified) = verified else {
        begun.succeeded();
        return Err(Failure::Busy);
    };
    let worked = verified.worked;
    let conclusion = Conclusion {
        attempt,
        verified: verified.against(to_verify.phc),
        session: browser.session,
        remember,
        user_agent: user_agent(call),
    };
    let outcome = run_plain(call, conclusion.needs(), |facts, ctx| conclusion.decide(facts, ctx)).await;
    match &outcome {
        Ok(Ok(_)) | Err(_) => begun.succeeded(),
        Ok(Err(_)) => {
            strangers::failed(call, &conclusion.attempt);
            tokio::time::sleep(call.app.passwords.owed(worked)).await;
        }
    }
    outcome
}

/// Signed in: new cookies, and on with the journey.
pub async fn arrived(call: &Call<'_>, mut browser: Browser, arrival: Arrival, signed_in: SignedIn) -> Answer {
    browser.session = doorward_core::needs::SessionHandle::of_cookie(signed_in.cookie.expose());
    let purpose = arrival.journey.as_ref().map(|journey| journey.purpose.clone());
    let mut answer = match (purpose, &arrival.journey) {
        (Some(Purpose::Authorize(_)), Some(journey)) => {
            let params = journey.params();
            go_on(call, &browser, params, Arrival { typed: None, ..arrival }).await
        }
        (purpose, _) => render::see_other(&call.url(purpose.unwrap_or(Purpose::Account).path())),
    };
    let max_age_s = signed_in.session.remembered.then_some(signed_in.session.idle_ms / 1000);
    Cookie::Session.set(call, signed_in.cookie.expose(), max_age_s, &mut answer);
    if let Some(device) = signed_in.device {
        remember_device(call, device, &mut answer);
    }
    answer
}

/// From now on the browser is known as one of that person.
pub fn remember_device(call: &Call<'_>, device: Device, answer: &mut Answer) {
    Cookie::Device.set(call, &device.encode(), Some(DEVICE_S), answer);
}

/// For how many seconds the browser keeps the cookie of the session that was found, when the person stays signed in.
pub fn kept_s(facts: &Facts) -> Option<i64> {
    let session = &facts.session.as_ref()?.session;
    session.remembered.then_some(session.idle_ms / 1000)
}

/// The browser's own description.
pub fn user_agent(call: &Call<'_>) -> String {
    call.header("user-agent").unwrap_or_default().chars().take(300).collect()
}

/// The page again, with what went wrong.
async fn again(call: &Call<'_>, browser: &Browser, arrival: Arrival) -> Answer {
    let Some(journey) = arrival.journey.clone() else { return error::unavailable(call, browser) };
    match journey.purpose {
        Purpose::Authorize(_) => {
            // Whoever else is signed in: this person is signing in, and sees the page again.
            let params = journey.params();
            let arrival = Arrival { act: doorward_core::authorize::Act::OtherAccount, ..arrival };
            go_on(call, browser, params, arrival).await
        }
        _ => account_page(call, browser, &journey, arrival, 200).await,
    }
}

/// A stale form: a fresh one of the same request.
pub async fn fresh(call: &Call<'_>, browser: &Browser, journey: Journey) -> Answer {
    match journey.purpose {
        Purpose::Authorize(_) => show_fresh(call, browser, journey).await,
        _ => {
            let arrival = Arrival { notice: Some(SignInNotice::Stale), ..Arrival::default() };
            account_page(call, browser, &journey, arrival, 403).await
        }
    }
}

/// Too old to go on with: a link back to the application, where it is still known.
pub async fn expired(call: &Call<'_>, browser: &Browser, journey: &Journey) -> Answer {
    let back = super::consent::way_back(call, journey).await;
    error::with_way_back(call, browser, ErrorKind::RequestExpired, None, back)
}

/// The page on the way to a page of ours.
pub async fn account_page(
    call: &Call<'_>,
    browser: &Browser,
    journey: &Journey,
    arrival: Arrival,
    status: u16,
) -> Answer {
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let view = SignIn {
        frame: browser.frame(call, None),
        client: None,
        request,
        form: browser.form_token(call, "sign-in"),
        user_name: arrival.typed.unwrap_or_default(),
        offers_sign_up: sign_up::is_offered(call),
        offers_reset: call.sends_mail(),
        offers_remember: true,
        remember: arrival.remember,
        problem: arrival.problem,
        notice: arrival.notice,
    };
    browser.page(call, status, &view)
}

/// The canonical form of what was typed: a user name, or an e-mail address.
pub fn name_key(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.contains('@') {
        Email::parse(typed).ok().map(|email| email.key().to_owned())
    } else {
        UserName::parse(typed).ok().map(|name| name.key().to_owned())
    }
}

const DEVICE_S: i64 = 365 * 86_400;
