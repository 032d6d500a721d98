//! The error page. Its texts are stable: people search for them, and tests look for them.

use askama::Template;

use super::{Frame, Policy, View, is_harmless, render};

/// Nothing is posted, but where somebody else may sign in.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What stands around it.
    pub frame: Frame,
    /// What went wrong.
    pub kind: ErrorKind,
    /// For developers: the protocol's code and sentence ("invalid_request: …"), never a secret.
    pub detail: Option<String>,
    /// The incident id, which the log has too.
    pub incident: String,
    /// The request id.
    pub request_id: String,
    /// The way back: name of the application and a registered link to it.
    pub back: Option<(String, String)>,
    /// The console, for who is there.
    pub console: Option<String>,
    /// Who is signed in, where somebody else might get further.
    pub signed_in: Option<SignedInAs>,
}

/// Who is signed in, and what lets somebody else sign in for the request that waits: posts `request`, `form` and `action=switch` to
/// `{base}/select-account`.
#[derive(Clone, Debug)]
pub struct SignedInAs {
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Display name, may be empty.
    pub name: String,
    /// User name.
    pub user_name: String,
}

/// What went wrong, by what the person can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request of the application is broken (malformed, repeated or missing parameter).
    BadRequest,
    /// The form did not come from one of our pages, or not for this person.
    ForeignForm,
    /// The installation was removed.
    InstallationGone,
    /// The method is not for this page.
    MethodNotAllowed,
    /// There is nothing at this address.
    NotFound,
    /// The extension is not installed where the person belongs, or does not work there.
    NotInstalled,
    /// The extension is not installed anywhere any more.
    NotOffered,
    /// The sign-in began too long ago to go on.
    RequestExpired,
    /// The sign-out request names an address that is not registered.
    SignOutAddress,
    /// The sign-out request is broken.
    SignOutRequest,
    /// The request took too long to arrive.
    TimedOut,
    /// The request is larger than we read.
    TooLarge,
    /// Too many requests.
    TooManyRequests,
    /// Storage or another part is out of reach.
    Unavailable,
    /// A fault of ours.
    Unexpected,
    /// No such application here.
    UnknownClient,
    /// The address that the answer should go to is not registered.
    UnregisteredRedirect,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::BadRequest,
        Self::ForeignForm,
        Self::InstallationGone,
        Self::MethodNotAllowed,
        Self::NotFound,
        Self::NotInstalled,
        Self::NotOffered,
        Self::RequestExpired,
        Self::SignOutAddress,
        Self::SignOutRequest,
        Self::TimedOut,
        Self::TooLarge,
        Self::TooManyRequests,
        Self::Unavailable,
        Self::Unexpected,
        Self::UnknownClient,
        Self::UnregisteredRedirect,
    ];

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest
            | Self::RequestExpired
            | Self::SignOutAddress
            | Self::SignOutRequest
            | Self::UnknownClient
            | Self::UnregisteredRedirect => 400,
            Self::ForeignForm | Self::NotInstalled => 403,
            Self::InstallationGone | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TimedOut => 408,
            Self::NotOffered => 409,
            Self::TooLarge => 413,
            Self::TooManyRequests => 429,
            Self::Unexpected => 500,
            Self::Unavailable => 503,
        }
    }

    /// The messages of title, what happened, and what to do.
    fn keys(self) -> [&'static str; 3] {
        match self {
            Self::BadRequest => ["error-bad-request", "error-bad-request-text", "error-do-tell-application"],
            Self::ForeignForm => ["error-foreign-form", "error-foreign-form-text", "error-do-go-back"],
            Self::MethodNotAllowed => ["error-method", "error-method-text", "error-do-go-back"],
            Self::NotFound => ["error-not-found", "error-not-found-text", "error-do-check-address"],
            Self::NotInstalled => {
                ["error-not-installed", "error-not-installed-text", "error-do-ask-platform"]
            }
            Self::InstallationGone => {
                ["error-installation-gone", "error-installation-gone-text", "error-do-look-at-extensions"]
            }
            Self::NotOffered => {
                ["error-not-offered", "error-not-offered-text", "error-do-look-at-extensions"]
            }
            Self::RequestExpired => ["error-expired", "error-expired-text", "error-do-start-again"],
            Self::SignOutAddress => {
                ["error-sign-out-address", "error-sign-out-address-text", "error-do-tell-application"]
            }
            Self::SignOutRequest => {
                ["error-sign-out-request", "error-sign-out-request-text", "error-do-tell-application"]
            }
            Self::TimedOut => ["error-timed-out", "error-timed-out-text", "error-do-try-again"],
            Self::TooLarge => ["error-too-large", "error-too-large-text", "error-do-tell-application"],
            Self::TooManyRequests => ["error-too-many", "error-too-many-text", "error-do-wait"],
            Self::Unavailable => ["error-unavailable", "error-unavailable-text", "error-do-wait"],
            Self::Unexpected => ["error-unexpected", "error-unexpected-text", "error-do-try-again"],
            Self::UnknownClient => {
                ["error-unknown-client", "error-unknown-client-text", "error-do-tell-application"]
            }
            Self::UnregisteredRedirect => {
                ["error-redirect", "error-redirect-text", "error-do-tell-application"]
            }
        }
    }
}

impl ErrorPage {
    fn title(&self) -> String {
        self.frame.say(self.kind.keys()[0])
    }

    fn text(&self) -> String {
        self.frame.say(self.kind.keys()[1])
    }

    fn advice(&self) -> String {
        self.frame.say(self.kind.keys()[2])
    }

    fn back_link(&self) -> Option<&(String, String)> {
        self.back.as_ref().filter(|(_, link)| is_harmless(link))
    }
}

impl View for ErrorPage {
    fn policy(&self) -> Policy {
        if self.signed_in.is_some() { Policy::ToClient } else { Policy::Own }
    }

    fn html(&self) -> String {
        render(self)
    }
}
