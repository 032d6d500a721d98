//! The account page: profile, password, sessions, applications.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ConsentId, SessionId};
use doorward_core::login::account::{self, ChangePassword, EndConsent, EndSession};
use doorward_core::login::second_factor::is_offered;
use doorward_core::model::User;
use doorward_core::{Facts, Needs, Reason};
use doorward_crypto::secret::SecretString;
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::continuation::lines;
use super::journey::Behind;
use super::own_password::{self, Shown};
use super::{account_factor, error, new_password, sign_in};
use crate::app::Call;
use crate::cookie::Cookie;
use crate::page::view::{Account, AccountNotice, ApplicationRow, PasswordProblem, SessionRow};
use crate::password_pool::Busy;
use crate::render::{self, Answer};
use crate::run::{Outcome, run_plain};

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let notice = call.request.query.as_deref().and_then(notice_of);
    match person(call, &browser).await {
        Ok(user) => page(call, &browser, &user, notice, None, 200).await,
        Err(answer) => answer,
    }
}

/// POST of the password form.
pub async fn password(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (user, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    if let Some(answer) = new_password::no_room(call) {
        return answer;
    }
    let new = match new_password::chosen(call, &form, ["new_password", "new_password_again"], &user).await {
        Ok(Ok(new)) => new,
        Ok(Err(problem)) => return page(call, &browser, &user, None, Some(problem), 400).await,
        Err(Busy) => return error::busy(call),
    };
    match change(call, &browser, &user, &form, new).await {
        Ok(Ok((cookie, max_age_s))) => {
            let mut answer = render::see_other(&call.url("/account?done=password"));
            Cookie::Session.set(call, cookie.expose(), max_age_s, &mut answer);
            answer
        }
        Ok(Err(refusal)) => match (refusal.reason, refusal.retry_after_s) {
            (Reason::PasswordWrong, _) => {
                page(call, &browser, &user, None, Some(PasswordProblem::WrongCurrent), 400).await
            }
            (Reason::SignInThrottled, Some(seconds)) => {
                let problem = PasswordProblem::Throttled { seconds: seconds.into() };
                error::slowed(Some(seconds), page(call, &browser, &user, None, Some(problem), 429).await)
            }
            (Reason::SecondStepDue, _) => account_factor::ask(call, &browser, Behind::Account).await,
            _ => error::refused(call, &browser, &refusal),
        },
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// POST of the sessions form.
pub async fn sessions(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (user, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let Some(session) = browser.session else { return render::see_other(&call.url("/sign-in")) };
    let theirs = match call.app.store.sessions_of(&call.issuer.tenant, &user.id).await {
        Ok(theirs) => theirs,
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let others = form.get("action") == Some("end-others");
    let targets: Vec<SessionId> = if others {
        theirs.iter().map(|row| row.id).filter(|id| *id != session.id).collect()
    } else {
        form.get("session").and_then(|id| id.parse().ok()).map(SessionId).into_iter().collect()
    };
    for target in targets {
        let request = EndSession { session, target };
        match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, &theirs, ctx)).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => return error::refused(call, &browser, &refusal),
            Err(failure) => return error::failed(call, &browser, &failure),
        }
    }
    render::see_other(&call.url(if others { "/account?done=others" } else { "/account?done=session" }))
}

/// POST of the applications form.
pub async fn applications(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (_, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let consent = form.get("application").and_then(|id| id.parse().ok()).map(ConsentId);
    let (Some(session), Some(consent)) = (browser.session, consent) else {
        return error::refused(call, &browser, &Reason::ParameterMalformed.into());
    };
    let request = EndConsent { session, consent };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(())) => render::see_other(&call.url("/account?done=application")),
        Ok(Err(refusal)) => error::refused(call, &browser, &refusal),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// The form of a person who is signed in, from our own page.
pub(super) async fn opened(call: &Call<'_>, browser: &Browser) -> Result<(User, Params), Answer> {
    let form = posted(call, browser).map_err(|answer| *answer)?;
    let user = person(call, browser).await?;
    if !browser.fits(call, "account", form.get("form")) {
        return Err(page(call, browser, &user, Some(AccountNotice::Stale), None, 403).await);
    }
    Ok((user, form))
}

/// The person signed in; who is not goes to the sign-in page.
pub(super) async fn person(call: &Call<'_>, browser: &Browser) -> Result<User, Answer> {
    let needs = Needs { session: browser.session, ..Needs::default() };
    match run_plain(call, needs, |facts, ctx| account::look(facts, ctx)).await {
        Ok(Ok(user)) => {
            browser.knows(&user);
            Ok(user)
        }
        Ok(Err(_)) => Err(render::see_other(&call.url("/sign-in"))),
        Err(failure) => Err(error::failed(call, browser, &failure)),
    }
}

/// Change it: the session's new cookie, and for how many seconds the browser keeps it when the person stays signed in. Guesses at the
/// current password are counted like those on the sign-in page.
async fn change(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    form: &Params,
    new: SecretString,
) -> Outcome<(SecretString, Option<i64>)> {
    let Shown { session, attempt, against, fits } =
        match own_password::shown(call, browser, user, form).await? {
            Ok(shown) => shown,
            Err(refusal) => return Ok(Err(refusal)),
        };
    let new = if fits { call.app.passwords.hash(new).await? } else { String::new() };
    let user = user.id.clone();
    let request = ChangePassword { attempt, session, user, against, fits, new, everywhere: true };
    let mut max_age_s = None;
    let decided = run_plain(call, request.needs(), |facts, ctx| {
        max_age_s = sign_in::kept_s(facts);
        request.decide(facts, ctx)
    });
    let outcome = decided.await?;
    Ok(outcome.map(|cookie| (cookie, max_age_s)))
}

async fn page(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    notice: Option<AccountNotice>,
    problem: Option<PasswordProblem>,
    status: u16,
) -> Answer {
    let tenant = &call.issuer.tenant;
    let (factors, installs) = match account_factor::looked(call, browser).await {
        Ok(facts) => (facts.factors.clone(), installs(&facts, user)),
        Err(failure) => return error::failed(call, browser, &failure),
    };
    let rows = async {
        Ok((
            call.app.store.sessions_of(tenant, &user.id).await?,
            call.app.store.applications_of(tenant, &user.id).await?,
            installs || !call.app.store.installations_for(tenant, &user.id, "", 1).await?.is_empty(),
        ))
    };
    let (sessions, applications, has_extensions) = match rows.await {
        Ok(rows) => rows,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let now = call.app.store.now();
    let current = browser.session.map(|handle| handle.id);
    let mut sessions: Vec<SessionRow> = sessions
        .iter()
        .filter(|session| session.is_open(now))
        .map(|session| SessionRow {
            id: session.id.to_string(),
            user_agent: Some(session.user_agent.clone()).filter(|text| !text.is_empty()),
            address: Some(session.address.clone()).filter(|text| !text.is_empty()),
            since: session.auth_time.seconds(),
            last_used: session.used_at.seconds(),
            is_current: Some(session.id) == current,
        })
        .collect();
    sessions.sort_by_key(|row| (!row.is_current, -row.last_used));
    let applications = applications
        .iter()
        .filter(|row| row.consent.ended_at.is_none())
        .map(|row| ApplicationRow {
            id: row.consent.id.to_string(),
            client: row.client_name.clone(),
            client_host: None,
            installed_in: row
                .consent
                .installation
                .as_ref()
                .map(|_| row.context_name.as_ref().unwrap_or(&call.tenant.tenant.name).clone()),
            scopes: lines(call, &row.consent.scopes, &row.consent.scopes, user, None),
            since: row.consent.created_at.seconds(),
            last_used: row.used_at.map(doorward_core::Timestamp::seconds),
            is_offline: row.consent.scopes.contains("offline_access"),
        })
        .collect();
    let view = Account {
        frame: browser.frame(call, None),
        form: browser.form_token(call, "account"),
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
        has_extensions,
        email: user.email.clone(),
        email_verified: user.email_verified_at.is_some(),
        offers_email: call.sends_mail(),
        locale: user.locale().map(str::to_owned),
        password_min_length: call.app.options.password_min_length,
        password_problem: problem,
        second_factor: (factors.is_there() || is_offered(&call.tenant.tenant)).then_some(factors.is_there()),
        notice,
        sessions,
        applications,
    };
    browser.page(call, status, &view)
}

/// Whether a person may install extensions somewhere.
fn installs(facts: &Facts, user: &User) -> bool {
    let permissions = facts.permissions(user);
    permissions.is_administrator || permissions.allow_somewhere(Area::Installations.scope(Access::Write))
}

fn notice_of(query: &str) -> Option<AccountNotice> {
    match query {
        "done=application" => Some(AccountNotice::ApplicationRevoked),
        "done=others" => Some(AccountNotice::OtherSessionsEnded),
        "done=password" => Some(AccountNotice::PasswordChanged),
        "done=session" => Some(AccountNotice::SessionEnded),
        _ => None,
    }
}
