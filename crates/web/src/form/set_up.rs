//! The set-up page: the first administrator, made through a link that works once. A GET looks, the button spends.

use doorward_core::Timestamp;
use doorward_core::desired::user::fresh_id;
use doorward_core::login::set_up::SetUp;
use doorward_core::model::User;
use doorward_crypto::random::SystemRandom;
use doorward_wire::params::Params;
use doorward_wire::text::{Email, UserName};

use super::browser::{Browser, posted};
use super::error;
use super::new_password::{begin, chosen, no_room, throttled};
use crate::app::Call;
use crate::page::view::{self, SetUpProblem, SetUpState};
use crate::password_pool::Busy;
use crate::render::{self, Answer};
use crate::run::{ctx, load, run_plain};

/// GET of `/setup?link=…`.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    let link = query.get("link").unwrap_or_default().to_owned();
    match works(call, &link).await {
        Ok(works) => {
            let state = if works { SetUpState::Open } else { SetUpState::Expired };
            show(call, &browser, &link, state, &Params::default(), None, if works { 200 } else { 404 })
        }
        Err(answer) => answer,
    }
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if let Some(answer) = no_room(call) {
        return answer;
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let link = form.get("link").unwrap_or_default().to_owned();
    let problem =
        |problem, status| show(call, &browser, &link, SetUpState::Open, &form, Some(problem), status);
    match works(call, &link).await {
        Ok(true) => {}
        Ok(false) => return show(call, &browser, &link, SetUpState::Expired, &form, None, 404),
        Err(answer) => return answer,
    }
    if !browser.fits(call, "set-up", form.get("form")) {
        return problem(SetUpProblem::Stale, 403);
    }
    let typed = form.get("username").unwrap_or_default();
    let Ok(name) = UserName::parse(typed) else {
        return problem(SetUpProblem::BadUserName(UserName::refused_character(typed)), 400);
    };
    let email = match form.get("email").map(|email| Email::parse(email.trim())) {
        None => None,
        Some(Ok(email)) => Some(email),
        Some(Err(_)) => return problem(SetUpProblem::BadEmail, 400),
    };
    let user = administrator(call, &name, email.as_ref(), call.app.store.now());
    let begun = match begin(call, &link) {
        Ok(begun) => begun,
        Err(wait_s) => {
            return error::slowed(Some(wait_s), problem(SetUpProblem::Password(throttled(wait_s)), 429));
        }
    };
    let password = match chosen(call, &form, ["password", "password_again"], &user).await {
        Ok(Ok(password)) => password,
        Ok(Err(bad)) => return problem(SetUpProblem::Password(bad), 400),
        Err(Busy) => return error::busy(call),
    };
    let Ok(phc) = call.app.passwords.hash(password).await else { return error::busy(call) };
    let request = SetUp { link: link.clone() };
    let outcome =
        run_plain(call, request.needs(), |facts, ctx| request.decide(user.clone(), phc.clone(), facts, ctx))
            .await;
    match outcome {
        Ok(Ok(())) => {
            begun.succeeded();
            render::see_other(&call.url("/sign-in?setup=done"))
        }
        Ok(Err(_)) => show(call, &browser, &link, SetUpState::Expired, &form, None, 404),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

async fn works(call: &Call<'_>, link: &str) -> Result<bool, Answer> {
    let request = SetUp { link: link.to_owned() };
    let facts = load(call, &request.needs())
        .await
        .map_err(|failure| error::failed(call, &Browser::of(call), &failure))?;
    Ok(request.look(&facts, &ctx(call, &mut SystemRandom)).is_ok())
}

fn administrator(call: &Call<'_>, name: &UserName, email: Option<&Email>, now: Timestamp) -> User {
    let id = fresh_id(&mut ctx(call, &mut SystemRandom));
    User { administrator_since: Some(now), ..User::named(&call.issuer.tenant, id, (name, email), now) }
}

fn show(
    call: &Call<'_>,
    browser: &Browser,
    link: &str,
    state: SetUpState,
    form: &Params,
    problem: Option<SetUpProblem>,
    status: u16,
) -> Answer {
    let view = view::SetUp {
        frame: browser.frame(call, None),
        link: link.to_owned(),
        form: browser.form_token(call, "set-up"),
        state,
        user_name: form.get("username").unwrap_or_default().to_owned(),
        email: form.get("email").unwrap_or_default().to_owned(),
        password_min_length: call.app.options.password_min_length,
        problem,
    };
    browser.page(call, status, &view)
}
