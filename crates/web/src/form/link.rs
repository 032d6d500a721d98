//! A button behind a link: an address is confirmed, a change of address taken back, a person signed in. Opening the link spends
//! nothing, for mail programs open links by themselves.

use doorward_core::Reason;
use doorward_core::login::address::{Confirm, about};
use doorward_core::login::help::SignInByLink;
use doorward_core::login::link::{self, LinkData};
use doorward_core::model::{TicketKind, User};
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::journey::{Journey, Purpose};
use super::{error, sign_in};
use crate::app::Call;
use crate::page::view::{LinkStep, Step, StepState};
use crate::render::{self, Answer};
use crate::run::{Failure, load, now, run_plain};

/// GET.
pub async fn get(call: &Call<'_>, kind: TicketKind) -> Answer {
    let browser = Browser::of(call);
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    let link = query.get("link").unwrap_or_default();
    match looked(call, kind, link).await {
        Ok(Some((user, data))) => {
            let address = address(kind, &user, &data);
            show(call, &browser, (kind, link), StepState::Open, (&user.user_name, &address), 200)
        }
        Ok(None) => over(call, &browser, kind, StepState::Expired, 400),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// POST.
pub async fn post(call: &Call<'_>, kind: TicketKind) -> Answer {
    let browser = Browser::of(call);
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let link = form.get("link").unwrap_or_default().to_owned();
    let found = match looked(call, kind, &link).await {
        Ok(found) => found,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    let other = found.as_ref().and_then(|(_, data)| about(kind, data));
    let (user_name, address) =
        found.map(|(user, data)| (user.user_name.clone(), address(kind, &user, &data))).unwrap_or_default();
    if !user_name.is_empty() && !browser.fits(call, FORM, form.get("form")) {
        return show(call, &browser, (kind, &link), StepState::Open, (&user_name, &address), 403);
    }
    if kind == TicketKind::SignInLink {
        return sign_in_by(call, browser, link).await;
    }
    let request = Confirm { kind, link: link.clone(), other };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(new_password)) => {
            let done = (kind, link.as_str(), StepState::Done);
            let view = LinkStep { new_password, ..view(call, &browser, done, (&user_name, &address)) };
            browser.page(call, 200, &view)
        }
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            let taken = refusal.reason == Reason::AddressTaken;
            let state = if taken { StepState::Taken } else { StepState::Expired };
            render::because(over(call, &browser, kind, state, refusal.reason.status()), refusal.reason)
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// A link that works no longer.
pub fn over(call: &Call<'_>, browser: &Browser, kind: TicketKind, state: StepState, status: u16) -> Answer {
    show(call, browser, (kind, ""), state, ("", ""), status)
}

async fn sign_in_by(call: &Call<'_>, browser: Browser, link: String) -> Answer {
    let request = SignInByLink { link, session: browser.session, user_agent: sign_in::user_agent(call) };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(concluded)) => {
            let journey = Journey::begin(Purpose::Account, &browser, now(call));
            sign_in::concluded(call, browser, journey, concluded, false).await
        }
        Ok(Err(refusal)) => {
            call.app.tally.refused(&call.issuer.tenant, refusal.reason);
            let answer = over(call, &browser, TicketKind::SignInLink, StepState::Expired, 400);
            render::because(answer, refusal.reason)
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

async fn looked(call: &Call<'_>, kind: TicketKind, link: &str) -> Result<Option<(User, LinkData)>, Failure> {
    let facts = load(call, &link::needs(kind, link)).await?;
    let found = link::works(kind, &facts, now(call));
    Ok(found.ok().map(|(works, data)| (works.user.clone(), data)))
}

fn address(kind: TicketKind, user: &User, data: &LinkData) -> String {
    about(kind, data).or_else(|| user.email.clone()).unwrap_or_default()
}

fn show(
    call: &Call<'_>,
    browser: &Browser,
    (kind, link): (TicketKind, &str),
    state: StepState,
    of: (&str, &str),
    status: u16,
) -> Answer {
    browser.page(call, status, &view(call, browser, (kind, link, state), of))
}

fn view(
    call: &Call<'_>,
    browser: &Browser,
    (kind, link, state): (TicketKind, &str, StepState),
    (user_name, address): (&str, &str),
) -> LinkStep {
    let (step, action) = match kind {
        TicketKind::AddressConfirm => (Step::ChangeAddress, "/address/new"),
        TicketKind::AddressUndo => (Step::UndoAddress, "/address/undo"),
        TicketKind::SignInLink => (Step::SignIn, "/sign-in/link"),
        TicketKind::Invitation | TicketKind::SignUp => (Step::Join, "/join"),
        _ => (Step::VerifyAddress, "/address"),
    };
    LinkStep {
        frame: browser.frame(call, None),
        form: browser.form_token(call, FORM),
        action: action.to_owned(),
        link: link.to_owned(),
        step,
        state,
        user_name: user_name.to_owned(),
        address: address.to_owned(),
        new_password: None,
    }
}

const FORM: &str = "link";
