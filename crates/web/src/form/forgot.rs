//! A forgotten password: asking for a link, and the page that it leads to. A GET looks, the button spends.

use doorward_core::login::forgot::{Forgot, ResetPassword};
use doorward_core::model::{MailKind, User};
use doorward_core::{Decision, Reason};
use doorward_store::CommitError;
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::error;
use super::new_password::{begin, chosen, no_room, throttled};
use super::sign_in::name_key;
use crate::app::Call;
use crate::limit::holder;
use crate::page::view::{self, ErrorKind, ResetProblem};
use crate::password_pool::Busy;
use crate::render::{self, Answer};
use crate::run::{Failure, ctx, load, run_plain};
use doorward_crypto::random::SystemRandom;

/// GET of `/forgot-password`.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !call.sends_mail() {
        return error::page(call, &browser, ErrorKind::NotFound, None);
    }
    asking(call, &browser, "", false)
}

/// POST of it: one answer, whoever was meant.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !call.sends_mail() {
        return error::page(call, &browser, ErrorKind::NotFound, None);
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let typed = form.get("username").unwrap_or_default().trim().to_owned();
    if typed.is_empty() || !browser.fits(call, "forgot", form.get("form")) {
        let mut answer = asking(call, &browser, &typed, false);
        *answer.status_mut() = http::StatusCode::FORBIDDEN;
        return answer;
    }
    match mail_link(call, &browser, typed).await {
        Ok(()) => asking(call, &browser, "", true),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// Have whoever is called so mailed a link for a new password. One outcome, whoever was meant.
pub async fn mail_link(call: &Call<'_>, browser: &Browser, typed: String) -> Result<(), Failure> {
    // What nobody can be called is asked of nobody.
    let Some(name_key) = name_key(&typed) else { return Ok(()) };
    let request = Forgot {
        kind: MailKind::Forgotten,
        name_key,
        typed,
        holder: holder(call.request.client_ip).to_string(),
        locale: browser.frame(call, None).texts.locale().to_owned(),
    };
    ask(call, &request).await
}

/// Ask for the link. Past its limit the commit conflicts: then nothing is mailed, and the answer is the same.
pub(super) async fn ask(call: &Call<'_>, request: &Forgot) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let facts = load(call, &request.needs()).await?;
        let decision = request.decide(&facts, &mut ctx(call, &mut SystemRandom));
        match call.app.store.commit(decision.effects).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}

fn asking(call: &Call<'_>, browser: &Browser, typed: &str, is_sent: bool) -> Answer {
    let view = view::Forgot {
        frame: browser.frame(call, None),
        form: browser.form_token(call, "forgot"),
        user_name: typed.to_owned(),
        is_sent,
    };
    browser.page(call, 200, &view)
}

/// GET of `/reset-password?link=…`.
pub async fn get_reset(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    let link = query.get("link").unwrap_or_default().to_owned();
    match whose(call, &link).await {
        Ok(Some(user)) => choosing(call, &browser, &link, Some(&user.user_name), None, 200),
        Ok(None) => choosing(call, &browser, &link, None, None, 400),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// POST of it.
pub async fn post_reset(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if let Some(answer) = no_room(call) {
        return answer;
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let link = form.get("link").unwrap_or_default().to_owned();
    let user = match whose(call, &link).await {
        Ok(Some(user)) => user,
        Ok(None) => {
            // Decided all the same, for the event that it leaves.
            let request = ResetPassword { link: link.clone(), phc: String::new() };
            let decided = run_plain(call, request.needs(), |facts, ctx| match request.look(facts, ctx) {
                Ok(_) => Decision::refuse(Reason::LinkSpent),
                Err(_) => request.decide(facts, ctx),
            })
            .await;
            return match decided {
                Ok(_) => choosing(call, &browser, &link, None, None, 400),
                Err(failure) => error::failed(call, &browser, &failure),
            };
        }
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    let problem =
        |problem, status| choosing(call, &browser, &link, Some(&user.user_name), Some(problem), status);
    if !browser.fits(call, "reset", form.get("form")) {
        return problem(ResetProblem::Stale, 403);
    }
    let begun = match begin(call, &link) {
        Ok(begun) => begun,
        Err(wait_s) => {
            return error::slowed(Some(wait_s), problem(ResetProblem::Password(throttled(wait_s)), 429));
        }
    };
    let fields = ["password", "password_again"];
    let password = match chosen(call, &form, fields, &user).await {
        Ok(Ok(password)) => password,
        Ok(Err(bad)) => return problem(ResetProblem::Password(bad), 400),
        Err(Busy) => return error::busy(call),
    };
    let Ok(phc) = call.app.passwords.hash(password).await else { return error::busy(call) };
    let request = ResetPassword { link: link.clone(), phc };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(())) => {
            begun.succeeded();
            render::see_other(&call.url("/sign-in?reset=done"))
        }
        Ok(Err(_)) => choosing(call, &browser, &link, None, None, 400),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// Whose link it is, while it works.
async fn whose(call: &Call<'_>, link: &str) -> Result<Option<User>, Failure> {
    let request = ResetPassword { link: link.to_owned(), phc: String::new() };
    let facts = load(call, &request.needs()).await?;
    let works = request.look(&facts, &ctx(call, &mut SystemRandom));
    Ok(works.ok().map(|works| works.user.clone()))
}

fn choosing(
    call: &Call<'_>,
    browser: &Browser,
    link: &str,
    user_name: Option<&str>,
    problem: Option<ResetProblem>,
    status: u16,
) -> Answer {
    let view = view::ResetPassword {
        frame: browser.frame(call, None),
        link: link.to_owned(),
        form: browser.form_token(call, "reset"),
        works: user_name.is_some(),
        user_name: user_name.unwrap_or_default().to_owned(),
        password_min_length: call.app.options.password_min_length,
        problem,
    };
    browser.page(call, status, &view)
}

const ATTEMPTS: u32 = 3;
