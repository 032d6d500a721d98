//! The error page: stable texts, an incident id, and a way back where there is a safe one.

use doorward_core::{Reason, Refusal};
use doorward_store::Fault;

use super::browser::Browser;
use crate::app::Call;
use crate::console;
use crate::page::view::error::SignedInAs;
use crate::page::view::{ErrorKind, ErrorPage};
use crate::render::{self, Answer};
use crate::run::Failure;
use crate::telemetry;
use crate::traffic::{self, Class};

/// A page that says what went wrong.
pub fn page(call: &Call<'_>, browser: &Browser, kind: ErrorKind, detail: Option<String>) -> Answer {
    with_way_back(call, browser, kind, detail, None)
}

/// The same, with a link to the application.
pub fn with_way_back(
    call: &Call<'_>,
    browser: &Browser,
    kind: ErrorKind,
    detail: Option<String>,
    back: Option<(String, String)>,
) -> Answer {
    let view = noted(call, browser, kind, detail, back);
    browser.page(call, kind.status(), &view)
}

/// The same, where somebody else might get further.
pub fn for_another(call: &Call<'_>, browser: &Browser, kind: ErrorKind, signed_in: SignedInAs) -> Answer {
    let view = ErrorPage { signed_in: Some(signed_in), ..noted(call, browser, kind, None, None) };
    browser.page(call, kind.status(), &view)
}

/// A page of which the log says nothing: of those that a flood is answered with.
pub fn quiet(call: &Call<'_>, browser: &Browser, kind: ErrorKind) -> Answer {
    let view = view(call, browser, kind, None, telemetry::incident_id(), None);
    browser.page(call, kind.status(), &view)
}

/// A page that the log names too.
fn noted(
    call: &Call<'_>,
    browser: &Browser,
    kind: ErrorKind,
    detail: Option<String>,
    back: Option<(String, String)>,
) -> ErrorPage {
    let incident = telemetry::incident_id();
    tracing::info!(
        request.id = %call.request.request_id,
        incident.id = incident,
        tenant.id = %call.issuer.tenant,
        detail = detail.as_deref().unwrap_or_default(),
        kind = ?kind,
        "error page"
    );
    view(call, browser, kind, detail, incident, back)
}

fn view(
    call: &Call<'_>,
    browser: &Browser,
    kind: ErrorKind,
    detail: Option<String>,
    incident: String,
    back: Option<(String, String)>,
) -> ErrorPage {
    // Whoever is below the console goes on there.
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let console = call.path.strip_prefix(console::PREFIX).is_some_and(is_below);
    ErrorPage {
        frame: browser.frame(call, None),
        kind,
        detail,
        incident,
        request_id: call.request.request_id.clone(),
        console: (console && back.is_none()).then(|| call.url(console::PREFIX)),
        back,
        signed_in: None,
    }
}

/// A refusal that is shown on our own page.
pub fn refused(call: &Call<'_>, browser: &Browser, refusal: &Refusal) -> Answer {
    call.app.tally.refused(&call.issuer.tenant, refusal.reason);
    let kind = match refusal.reason {
        Reason::AuthorizeClientUnknown => ErrorKind::UnknownClient,
        Reason::RedirectUnregistered => ErrorKind::UnregisteredRedirect,
        Reason::LogoutRedirect => ErrorKind::SignOutAddress,
        Reason::LogoutClient | Reason::LogoutHint => ErrorKind::SignOutRequest,
        Reason::FormForeign => ErrorKind::ForeignForm,
        Reason::FormStale => ErrorKind::RequestExpired,
        Reason::MethodNotAllowed => ErrorKind::MethodNotAllowed,
        Reason::ObjectUnknown => ErrorKind::NotFound,
        Reason::SignInThrottled => ErrorKind::TooManyRequests,
        _ => ErrorKind::BadRequest,
    };
    let detail = format!("{}: {}", refusal.reason.code().as_str(), refusal.description);
    render::because(page(call, browser, kind, Some(detail)), refusal.reason)
}

/// Another method than these, on a page.
pub fn method_not_allowed(call: &Call<'_>, allow: &str) -> Answer {
    let answer = refused(call, &Browser::of(call), &Reason::MethodNotAllowed.into());
    render::allowing(answer, allow)
}

/// Storage is out of reach, or the queue of password work is full.
pub fn failed(call: &Call<'_>, browser: &Browser, failure: &Failure) -> Answer {
    match failure {
        Failure::Busy => busy(call),
        Failure::Fault(fault) => self::fault(call, browser, fault),
    }
}

/// The queue of password work is full: told as any other overload, never as trouble of storage.
pub fn busy(call: &Call<'_>) -> Answer {
    traffic::overloaded(call, Class::Page)
}

/// 503 for a fault.
pub fn fault(call: &Call<'_>, browser: &Browser, fault: &Fault) -> Answer {
    call.app.note_fault(fault, &call.request.request_id);
    unavailable(call, browser)
}

/// 503: try again in a moment.
pub fn unavailable(call: &Call<'_>, browser: &Browser) -> Answer {
    let mut answer = page(call, browser, ErrorKind::Unavailable, None);
    answer.headers_mut().insert(http::header::RETRY_AFTER, traffic::retry_after());
    answer
}

/// The page that says why, to somebody who tries too often: 429, and when to come back.
pub fn slowed(retry_after_s: Option<u32>, mut answer: Answer) -> Answer {
    if let Some(seconds) = retry_after_s {
        *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
        answer.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
    }
    answer
}
