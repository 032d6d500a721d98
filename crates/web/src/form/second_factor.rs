//! The second step of a sign-in, and the step that a session lacks: the code, setting an app up, the recovery codes. The first step
//! travels sealed in the form's hidden field, bound to the browser; nothing is opened before the second.

use doorward_core::authorize::Act;
use doorward_core::login::attempt::{Attempt, Guess};
use doorward_core::login::device::Device;
use doorward_core::login::second_factor::enrol::{EnrolAtSignIn, EnrolSignedIn, NewFactor};
use doorward_core::login::second_factor::proof::{Proof, Typed};
use doorward_core::login::second_factor::step::{Concluded, Pending, SecondStep, StepUp};
use doorward_core::model::User;
use doorward_core::needs::SessionHandle;
use doorward_core::{Needs, Reason, Refusal};
use doorward_crypto::recovery::RecoveryCode;
use doorward_crypto::secret::SecretString;
use doorward_crypto::totp::Code;
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::continuation::{Arrival, go_on};
use super::journey::{Enrolling, Journey, Opened, Purpose};
use super::{error, seed, sign_in, strangers};
use crate::app::Call;
use crate::cookie::Cookie;
use crate::limit::holder;
use crate::page::qr::Qr;
use crate::page::view::{CodeProblem, CodeStep, EnrolFactor, RecoveryCodes};
use crate::render::{self, Answer};
use crate::run::{Failure, Outcome, now, run_plain};

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let opened = match Journey::open(form.get("request"), call, &browser).await {
        Ok(opened) => opened,
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let journey = match opened {
        Opened::Fresh(journey) if browser.fits(call, FORM, form.get("form")) => journey,
        Opened::Fresh(journey) | Opened::Foreign(journey) => {
            return sign_in::fresh(call, &browser, journey.without_steps()).await;
        }
        Opened::Expired(journey) => return sign_in::expired(call, &browser, &journey).await,
        Opened::Unreadable => {
            let journey = Journey::begin(Purpose::Account, &browser, now(call));
            return sign_in::fresh(call, &browser, journey).await;
        }
    };
    match form.get("action") {
        Some("continue") => on(call, &browser, journey.without_steps()).await,
        Some("by-recovery") => code_page(call, &browser, &journey, None, true, None).await,
        Some("by-code") => code_page(call, &browser, &journey, None, false, None).await,
        Some("enrol") => enrol(call, browser, journey, &form).await,
        _ => verify(call, browser, journey, &form).await,
    }
}

/// What follows a right password when a code is due: the page that asks for it, or the one that sets an app up.
pub async fn begin(call: &Call<'_>, browser: &Browser, journey: Journey, has_factor: bool) -> Answer {
    if has_factor {
        return code_page(call, browser, &journey, None, false, None).await;
    }
    let Some(pending) = &journey.pending else { return error::unavailable(call, browser) };
    match call.app.store.user(&call.issuer.tenant, &pending.user).await {
        Ok(Some(found)) => enrol_page(call, browser, journey, &found.user, None, None).await,
        Ok(None) => sign_in::fresh(call, browser, journey.without_steps()).await,
        Err(fault) => error::fault(call, browser, &fault),
    }
}

/// The page that asks for a code.
pub async fn code_page(
    call: &Call<'_>,
    browser: &Browser,
    journey: &Journey,
    client: Option<String>,
    by_recovery: bool,
    problem: Option<CodeProblem>,
) -> Answer {
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let frame = browser.frame(call, journey.params().get("ui_locales"));
    let form = browser.form_token(call, FORM);
    browser.page(call, 200, &CodeStep { frame, client, request, form, by_recovery, problem })
}

/// The page that shows a seed: the one that the journey has, or a new one of `user`.
pub async fn enrol_page(
    call: &Call<'_>,
    browser: &Browser,
    mut journey: Journey,
    user: &User,
    seed: Option<&Enrolling>,
    problem: Option<CodeProblem>,
) -> Answer {
    let enrolling = seed.cloned().unwrap_or_else(|| Enrolling::begin(user, now(call)));
    let Some(seed) = enrolling.seed() else { return error::unavailable(call, browser) };
    journey.enrolling = Some(enrolling);
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let link = seed::address(&call.tenant.tenant.name, &user.user_name, &seed);
    let view = EnrolFactor {
        frame: browser.frame(call, journey.params().get("ui_locales")),
        request,
        form: browser.form_token(call, FORM),
        is_due: journey.purpose != Purpose::SecondFactor,
        qr: Qr::of(link.expose()),
        link: link.expose().clone(),
        secret: seed::grouped(&seed),
        problem,
    };
    browser.page(call, 200, &view)
}

/// The recovery codes, this once; from there the journey goes on.
pub async fn codes_page(
    call: &Call<'_>,
    browser: &Browser,
    journey: &Journey,
    codes: Vec<String>,
    is_first: bool,
) -> Answer {
    let request = match journey.seal(call).await {
        Ok(request) => request,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let frame = browser.frame(call, journey.params().get("ui_locales"));
    let form = browser.form_token(call, FORM);
    browser.page(call, 200, &RecoveryCodes { frame, request, form, codes, is_first })
}

/// A code: of the sign-in that is under way, or of somebody signed in.
async fn verify(call: &Call<'_>, browser: Browser, journey: Journey, form: &Params) -> Answer {
    let typed = match form.get("recovery") {
        Some(typed) => Typed::Recovery(RecoveryCode::parse(typed)),
        None => Typed::Code(Code::parse(form.get("code").unwrap_or_default())),
    };
    let by_recovery = matches!(typed, Typed::Recovery(_));
    let refusal = match (&journey.pending, browser.session) {
        (Some(pending), _) => match second_step(call, &browser, &journey, pending, typed).await {
            Ok(Ok(concluded)) => return sign_in::concluded(call, browser, journey, concluded, false).await,
            Ok(Err(refusal)) => refusal,
            Err(failure) => return error::failed(call, &browser, &failure),
        },
        (None, Some(session)) => match step_up(call, session, typed).await {
            Ok(Ok((cookie, max_age_s))) => {
                return stepped_up(call, browser, journey, &cookie, max_age_s).await;
            }
            Ok(Err(refusal)) => refusal,
            Err(failure) => return error::failed(call, &browser, &failure),
        },
        (None, None) => Reason::NotSignedIn.into(),
    };
    call.app.tally.refused(&call.issuer.tenant, refusal.reason);
    let Some(problem) = problem_of(&refusal) else {
        return sign_in::fresh(call, &browser, journey.without_steps()).await;
    };
    let answer = code_page(call, &browser, &journey, None, by_recovery, Some(problem)).await;
    render::because(error::slowed(refusal.retry_after_s, answer), refusal.reason)
}

/// Attempt, open the seed, conclude.
async fn second_step(
    call: &Call<'_>,
    browser: &Browser,
    journey: &Journey,
    pending: &Pending,
    typed: Typed,
) -> Outcome<Concluded> {
    let device = Cookie::Device.read(call).as_deref().and_then(Device::parse);
    let attempt = Attempt {
        name_key: None,
        typed: String::new(),
        device,
        holder: holder(call.request.client_ip).to_string(),
        guess: Guess::Code,
    };
    let person = pending.needs(None);
    let begun = match strangers::begin(call, &attempt, &person, journey).await? {
        Ok(begun) => begun,
        Err(wait_s) => {
            return Ok(Err(Refusal { retry_after_s: Some(wait_s), ..Reason::SignInThrottled.into() }));
        }
    };
    let seed = match tried(call, &attempt, person).await {
        Ok(Ok(seed)) => seed,
        Ok(Err(refusal)) => return Ok(Err(refusal)),
        Err(failure) => {
            begun.succeeded();
            return Err(failure);
        }
    };
    let step = SecondStep {
        attempt,
        pending: pending.clone(),
        proof: Proof { typed, seed },
        session: browser.session,
        user_agent: sign_in::user_agent(call),
    };
    let outcome = run_plain(call, step.needs(), |facts, ctx| step.decide(facts, ctx)).await;
    if matches!(outcome, Ok(Ok(_)) | Err(_)) {
        begun.succeeded();
    }
    outcome
}

/// The same for somebody signed in: the new cookie, and for how many seconds the browser keeps it.
async fn step_up(
    call: &Call<'_>,
    session: SessionHandle,
    typed: Typed,
) -> Outcome<(SecretString, Option<i64>)> {
    let facts = super::continuation::look(call, Some(session)).await?;
    let Some(user) = super::continuation::signed_in(call, &facts) else {
        return Ok(Err(Reason::NotSignedIn.into()));
    };
    let max_age_s = sign_in::kept_s(&facts);
    let attempt = Attempt::signed_in(&user, &call.tenant.keys.ring).at_code();
    let person = Needs { user: Some(user.id.clone()), factors: true, ..Needs::default() };
    let seed = match tried(call, &attempt, person).await? {
        Ok(seed) => seed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let request = StepUp { attempt, session, user: user.id.clone(), proof: Proof { typed, seed } };
    let outcome = run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await?;
    Ok(outcome.map(|cookie| (cookie, max_age_s)))
}

/// Count the attempt, committed, and then open the seed of that person.
async fn tried(
    call: &Call<'_>,
    attempt: &Attempt,
    person: Needs,
) -> Outcome<Option<(String, doorward_crypto::totp::Seed)>> {
    let mut found = None;
    let needs = Needs { attempt: Some(attempt.clone()), ..person };
    let counted = run_plain(call, needs, |facts, ctx| {
        let user = facts.user.as_ref().map(|found| found.user.id.clone());
        found = user.zip(facts.factors.stored());
        attempt.decide(facts, ctx)
    });
    if let Err(refusal) = counted.await? {
        return Ok(Err(refusal));
    }
    match found {
        Some((user, stored)) => Ok(Ok(seed::open(call, &user, &stored).await?)),
        None => Ok(Ok(None)),
    }
}

/// A session that says more than before: its new cookie, and on.
async fn stepped_up(
    call: &Call<'_>,
    mut browser: Browser,
    journey: Journey,
    cookie: &SecretString,
    max_age_s: Option<i64>,
) -> Answer {
    browser.session = SessionHandle::of_cookie(cookie.expose());
    let mut answer = on(call, &browser, journey.without_steps()).await;
    Cookie::Session.set(call, cookie.expose(), max_age_s, &mut answer);
    answer
}

/// The first code of an app that was shown its seed.
async fn enrol(call: &Call<'_>, mut browser: Browser, journey: Journey, form: &Params) -> Answer {
    let Some(enrolling) = journey.enrolling.clone() else {
        return sign_in::fresh(call, &browser, journey.without_steps()).await;
    };
    let code = Code::parse(form.get("code").unwrap_or_default());
    let new = match new_factor(call, &enrolling, code).await {
        Ok(Some(new)) => new,
        Ok(None) => return sign_in::fresh(call, &browser, journey.without_steps()).await,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    let enrolled = match (&journey.pending, browser.session) {
        (Some(pending), session) if pending.user == enrolling.user => {
            let request = EnrolAtSignIn {
                pending: pending.clone(),
                new,
                session,
                user_agent: sign_in::user_agent(call),
            };
            let outcome = run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await;
            outcome.map(|decided| {
                decided.map(|enrolled| {
                    let signed_in = enrolled.session;
                    let kept_s = signed_in.session.remembered.then_some(signed_in.session.idle_ms / 1000);
                    (signed_in.cookie, kept_s, signed_in.device, enrolled.codes)
                })
            })
        }
        (None, Some(session)) => {
            let request = EnrolSignedIn { session, user: enrolling.user.clone(), new };
            let mut kept_s = None;
            let outcome = run_plain(call, request.needs(), |facts, ctx| {
                kept_s = sign_in::kept_s(facts);
                request.decide(facts, ctx)
            })
            .await;
            outcome.map(|decided| decided.map(|enrolled| (enrolled.session, kept_s, None, enrolled.codes)))
        }
        (Some(_) | None, _) => Ok(Err(Reason::NotSignedIn.into())),
    };
    match enrolled {
        Ok(Ok((cookie, kept_s, device, codes))) => {
            browser.session = SessionHandle::of_cookie(cookie.expose());
            let journey = journey.without_steps();
            let mut answer = codes_page(call, &browser, &journey, codes, true).await;
            Cookie::Session.set(call, cookie.expose(), kept_s, &mut answer);
            if let Some(device) = device {
                sign_in::remember_device(call, device, &mut answer);
            }
            answer
        }
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            match problem_of(&refusal) {
                Some(problem) => {
                    let answer = wrong_first_code(call, &browser, journey, &enrolling, problem).await;
                    render::because(answer, refusal.reason)
                }
                None => sign_in::fresh(call, &browser, journey.without_steps()).await,
            }
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

async fn new_factor(
    call: &Call<'_>,
    enrolling: &Enrolling,
    code: Option<Code>,
) -> Result<Option<NewFactor>, Failure> {
    let Some(seed) = enrolling.seed() else { return Ok(None) };
    let sealed = seed::seal(call, &enrolling.user, &seed).await?;
    Ok(Some(NewFactor { seed, sealed, shown_at: enrolling.shown_at, code }))
}

/// The same seed again.
async fn wrong_first_code(
    call: &Call<'_>,
    browser: &Browser,
    journey: Journey,
    enrolling: &Enrolling,
    problem: CodeProblem,
) -> Answer {
    match call.app.store.user(&call.issuer.tenant, &enrolling.user).await {
        Ok(Some(found)) => {
            enrol_page(call, browser, journey, &found.user, Some(enrolling), Some(problem)).await
        }
        Ok(None) => sign_in::fresh(call, browser, journey.without_steps()).await,
        Err(fault) => error::fault(call, browser, &fault),
    }
}

/// On with the journey.
async fn on(call: &Call<'_>, browser: &Browser, journey: Journey) -> Answer {
    match journey.purpose {
        Purpose::Authorize(_) => {
            let params = journey.params();
            let arrival =
                Arrival { journey: Some(journey), act: Act::None, clicked: true, ..Arrival::default() };
            go_on(call, browser, params, arrival).await
        }
        purpose => render::see_other(&call.url(purpose.path())),
    }
}

/// What the page says of a refusal; none where the person has to begin anew.
fn problem_of(refusal: &Refusal) -> Option<CodeProblem> {
    match (refusal.reason, refusal.retry_after_s) {
        (Reason::TotpWrong, _) => Some(CodeProblem::Wrong),
        (Reason::TotpReplayed, _) => Some(CodeProblem::Used),
        (Reason::RecoveryWrong, _) => Some(CodeProblem::Recovery),
        (Reason::SignInThrottled, Some(seconds)) => Some(CodeProblem::Throttled { seconds: seconds.into() }),
        _ => None,
    }
}

/// The name under which the pages' forms are made.
const FORM: &str = "second-factor";
