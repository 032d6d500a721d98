//! Making an account: by an invitation, or after signing up.

use doorward_core::desired::user::fresh_id;
use doorward_core::login::invitation::{Invited, Join as Request};
use doorward_core::login::link as links;
use doorward_core::model::{Profile, TicketKind, User};
use doorward_core::{Needs, Reason, Refusal};
use doorward_crypto::random::SystemRandom;
use doorward_wire::params::Params;
use doorward_wire::text::{DisplayName, Email, UserName};

use super::browser::{Browser, posted};
use super::new_password::{begin, chosen, no_room, throttled};
use super::{error, link};
use crate::app::Call;
use crate::page::view::{Join, JoinProblem, StepState};
use crate::password_pool::Busy;
use crate::render::{self, Answer};
use crate::run::{Failure, ctx, load, now, run_plain};

/// GET.
pub async fn get(call: &Call<'_>, kind: TicketKind) -> Answer {
    let browser = Browser::of(call);
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    let link = query.get("link").unwrap_or_default();
    match looked(call, kind, link).await {
        Ok(Some(invited)) => show(call, &browser, kind, link, &invited, &Params::default(), None, 200),
        Ok(None) => link::over(call, &browser, kind, StepState::Expired, 400),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// POST.
pub async fn post(call: &Call<'_>, kind: TicketKind) -> Answer {
    let browser = Browser::of(call);
    if let Some(answer) = no_room(call) {
        return answer;
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let link = form.get("link").unwrap_or_default().to_owned();
    let invited = match looked(call, kind, &link).await {
        Ok(Some(invited)) => invited,
        // Nothing is judged or hashed for a link that is over.
        Ok(None) => return dead(call, &browser, kind, &link).await,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    let problem = |problem, status| show(call, &browser, kind, &link, &invited, &form, Some(problem), status);
    if !browser.fits(call, FORM, form.get("form")) {
        return problem(JoinProblem::Stale, 403);
    }
    let typed = form.get("username").unwrap_or_default();
    let Ok(user_name) = UserName::parse(typed) else {
        return problem(JoinProblem::BadUserName(UserName::refused_character(typed)), 400);
    };
    let email = match form.get("email").map(|email| Email::parse(email.trim())) {
        None => invited.email.as_deref().and_then(|email| Email::parse(email).ok()),
        Some(Ok(email)) => Some(email),
        Some(Err(_)) => return problem(JoinProblem::BadEmail, 400),
    };
    let name = match form.get("name").map(str::trim).map(DisplayName::parse) {
        None => None,
        Some(Ok(name)) => Some(name),
        Some(Err(_)) => return problem(JoinProblem::BadName, 400),
    };
    let mut profile = Profile::default();
    if let Some(name) = &name {
        profile.0.insert("name".to_owned(), name.as_str().into());
    }
    profile.0.insert("locale".to_owned(), browser.frame(call, None).texts.locale().into());
    let user = User { profile, ..person(call, &user_name, email.as_ref()) };
    let request = Request { kind, link: link.clone(), user, phc: String::new() };
    let refused = |refusal: Refusal| {
        call.app.tally.refused(&call.issuer.tenant, refusal.reason);
        let status = refusal.reason.status();
        let answer = match refusal.reason {
            Reason::NameTaken => problem(JoinProblem::NameTaken, status),
            Reason::AddressTaken => problem(JoinProblem::AddressTaken, status),
            _ => link::over(call, &browser, kind, StepState::Expired, status),
        };
        render::because(answer, refusal.reason)
    };
    // Whether it could be, first of all: a name that is taken costs no hash either.
    match run_plain(call, request.needs(), |facts, ctx| request.look_through(facts, ctx)).await {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => return refused(refusal),
        Err(failure) => return error::failed(call, &browser, &failure),
    }
    let begun = match begin(call, &link) {
        Ok(begun) => begun,
        Err(wait_s) => {
            return error::slowed(Some(wait_s), problem(JoinProblem::Password(throttled(wait_s)), 429));
        }
    };
    let password = match chosen(call, &form, ["password", "password_again"], &request.user).await {
        Ok(Ok(password)) => password,
        Ok(Err(bad)) => return problem(JoinProblem::Password(bad), 400),
        Err(Busy) => return error::busy(call),
    };
    let Ok(phc) = call.app.passwords.hash(password).await else { return error::busy(call) };
    let request = Request { phc, ..request };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(())) => {
            begun.succeeded();
            render::see_other(&call.url("/sign-in?joined=done"))
        }
        Ok(Err(refusal)) => refused(refusal),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// A link that works no longer, with the event that it leaves.
async fn dead(call: &Call<'_>, browser: &Browser, kind: TicketKind, link: &str) -> Answer {
    let needs = links::needs(kind, link);
    let reason = Reason::InvitationInvalid;
    let decided = run_plain(call, needs, |facts, ctx| links::refused::<()>(kind, reason, facts, ctx)).await;
    call.app.tally.refused(&call.issuer.tenant, reason);
    match decided {
        Ok(_) => render::because(link::over(call, browser, kind, StepState::Expired, 400), reason),
        Err(failure) => error::failed(call, browser, &failure),
    }
}

async fn looked(call: &Call<'_>, kind: TicketKind, link: &str) -> Result<Option<Invited>, Failure> {
    let ticket = doorward_core::model::TicketKey::of_secret(kind, link);
    let facts = load(call, &Needs { ticket, ..Needs::default() }).await?;
    Ok(Request::look(kind, &facts, now(call)).map(|(_, invited)| invited))
}

fn person(call: &Call<'_>, user_name: &UserName, email: Option<&Email>) -> User {
    let id = fresh_id(&mut ctx(call, &mut SystemRandom));
    User::named(&call.issuer.tenant, id, (user_name, email), now(call))
}

#[expect(clippy::too_many_arguments, reason = "one page in all its states")]
fn show(
    call: &Call<'_>,
    browser: &Browser,
    kind: TicketKind,
    link: &str,
    invited: &Invited,
    form: &Params,
    problem: Option<JoinProblem>,
    status: u16,
) -> Answer {
    let is_invited = kind == TicketKind::Invitation;
    let typed = |field: &str, given: Option<&String>| {
        form.get(field).map(str::to_owned).or_else(|| given.cloned()).unwrap_or_default()
    };
    let view = Join {
        frame: browser.frame(call, None),
        form: browser.form_token(call, FORM),
        action: if is_invited { "/join" } else { "/sign-up/finish" }.to_owned(),
        link: link.to_owned(),
        is_invited,
        user_name: typed("username", None),
        name: typed("name", invited.name.as_ref()),
        email: typed("email", invited.email.as_ref()),
        is_settled: invited.email.is_some(),
        password_min_length: call.app.options.password_min_length,
        problem,
    };
    browser.page(call, status, &view)
}

const FORM: &str = "join";
