//! What is told of a request that the edge cut short: in the words of the endpoint that it came to, where its clients read every other error.

use doorward_core::{Reason, Refusal};

use crate::admin::problem::{Kind, Problem};
use crate::app::Call;
use crate::cors;
use crate::dialect::{Endpoint, Route};
use crate::edge;
use crate::form::browser::Browser;
use crate::form::error;
use crate::page::view::ErrorKind;
use crate::render::{self, Answer};
use crate::traffic::Class;

/// The answer; none where the edge says it best by itself. It counts such requests, too.
pub fn refused(call: &Call<'_>, route: Option<&Route>, refusal: edge::Refusal) -> Option<Answer> {
    let (reason, page, problem) = words(refusal)?;
    let text = refusal.text().trim_end();
    let Some(route) = route else {
        return Some(cors::open(worded(call, reason, text)));
    };
    let answer = match route.endpoint {
        Endpoint::Admin => Problem::new(problem, text).answer(call),
        endpoint if endpoint.class() == Class::Page => error::quiet(call, &Browser::of(call), page),
        _ => worded(call, reason, text),
    };
    Some(if route.is_open { cors::open(answer) } else { answer })
}

fn worded(call: &Call<'_>, reason: Reason, text: &'static str) -> Answer {
    render::worded(call, &Refusal::new(reason, text))
}

/// What it is called at protocol endpoints, on pages and by the admin API.
fn words(refusal: edge::Refusal) -> Option<(Reason, ErrorKind, Kind)> {
    match refusal {
        edge::Refusal::BodyBroken => Some((Reason::BodyMalformed, ErrorKind::BadRequest, Kind::Malformed)),
        edge::Refusal::BodyTimeout => Some((Reason::BodyTooSlow, ErrorKind::TimedOut, Kind::TooSlow)),
        edge::Refusal::BodyTooLarge => Some((Reason::BodyTooLarge, ErrorKind::TooLarge, Kind::TooLarge)),
        edge::Refusal::Repeated => Some((Reason::FieldRepeated, ErrorKind::BadRequest, Kind::Malformed)),
        // Of these no head was read, or none that says whose it is.
        edge::Refusal::ContentLength
        | edge::Refusal::Expectation
        | edge::Refusal::Flood
        | edge::Refusal::Framing
        | edge::Refusal::HeadTimeout
        | edge::Refusal::HeadTooLarge
        | edge::Refusal::Host
        | edge::Refusal::Line
        | edge::Refusal::MethodNotAllowed
        | edge::Refusal::MethodUnknown
        | edge::Refusal::Target
        | edge::Refusal::TargetTooLong
        | edge::Refusal::Version => None,
    }
}
