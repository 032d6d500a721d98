//! Why the edge refuses a request: a closed set, each with its status and its name in the metrics.

use http::StatusCode;

/// A request (or connection) that the edge does not pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The body broke off or its chunks are malformed (RFC 9112, section 7.1).
    BodyBroken,
    /// The body came too slowly.
    BodyTimeout,
    /// The body is, or says it is, larger than this endpoint takes.
    BodyTooLarge,
    /// `Content-Length` is repeated, signed, not decimal or too large (RFC 9110, section 8.6).
    ContentLength,
    /// An expectation other than `100-continue` (RFC 9110, section 10.1.1).
    Expectation,
    /// An HTTP/2 peer sends far more control frames than requests.
    Flood,
    /// Both `Transfer-Encoding` and `Content-Length`, or a coding other than `chunked` (RFC 9112, section 6.1).
    Framing,
    /// The head came too slowly.
    HeadTimeout,
    /// The head is too large or has too many fields (RFC 6585, section 5).
    HeadTooLarge,
    /// None, several or malformed hosts, or one that differs from the target's (RFC 9112, section 3.2).
    Host,
    /// A line that does not end in CR LF, is folded, or is no field (RFC 9112, sections 2.2 and 5).
    Line,
    /// TRACE or CONNECT.
    MethodNotAllowed,
    /// A method that nobody here implements.
    MethodUnknown,
    /// A field that may stand once stands twice.
    Repeated,
    /// The target is malformed (RFC 9112, section 3.2).
    Target,
    /// The target is too long.
    TargetTooLong,
    /// An HTTP version other than 1.0, 1.1 and, where agreed on, 2.
    Version,
}

impl Refusal {
    /// All of them, in order.
    pub const ALL: [Refusal; 17] = [
        Refusal::BodyBroken,
        Refusal::BodyTimeout,
        Refusal::BodyTooLarge,
        Refusal::ContentLength,
        Refusal::Expectation,
        Refusal::Flood,
        Refusal::Framing,
        Refusal::HeadTimeout,
        Refusal::HeadTooLarge,
        Refusal::Host,
        Refusal::Line,
        Refusal::MethodNotAllowed,
        Refusal::MethodUnknown,
        Refusal::Repeated,
        Refusal::Target,
        Refusal::TargetTooLong,
        Refusal::Version,
    ];

    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::BodyBroken
            | Refusal::ContentLength
            | Refusal::Framing
            | Refusal::Host
            | Refusal::Line
            | Refusal::Repeated
            | Refusal::Target => StatusCode::BAD_REQUEST,
            Refusal::BodyTimeout | Refusal::HeadTimeout => StatusCode::REQUEST_TIMEOUT,
            Refusal::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Expectation => StatusCode::EXPECTATION_FAILED,
            Refusal::Flood => StatusCode::TOO_MANY_REQUESTS,
            Refusal::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Refusal::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::MethodUnknown => StatusCode::NOT_IMPLEMENTED,
            Refusal::TargetTooLong => StatusCode::URI_TOO_LONG,
            Refusal::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        }
    }

    /// The name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::BodyBroken => "body_broken",
            Refusal::BodyTimeout => "body_timeout",
            Refusal::BodyTooLarge => "body_too_large",
            Refusal::ContentLength => "content_length",
            Refusal::Expectation => "expectation",
            Refusal::Flood => "flood",
            Refusal::Framing => "framing",
            Refusal::HeadTimeout => "head_timeout",
            Refusal::HeadTooLarge => "head_too_large",
            Refusal::Host => "host",
            Refusal::Line => "line",
            Refusal::MethodNotAllowed => "method_not_allowed",
            Refusal::MethodUnknown => "method_unknown",
            Refusal::Repeated => "repeated",
            Refusal::Target => "target",
            Refusal::TargetTooLong => "target_too_long",
            Refusal::Version => "version",
        }
    }

    /// What the client is told.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::BodyBroken => "The request body is malformed.\n",
            Refusal::BodyTimeout => "The request body came too slowly.\n",
            Refusal::BodyTooLarge => "The request body is too large.\n",
            Refusal::ContentLength => "The Content-Length is malformed.\n",
            Refusal::Expectation => "The expectation is not supported.\n",
            Refusal::Flood => "Too many control frames.\n",
            Refusal::Framing => "The request framing is malformed.\n",
            Refusal::HeadTimeout => "The request came too slowly.\n",
            Refusal::HeadTooLarge => "The request headers are too large.\n",
            Refusal::Host => "The request needs one well-formed host.\n",
            Refusal::Line => "The request headers are malformed.\n",
            Refusal::MethodNotAllowed => "The method is not allowed.\n",
            Refusal::MethodUnknown => "The method is not implemented.\n",
            Refusal::Repeated => "A header is repeated.\n",
            Refusal::Target => "The request target is malformed.\n",
            Refusal::TargetTooLong => "The request target is too long.\n",
            Refusal::Version => "The HTTP version is not supported.\n",
        }
    }
}
