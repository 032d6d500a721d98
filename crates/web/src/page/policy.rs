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

/// What stands around a page, or in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames<'a> {
    /// Nothing.
    None,
    /// Pages of these origins, and our own, may show it.
    In(&'a [String]),
    /// It shows pages of these origins, and our own, and asks us for what it hands to them.
    Of(&'a [String]),
}

impl Policy {
    /// Every security header of a page, by lower-case name, but for the `Content-Security-Policy`.
    pub fn headers(self) -> [(&'static str, &'static str); 7] {
        [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", self.referrer_policy()),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ]
    }

    /// The `Content-Security-Policy` header.
    pub fn content_security_policy(self, frames: Frames<'_>) -> String {
        let mut directives =
            vec!["default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'".to_owned()];
        let mut add = |directive: &str| directives.push(directive.to_owned());
        if self == Self::Hands || matches!(frames, Frames::Of(_)) {
            add("connect-src 'self'");
        }
        if let Frames::Of(origins) = frames {
            add(&format!("frame-src 'self' {}", origins.join(" ")));
        }
        add("base-uri 'none'");
        match frames {
            Frames::In(origins) => add(&format!("frame-ancestors 'self' {}", origins.join(" "))),
            Frames::None | Frames::Of(_) => add("frame-ancestors 'none'"),
        }
        match self {
            Self::Own | Self::Hands => add("form-action 'self'"),
            Self::ToClient | Self::FromUs => {}
        }
        directives.join("; ")
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
