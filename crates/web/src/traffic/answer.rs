//! What a caller is told that may not ask now: 429 when it asked too often, 503 when there is too much to do. Both say when to come
//! back; the times that many are given at once differ, so that they do not all come back at once.

use http::header::{self, HeaderValue};

use doorward_core::Reason;

use super::{Class, Quota};
use crate::admin::problem::{Kind, Problem};
use crate::app::Call;
use crate::dialect::Endpoint;
use crate::edge::OverQuota;
use crate::form::browser::Browser;
use crate::form::error;
use crate::page::view::ErrorKind;
use crate::render::{self, Answer};
use crate::telemetry;

/// One request too many.
pub fn too_many(call: &Call<'_>, class: Class, wait_s: u32) -> Answer {
    let mut answer = refused(call, class, Reason::TooMany, ErrorKind::TooManyRequests);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    answer
}

/// No place in time.
pub fn overloaded(call: &Call<'_>, class: Class) -> Answer {
    warn(call, class, Reason::Overloaded, "");
    let mut answer = refused(call, class, Reason::Overloaded, ErrorKind::Unavailable);
    answer.headers_mut().insert(header::RETRY_AFTER, retry_after());
    answer
}

/// The answer is that to a request too many: whose quota it was is said in the access log, and now and then in the log.
pub fn note_over(call: &Call<'_>, class: Class, quota: Quota, answer: &mut Answer) {
    warn(call, class, Reason::TooMany, quota.name());
    answer.extensions_mut().insert(OverQuota(quota.name()));
}

fn warn(call: &Call<'_>, class: Class, reason: Reason, quota: &'static str) {
    if call.app.traffic.is_told(call.app.store.now()) {
        tracing::warn!(
            tenant.id = %call.issuer.tenant,
            class = class.name(),
            reason = reason.as_str(),
            quota,
            client.id = call.client.get().map(|client| client.as_str()).unwrap_or_default(),
            client.address = call.address,
            "requests are refused; said once in ten seconds, counted in the metrics"
        );
    }
}

/// Some seconds, of which each caller gets its own: between one and five.
pub fn retry_after() -> HeaderValue {
    const SECONDS: [&str; 5] = ["1", "2", "3", "4", "5"];
    HeaderValue::from_static(SECONDS[telemetry::spread(SECONDS.len())])
}

fn refused(call: &Call<'_>, class: Class, reason: Reason, kind: ErrorKind) -> Answer {
    call.app.tally.refused(&call.issuer.tenant, reason);
    let answer = match class {
        Class::Page => error::quiet(call, &Browser::of(call), kind),
        // A contract of another system has endpoints of administration, and words, of its own.
        Class::Admin if is_of_admin_api(call) => {
            let kind = if reason == Reason::TooMany { Kind::TooMany } else { Kind::Unavailable };
            Problem::new(kind, reason.description()).answer(call)
        }
        Class::Admin | Class::Guard | Class::Open | Class::Protocol => render::worded(call, &reason.into()),
    };
    render::because(answer, reason)
}

fn is_of_admin_api(call: &Call<'_>) -> bool {
    call.dialect.route(call.path).is_some_and(|(route, _)| route.endpoint == Endpoint::Admin)
}
