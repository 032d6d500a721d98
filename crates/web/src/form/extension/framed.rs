//! Sign-in inside a frame. The browser sends our session's cookie there only where the page around it is of our own site, so a frame has a
//! cookie of its own: a page around it, or a window of ours, hands in a ticket that works once.

use doorward_core::authorize::framed::FramedRequest;
use doorward_core::authorize::{Act, AuthorizationRequest, Step};
use doorward_core::id::ExtensionId;
use doorward_core::installation::frame::RedeemTicket;
use doorward_core::model::{Extension, ExtensionState, TicketKey, TicketKind};
use doorward_store::Fault;
use doorward_wire::params::Params;

use super::super::browser::{Browser, is_framed, posted, shown_by};
use super::super::continuation::{Arrival, go_on, to_client};
use super::super::error;
use super::super::journey::pairs;
use super::waiting;
use super::words::texts;
use crate::app::Call;
use crate::cookie::Cookie;
use crate::dialect::Endpoint;
use crate::endpoint::extension::named;
use crate::page::view::{ErrorKind, FrameProblem, FramedSignIn};
use crate::render::{self, Answer};
use crate::run::{Outcome, run, run_plain};
use crate::sign;

/// A request for authorization arrives. In a frame nothing is asked, elsewhere it goes on by our pages.
pub async fn arrive(call: &Call<'_>, browser: &Browser, params: Params) -> Answer {
    let extension = match (is_framed(call), params.get("client_id")) {
        (true, Some(client)) => shown_in_frames(call, client).await,
        (true, None) | (false, _) => Ok(None),
    };
    match extension {
        Ok(Some(extension)) => in_frame(call, browser, &extension, params).await,
        Ok(None) => go_on(call, browser, params, Arrival::default()).await,
        Err(fault) => error::fault(call, browser, &fault),
    }
}

/// The extension that a client is, where it may be shown in a frame.
async fn shown_in_frames(call: &Call<'_>, client: &str) -> Result<Option<Extension>, Fault> {
    let found = call.app.store.extension(&call.issuer.tenant, &ExtensionId(client.to_owned())).await?;
    Ok(found.filter(|of| of.state != ExtensionState::Withdrawn && is_shown(of)))
}

fn is_shown(extension: &Extension) -> bool {
    !extension.manifest.frame_origins.is_empty()
}

/// Answered for whom the frame's cookie names; else for whoever is signed in, where the browser says so and nothing has to be asked. Else
/// the frame waits for a ticket.
async fn in_frame(call: &Call<'_>, browser: &Browser, extension: &Extension, params: Params) -> Answer {
    let waited_since = waiting::since(call, &params);
    let params = waiting::without(&params);
    let held = Cookie::Frame(&extension.id).read(call);
    let is_kept = held.is_some();
    if let Some(frame) = held.and_then(|value| TicketKey::of_secret(TicketKind::Frame, &value)) {
        let request = FramedRequest { params: params.clone(), frame, waited_since };
        let outcome = run(
            call,
            request.needs(),
            |facts, ctx| request.decide(facts, ctx),
            |step| sign::step(step, &call.tenant),
        )
        .await;
        if let Some(answer) = answered(call, browser, extension, outcome) {
            return answer;
        }
    }
    let started_at = call.app.store.now();
    let request =
        AuthorizationRequest { params, started_at, key: None, session: browser.session, act: Act::None };
    let outcome = run(
        call,
        request.needs(),
        |facts, ctx| request.decide(facts, ctx),
        |step| sign::step(step, &call.tenant),
    )
    .await;
    answered(call, browser, extension, outcome).unwrap_or_else(|| {
        // It was signed in a moment ago, and the browser kept nothing.
        let is_lost = waited_since.is_some() && !is_kept;
        let problem = is_lost.then_some(FrameProblem::NoCookie);
        let params = waiting::with(call, &request.params, started_at);
        shown_by(waits(call, browser, extension, &params, problem), &extension.manifest.frame_origins)
    })
}

/// What goes back to the client, or says why nothing does, shown by those who may show the extension; none where a page would be due that
/// asks something.
fn answered(
    call: &Call<'_>,
    browser: &Browser,
    extension: &Extension,
    outcome: Outcome<Step>,
) -> Option<Answer> {
    let answer = match outcome {
        Ok(Ok(Step::Return(answer))) => to_client(call, browser, answer, browser.frame(call, None), false),
        Ok(Ok(Step::NotInstalled { .. })) => error::page(call, browser, ErrorKind::NotInstalled, None),
        Ok(Ok(_)) => return None,
        Ok(Err(refusal)) => error::refused(call, browser, &refusal),
        Err(failure) => error::failed(call, browser, &failure),
    };
    Some(shown_by(answer, &extension.manifest.frame_origins))
}

/// POST of a ticket by the page that waits for it. Whatever comes of it is seen in the frame.
pub async fn redeem(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    match named(call, id).await {
        Ok(Some(extension)) if is_shown(&extension) => {
            shown_by(redeemed(call, &browser, &extension).await, &extension.manifest.frame_origins)
        }
        Ok(_) => error::page(call, &browser, ErrorKind::NotFound, None),
        Err(fault) => error::fault(call, &browser, &fault),
    }
}

/// From now on the frame has a cookie, and the request goes on.
async fn redeemed(call: &Call<'_>, browser: &Browser, extension: &Extension) -> Answer {
    let form = match posted(call, browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let Ok(query) = Params::parse_query(call.request.query.as_deref().unwrap_or_default()) else {
        return error::page(call, browser, ErrorKind::BadRequest, None);
    };
    let since = waiting::since(call, &query).unwrap_or_else(|| call.app.store.now());
    let query = waiting::with(call, &query, since);
    let ticket = form.get("ticket").and_then(|ticket| TicketKey::of_secret(TicketKind::FrameSignIn, ticket));
    let Some(ticket) = ticket else {
        return waits(call, browser, extension, &query, Some(FrameProblem::Refused));
    };
    let place = query.get("installation").or_else(|| query.get("context")).map(str::to_owned);
    let request = RedeemTicket { ticket, extension: extension.id.clone(), place };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(signed_in)) => {
            let elsewhere = query.without("installation").without("context");
            let mut goes_on = pairs(&of_extension(&elsewhere, &extension.id));
            goes_on.push(("installation".to_owned(), signed_in.installation.0));
            let goes_on = waiting::with(call, &Params::from_pairs(goes_on), since);
            let mut answer = render::see_other(&authorize(call, &goes_on));
            let cookie = Cookie::Frame(&extension.id);
            cookie.set(call, signed_in.cookie.expose(), Some(signed_in.life_s), &mut answer);
            answer
        }
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            let answer = waits(call, browser, extension, &query, Some(FrameProblem::Refused));
            render::because(answer, refusal.reason)
        }
        Err(failure) => error::failed(call, browser, &failure),
    }
}

/// The page that waits for a ticket. The parameters say since when.
fn waits(
    call: &Call<'_>,
    browser: &Browser,
    extension: &Extension,
    params: &Params,
    problem: Option<FrameProblem>,
) -> Answer {
    let path = format!("/extensions/{}/frame", doorward_wire::percent::encode(extension.id.as_str()));
    let frame = browser.frame(call, params.get("ui_locales"));
    let view = FramedSignIn {
        extension: texts(&extension.manifest, frame.texts.locale()).name,
        frame,
        id: extension.id.0.clone(),
        installation: params.get("installation").map(str::to_owned),
        context: params.get("context").map(str::to_owned),
        handed_to: call.url(&format!("{path}?{}", params.to_query())),
        again: authorize(call, &waiting::without(params)),
        origins: extension.manifest.frame_origins.clone(),
        problem,
    };
    let status = if problem == Some(FrameProblem::Refused) { 400 } else { 200 };
    browser.bare_page(status, &view)
}

/// The address of a request for authorization.
fn authorize(call: &Call<'_>, params: &Params) -> String {
    let path = call.dialect.path_of(Endpoint::Authorize).unwrap_or_default();
    call.url(&format!("{path}?{}", params.to_query()))
}

/// A request's parameters, as one of that extension.
pub(super) fn of_extension(params: &Params, extension: &ExtensionId) -> Params {
    let mut of = vec![("client_id".to_owned(), extension.0.clone())];
    of.extend(pairs(&params.without("client_id")));
    Params::from_pairs(of)
}
