//! The page on which a person manages their second factor. What they do there asks for the password once more; whoever has a factor
//! and has not shown it in this session shows it first.

use doorward_core::login::second_factor::manage::{Act, Manage};
use doorward_core::login::second_factor::{is_due, is_offered, is_required};
use doorward_core::model::User;
use doorward_core::{Facts, Needs, Reason};
use doorward_wire::params::Params;

use super::account::{opened, person};
use super::browser::Browser;
use super::journey::{Behind, Journey, Purpose};
use super::new_password::no_room;
use super::own_password::{self, Shown};
use super::{error, second_factor};
use crate::app::Call;
use crate::page::view::{FactorNotice, FactorProblem, ManageFactor};
use crate::render::{self, Answer};
use crate::run::{Failure, Outcome, load, now, run_plain};

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let user = match person(call, &browser).await {
        Ok(user) => user,
        Err(answer) => return answer,
    };
    let notice = call.request.query.as_deref().and_then(|query| match query {
        "done=added" => Some(FactorNotice::Added),
        "done=removed" => Some(FactorNotice::Removed),
        _ => None,
    });
    page(call, &browser, &user, notice, None, 200).await
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (user, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let act = match form.get("action") {
        Some("begin") => Act::Begin,
        Some("new-codes") => Act::NewCodes,
        Some("remove") => Act::Remove,
        _ => return error::refused(call, &browser, &Reason::ParameterMalformed.into()),
    };
    if let Some(answer) = no_room(call) {
        return answer;
    }
    let refusal = match manage(call, &browser, &user, &form, act).await {
        Ok(Ok(codes)) => return done(call, &browser, &user, act, codes).await,
        Ok(Err(refusal)) => refusal,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    call.app.tally.refused(&call.issuer.tenant, refusal.reason);
    let problem = match (refusal.reason, refusal.retry_after_s) {
        (Reason::PasswordWrong, _) => FactorProblem::WrongPassword,
        (Reason::SignInThrottled, Some(seconds)) => FactorProblem::Throttled { seconds: seconds.into() },
        (Reason::FactorRequired, _) => FactorProblem::Required,
        (Reason::SecondStepDue, _) => return ask(call, &browser, Behind::SecondFactor).await,
        _ => return error::refused(call, &browser, &refusal),
    };
    let answer = page(call, &browser, &user, None, Some(problem), refusal.reason.status()).await;
    render::because(error::slowed(refusal.retry_after_s, answer), refusal.reason)
}

async fn done(call: &Call<'_>, browser: &Browser, user: &User, act: Act, codes: Vec<String>) -> Answer {
    let journey = Journey::begin(Purpose::SecondFactor, browser, now(call));
    match act {
        Act::Begin => second_factor::enrol_page(call, browser, journey, user, None, None).await,
        Act::NewCodes => second_factor::codes_page(call, browser, &journey, codes, false).await,
        Act::Remove => render::see_other(&call.url("/account/second-factor?done=removed")),
    }
}

/// Count, verify the password, do it.
async fn manage(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    form: &Params,
    act: Act,
) -> Outcome<Vec<String>> {
    let Shown { session, attempt, against, fits } =
        match own_password::shown(call, browser, user, form).await? {
            Ok(shown) => shown,
            Err(refusal) => return Ok(Err(refusal)),
        };
    let request = Manage { act, attempt, session, user: user.id.clone(), against, fits };
    run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await
}

/// The code first: of whoever has a factor, and has not shown it in this session. From there they come back.
pub(super) async fn ask(call: &Call<'_>, browser: &Browser, behind: Behind) -> Answer {
    let journey = Journey::begin(Purpose::Code(behind), browser, now(call));
    second_factor::code_page(call, browser, &journey, None, false, None).await
}

async fn page(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    notice: Option<FactorNotice>,
    problem: Option<FactorProblem>,
    status: u16,
) -> Answer {
    let facts = match looked(call, browser).await {
        Ok(facts) => facts,
        Err(failure) => return error::failed(call, browser, &failure),
    };
    if facts.session.as_ref().is_none_or(|found| is_due(&facts, &found.session)) {
        return ask(call, browser, Behind::SecondFactor).await;
    }
    let view = ManageFactor {
        frame: browser.frame(call, None),
        form: browser.form_token(call, "account"),
        user_name: user.user_name.clone(),
        since: facts.factors.totp.as_ref().map(|credential| credential.created_at.seconds()),
        codes_left: i64::try_from(facts.factors.codes_left()).unwrap_or_default(),
        is_required: is_required(&facts, user),
        is_offered: is_offered(&facts.tenant),
        notice,
        problem,
    };
    browser.page(call, status, &view)
}

/// The session with its person's factors.
pub async fn looked(call: &Call<'_>, browser: &Browser) -> Result<Box<Facts>, Failure> {
    load(call, &Needs { session: browser.session, factors: true, ..Needs::default() }).await
}
