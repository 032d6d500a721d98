//! The headers that pages are sent under: a content security policy without `unsafe-*`.
//!
//! Chromium applies `form-action` to the whole redirect chain after a POST, so pages whose POST may
//! end at a client carry none; all others say `'self'` (design, section 9).

/// What a page's forms may reach, and so which headers it is sent under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Forms go to us, and so does whatever follows them.
    Own,
    /// A form goes to us, and its answer may send the browser on to a client.
    ToClient,
    /// A script of ours asks us for something, and hands it to a page around it or in it.
    Hands,
    /// The form itself goes to a client (`response_mode=form_post`). Its `Origin` is ours, not `null`:
    /// clients that check it can name it.
    FromUs,
}

impl Policy {
    /// Every security header of a page, by lower-case name.
    pub fn headers(self) -> [(&'static str, &'static str); 8] {
        [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", self.content_security_policy()),
            ("referrer-policy", self.referrer_policy()),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ]
    }

    /// The `Content-Security-Policy` header.
    pub fn content_security_policy(self) -> &'static str {
        match self {
            Self::Own => OWN,
            Self::Hands => HANDS,
            Self::ToClient | Self::FromUs => ANY_FORM_ACTION,
        }
    }

    /// The `Referrer-Policy` header. Not `no-referrer`: under it browsers send `Origin: null` with our
    /// own forms too, and the check of `Origin` would refuse them.
    pub fn referrer_policy(self) -> &'static str {
        match self {
            Self::Own | Self::Hands | Self::ToClient => "same-origin",
            Self::FromUs => "strict-origin",
        }
    }
}

/// A page's `Content-Security-Policy` where only pages of these origins may show it in a frame, and our own.
pub fn framed_by(policy: &str, origins: &[String]) -> String {
    policy.replace("frame-ancestors 'none'", &format!("frame-ancestors 'self' {}", origins.join(" ")))
}

/// The `Content-Security-Policy` of a page of ours that shows these origins in a frame.
pub fn framing(origins: &[String]) -> String {
    let shown = origins.join(" ");
    ANY_FORM_ACTION.replace("base-uri", &format!("connect-src 'self'; frame-src 'self' {shown}; base-uri"))
}

const ANY_FORM_ACTION: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
const HANDS: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const OWN: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
