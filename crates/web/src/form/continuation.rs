//! Going on with an authorization request: decide the next step, and show it.

use doorward_core::authorize::{Act, AuthorizationRequest, Return, Step, Target};
use doorward_core::model::{Client, User};
use doorward_core::needs::SessionHandle;
use doorward_core::{Ctx, Facts, Refusal};
use doorward_wire::response_mode::ResponseMode;
use doorward_wire::scope::Scopes;

use super::browser::Browser;
use super::journey::{Journey, Purpose, Shown, pairs};
use super::{error, second_factor, sign_up};
use crate::app::Call;
use crate::page::scope_text::ScopeLine;
use crate::page::view::error::SignedInAs;
use crate::page::view::{
    Access, AccountChoice, Consent, ContinueTo, ErrorKind, FormPost, InstallationChoice, SelectAccount,
    SelectInstallation, SignIn, SignInNotice, SignInProblem,
};
use crate::render::{self, Answer};
use crate::run::{load, run};
use crate::sign;

/// How a request came to its next step.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// The journey that it is on; none at its first arrival.
    pub journey: Option<Journey>,
    /// What the person did.
    pub act: Act,
    /// Whether a click of the person's led here: an app on the device can then be opened at once.
    pub clicked: bool,
    /// What the sign-in page says, should it be shown.
    pub problem: Option<SignInProblem>,
    /// The same.
    pub notice: Option<SignInNotice>,
    /// What was typed as user name.
    pub typed: Option<String>,
    /// Whether "stay signed in" was ticked.
    pub remember: bool,
}

/// Decide and show the next step.
pub async fn go_on(
    call: &Call<'_>,
    browser: &Browser,
    params: doorward_wire::params::Params,
    arrival: Arrival,
) -> Answer {
    let now = call.app.store.now();
    let request = AuthorizationRequest {
        params,
        started_at: arrival.journey.as_ref().map_or(now, |journey| journey.started_at),
        key: arrival.journey.as_ref().map(|journey| journey.key.clone()),
        session: browser.session,
        act: arrival.act.clone(),
    };
    let mut user = None;
    let decide = |facts: &Facts, ctx: &mut Ctx<'_>| {
        user = facts.session.as_ref().and_then(|found| found.user.clone());
        request.decide(facts, ctx)
    };
    let outcome = run(call, request.needs(), decide, |step| sign::step(step, &call.tenant)).await;
    user.iter().for_each(|user| browser.knows(user));
    match outcome {
        Ok(Ok(step)) => show(call, browser, &request, step, user, arrival).await,
        Ok(Err(refusal)) => told_to_nobody(call, browser, &refusal),
        Err(failure) => error::failed(call, browser, &failure),
    }
}

/// A request that is refused before it is known where the client may be told so: on a page, or as the dialect has it.
pub fn told_to_nobody(call: &Call<'_>, browser: &Browser, refusal: &Refusal) -> Answer {
    if call.dialect.codec.refuses_plainly {
        return render::refused(call, refusal);
    }
    error::refused(call, browser, refusal)
}

/// A stale form: nothing is decided on it; a fresh form for the same request is shown instead, whoever is signed in now.
pub async fn show_fresh(call: &Call<'_>, browser: &Browser, journey: Journey) -> Answer {
    let params = journey.params();
    let request = AuthorizationRequest {
        params,
        started_at: journey.started_at,
        key: Some(journey.key.clone()),
        session: browser.session,
        act: Act::None,
    };
    let facts = match load(call, &request.needs()).await {
        Ok(facts) => facts,
        Err(failure) => return error::failed(call, browser, &failure),
    };
    let signed_in = signed_in(call, &facts);
    signed_in.iter().for_each(|user| browser.knows(user));
    let client_name = match request.check(&facts) {
        Ok(asked) => asked.client.name.clone(),
        Err(refused) => return error::refused(call, browser, &refused.refusal),
    };
    let arrival = Arrival { journey: Some(journey), notice: Some(SignInNotice::Stale), ..Arrival::default() };
    let step = if signed_in.is_some() {
        Step::SelectAccount { client_name }
    } else {
        Step::SignIn { client_name, name: None }
    };
    let mut answer = show(call, browser, &request, step, signed_in, arrival).await;
    *answer.status_mut() = http::StatusCode::FORBIDDEN;
    answer
}

/// The person signed in, if the session still stands.
pub fn signed_in(call: &Call<'_>, facts: &Facts) -> Option<User> {
    let found = facts.session.as_ref()?;
    doorward_core::may_issue::is_signed_in(found, call.app.store.now()).ok().cloned()
}

async fn show(
    call: &Call<'_>,
    browser: &Browser,
    request: &AuthorizationRequest,
    step: Step,
    user: Option<User>,
    arrival: Arrival,
) -> Answer {
    let ui_locales = request.params.get("ui_locales");
    let frame = browser.frame(call, ui_locales);
    let step = match step {
        Step::Return(answer) => return to_client(call, browser, answer, frame, arrival.clicked),
        step => step,
    };
    let mut journey = arrival.journey.unwrap_or_else(|| {
        Journey::begin(Purpose::Authorize(pairs(&request.params)), browser, request.started_at)
    });
    if let (Step::Consent { scopes, .. }, Some(user)) = (&step, &user) {
        journey.shown = Some(Shown { user: user.id.clone(), scopes: scopes.clone() });
    }
    journey = journey.without_steps();
    let sealed = match journey.seal(call).await {
        Ok(sealed) => sealed,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    match step {
        Step::Return(answer) => to_client(call, browser, answer, frame, arrival.clicked),
        Step::SignIn { client_name, name } => {
            let is_again =
                name.is_some() && browser.session.is_some() && request.params.get("login_hint").is_none();
            let view = SignIn {
                frame,
                client: Some(client_name),
                form: browser.form_token(call, "sign-in"),
                request: sealed,
                user_name: arrival.typed.or(name).unwrap_or_default(),
                offers_sign_up: sign_up::is_offered(call),
                offers_reset: call.sends_mail(),
                offers_remember: true,
                remember: arrival.remember,
                problem: arrival.problem,
                notice: arrival
                    .notice
                    .or((is_again && arrival.problem.is_none()).then_some(SignInNotice::Again)),
            };
            browser.page(call, 200, &view)
        }
        Step::SecondFactor { client_name, has_factor: true } => {
            second_factor::code_page(call, browser, &journey, Some(client_name), false, None).await
        }
        Step::SecondFactor { .. } => {
            let Some(user) = user else { return error::unavailable(call, browser) };
            second_factor::enrol_page(call, browser, journey, &user, None, None).await
        }
        Step::SelectInstallation { client_name, places } => {
            let form = browser.form_token(call, "select-installation");
            let places = places.into_iter().map(InstallationChoice::of).collect();
            let view = SelectInstallation { frame, extension: client_name, request: sealed, form, places };
            browser.page(call, 200, &view)
        }
        Step::NotInstalled { .. } => {
            let Some(user) = user else {
                return error::page(call, browser, ErrorKind::NotInstalled, None);
            };
            let signed_in = SignedInAs {
                request: sealed,
                form: browser.form_token(call, "select-account"),
                name: user.display_name().to_owned(),
                user_name: user.user_name,
            };
            error::for_another(call, browser, ErrorKind::NotInstalled, signed_in)
        }
        Step::SelectAccount { client_name } => {
            let accounts = user.iter().map(choice).collect();
            let form = browser.form_token(call, "select-account");
            browser.page(
                call,
                200,
                &SelectAccount { frame, client: Some(client_name), request: sealed, form, accounts },
            )
        }
        Step::Consent { client, scopes, already, is_offline, target } => {
            let Some(user) = user else { return error::unavailable(call, browser) };
            let view = Consent {
                frame,
                client: client.name.clone(),
                client_host: host(&target),
                request: sealed,
                form: browser.form_token(call, "consent"),
                name: user.display_name().to_owned(),
                user_name: user.user_name.clone(),
                scopes: lines(call, &scopes, &already, &user, ui_locales),
                access: access(&client, is_offline),
            };
            browser.page(call, 200, &view)
        }
    }
}

/// Back to the client, in the response mode that it asked for.
pub fn to_client(
    call: &Call<'_>,
    browser: &Browser,
    answer: Return,
    frame: crate::page::Frame,
    clicked: bool,
) -> Answer {
    if let Some(reason) = answer.refused {
        call.app.tally.refused(&call.issuer.tenant, reason);
    }
    let params: Vec<(&str, &str)> =
        answer.params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let target = &answer.target;
    if target.mode == ResponseMode::FormPost {
        let view = FormPost {
            frame,
            action: target.presented.clone(),
            params: answer.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            client: target.client_name.clone(),
        };
        return browser.page(call, 200, &view);
    }
    let location = match target.mode {
        ResponseMode::Fragment => target.registered.with_fragment(&target.presented, &params),
        _ => target.registered.with_params(&target.presented, &params),
    };
    if target.registered.is_custom_scheme() && !clicked {
        return browser.page(
            call,
            200,
            &ContinueTo {
                frame,
                client: target.client_name.clone(),
                link: location,
                is_refused: answer.refused.is_some(),
            },
        );
    }
    let mut answer = render::see_other(&location);
    browser.keep(call, &mut answer);
    answer
}

/// The person as the account selection shows them.
pub fn choice(user: &User) -> AccountChoice {
    AccountChoice {
        id: user.id.0.clone(),
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
    }
}

/// Scopes in words, in the page's language where the API has them in it.
pub fn lines(
    call: &Call<'_>,
    scopes: &Scopes,
    already: &Scopes,
    user: &User,
    ui_locales: Option<&str>,
) -> Vec<ScopeLine> {
    let language = crate::page::choose(ui_locales, user.locale(), call.header("accept-language")).locale();
    scopes.iter().map(|name| line(call, name, !already.contains(name), language)).collect()
}

/// A scope in words, in a language where its API has them in it.
pub fn line(call: &Call<'_>, name: &str, is_new: bool, language: &str) -> ScopeLine {
    let of_api = call
        .tenant
        .apis
        .iter()
        .find_map(|api| Some((api, api.scopes.iter().find(|scope| scope.name == name)?)));
    match of_api {
        None => ScopeLine { is_new, ..ScopeLine::named(name) },
        Some((api, scope)) => ScopeLine {
            name: name.to_owned(),
            description: Some(scope.descriptions.get(language).unwrap_or(&scope.description).clone())
                .filter(|text| !text.is_empty()),
            api: Some(api.name.clone()),
            is_new,
        },
    }
}

fn access(client: &Client, is_offline: bool) -> Access {
    if is_offline {
        Access::Offline {
            idle: client.lifetimes.refresh_idle_s,
            absolute: client.lifetimes.refresh_absolute_s,
        }
    } else {
        Access::Session
    }
}

fn host(target: &Target) -> Option<String> {
    if target.registered.is_custom_scheme() { None } else { target.registered.host().map(str::to_owned) }
}

/// The session that a handle names, for pages that only look.
pub async fn look(
    call: &Call<'_>,
    session: Option<SessionHandle>,
) -> Result<Box<Facts>, crate::run::Failure> {
    load(call, &doorward_core::Needs { session, ..doorward_core::Needs::default() }).await
}
