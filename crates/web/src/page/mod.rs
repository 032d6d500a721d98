//! The pages that people see: plain display data in, HTML out (design, sections 3 and 9).
//!
//! A view knows nothing of the core or the store: handlers fill its fields and send what
//! [`View::html`] returns under the headers of its [`Policy`]. Texts come from [`text::Texts`],
//! files that pages refer to from [`asset`].

pub mod asset;
pub mod device;
pub mod locale;
pub mod moment;
pub mod policy;
pub mod qr;
pub mod scope_text;
pub mod text;
pub mod view;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use policy::Frames;

pub use locale::choose;
pub use policy::Policy;
pub use text::Texts;
pub use view::{Frame, View};

#[cfg(test)]
mod tests;

/// A page under its headers, in no frame.
pub fn sent(status: u16, view: &impl View) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(view.html()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let policy = view.policy();
    for (name, value) in policy.headers() {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
    answer.extensions_mut().insert(policy);
    with_frames(answer, Frames::None)
}

/// A page that something is around, or in. What is no page has no policy.
pub fn with_frames(mut answer: Response<Bytes>, frames: Frames<'_>) -> Response<Bytes> {
    let policy = answer.extensions().get::<Policy>().map(|policy| policy.content_security_policy(frames));
    if let Some(Ok(policy)) = policy.map(HeaderValue::try_from) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}
