//! The account's page of the e-mail address: confirm it, or ask for another one, with the password once more.

use doorward_core::login::address::{AskToChange, AskToVerify};
use doorward_core::model::User;
use doorward_core::{Ctx, Decision, Facts, Needs, Reason};
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;
use doorward_wire::params::Params;
use doorward_wire::text::Email;

use super::account::{opened, person};
use super::browser::Browser;
use super::journey::Behind;
use super::new_password::no_room;
use super::own_password::{self, Shown};
use super::{account_factor, error};
use crate::app::Call;
use crate::page::view::{ChangeEmail, EmailNotice, EmailProblem, ErrorKind};
use crate::render::{self, Answer};
use crate::run::{Outcome, ctx, load};

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !call.sends_mail() {
        return off(call, &browser);
    }
    let notice = match call.request.query.as_deref() {
        Some("done=verify") => Some(EmailNotice::Verifying),
        Some("done=change") => Some(EmailNotice::Changing),
        _ => None,
    };
    match person(call, &browser).await {
        Ok(user) => page(call, &browser, &user, "", notice, None, 200),
        Err(answer) => answer,
    }
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !call.sends_mail() {
        return off(call, &browser);
    }
    let (user, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let (typed, is_change) = match form.get("action") {
        Some("verify") => (String::new(), false),
        Some("change") => (form.get("email").unwrap_or_default().trim().to_owned(), true),
        _ => return error::refused(call, &browser, &Reason::ParameterMalformed.into()),
    };
    let outcome: Outcome<bool> = if is_change {
        let Ok(new) = Email::parse(&typed) else {
            return page(call, &browser, &user, &typed, None, Some(EmailProblem::Bad), 400);
        };
        if user.email_key.as_deref() == Some(new.key()) {
            return page(call, &browser, &user, &typed, None, Some(EmailProblem::Same), 400);
        }
        if let Some(answer) = no_room(call) {
            return answer;
        }
        change(call, &browser, &user, &form, new).await
    } else {
        verify(call, &browser, &user).await
    };
    let refusal = match outcome {
        Ok(Ok(false)) => {
            return page(call, &browser, &user, &typed, None, Some(EmailProblem::TooMany), 429);
        }
        Ok(Ok(true)) => {
            let done = if is_change { "/account/email?done=change" } else { "/account/email?done=verify" };
            return render::see_other(&call.url(done));
        }
        Ok(Err(refusal)) => refusal,
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    call.app.tally.refused(&call.issuer.tenant, refusal.reason);
    let problem = match (refusal.reason, refusal.retry_after_s) {
        (Reason::PasswordWrong, _) => EmailProblem::WrongPassword,
        (Reason::SignInThrottled, Some(seconds)) => EmailProblem::Throttled { seconds: seconds.into() },
        (Reason::SecondStepDue, _) => return account_factor::ask(call, &browser, Behind::Email).await,
        _ => return error::refused(call, &browser, &refusal),
    };
    let status = refusal.reason.status();
    let answer = page(call, &browser, &user, &typed, None, Some(problem), status);
    render::because(error::slowed(refusal.retry_after_s, answer), refusal.reason)
}

async fn verify(call: &Call<'_>, browser: &Browser, user: &User) -> Outcome<bool> {
    let Some(session) = browser.session else { return Ok(Err(Reason::NotSignedIn.into())) };
    let request = AskToVerify { session, user: user.id.clone() };
    asked(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await
}

/// Count, verify the password, ask.
async fn change(call: &Call<'_>, browser: &Browser, user: &User, form: &Params, new: Email) -> Outcome<bool> {
    let Shown { session, attempt, against, fits } =
        match own_password::shown(call, browser, user, form).await? {
            Ok(shown) => shown,
            Err(refusal) => return Ok(Err(refusal)),
        };
    let request = AskToChange { attempt, session, user: user.id.clone(), against, fits, new };
    asked(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await
}

/// Past its limit of mails the commit conflicts: false.
async fn asked(
    call: &Call<'_>,
    needs: Needs,
    decide: impl Fn(&Facts, &mut Ctx<'_>) -> Decision<()>,
) -> Outcome<bool> {
    for _ in 0..ATTEMPTS {
        let facts = load(call, &needs).await?;
        let decision = decide(&facts, &mut ctx(call, &mut SystemRandom));
        match call.app.store.commit(decision.effects).await {
            Ok(()) => return Ok(decision.answer.map(|()| true)),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(Ok(false))
}

fn off(call: &Call<'_>, browser: &Browser) -> Answer {
    call.app.tally.refused(&call.issuer.tenant, Reason::MailOff);
    render::because(error::page(call, browser, ErrorKind::NotFound, None), Reason::MailOff)
}

fn page(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    typed: &str,
    notice: Option<EmailNotice>,
    problem: Option<EmailProblem>,
    status: u16,
) -> Answer {
    let view = ChangeEmail {
        frame: browser.frame(call, None),
        form: browser.form_token(call, "account"),
        user_name: user.user_name.clone(),
        email: user.email.clone(),
        is_verified: user.email_verified_at.is_some(),
        typed: typed.to_owned(),
        notice,
        problem,
    };
    browser.page(call, status, &view)
}

const ATTEMPTS: u32 = 3;
