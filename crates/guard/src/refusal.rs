//! Why a request may not pass: a precise reason for those who run the API, a status and a challenge for whoever asked.

use doorward_wire::error_code::ErrorCode;
use http::StatusCode;

/// Why a request may not pass. The response has it among its extensions, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token is not good: 401 `invalid_token`.
    #[error("{0}")]
    Invalid(Reason),
    /// Not one token in one header: 400 `invalid_request`.
    #[error("more than one access token, or none that can be read")]
    Request,
    /// It lacks a scope: 403 `insufficient_scope`.
    #[error("the access token lacks a scope")]
    Scope,
    /// The sign-in that it rests on is too old or not strong enough (RFC 9470): 401 `insufficient_user_authentication`.
    #[error("the sign-in is too old or not strong enough")]
    SignIn,
    /// There is no token: 401, and no error is named (RFC 6750, section 3.1).
    #[error("there is no access token")]
    NoToken,
    /// Nobody can say whether the token is good. No denial: 503.
    #[error("nobody can say whether the access token is good")]
    Unavailable,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Its algorithm is not one of those that are taken.
    #[error("the algorithm of the access token is not taken")]
    Algorithm,
    /// It is for another API.
    #[error("the access token is for another audience")]
    Audience,
    /// It is bound to a key that a bearer need not have (RFC 9449, RFC 8705).
    #[error("the access token is bound to a key, and no proof of it is understood here")]
    Bound,
    /// It lacks what an access token must say (RFC 9068, section 2.2).
    #[error("the access token does not say what it must")]
    Claims,
    /// It has ended.
    #[error("the access token has expired")]
    Expired,
    /// The issuer says that it is none, or none any more.
    #[error("the access token is not active")]
    Inactive,
    /// It is from somebody else.
    #[error("the access token is from another issuer")]
    Issuer,
    /// Its key is not one of the issuer's.
    #[error("the key of the access token is not known")]
    Key,
    /// It is of a kind that is not taken here.
    #[error("tokens of this kind are not taken")]
    Kind,
    /// It has not begun.
    #[error("the access token is not valid yet")]
    NotYet,
    /// Its signature does not fit.
    #[error("the signature of the access token does not fit")]
    Signature,
    /// It cannot be read.
    #[error("the access token cannot be read")]
    Syntax,
    /// It is a JWT of another use: an ID token, say.
    #[error("the token is no access token")]
    Type,
}

impl Refusal {
    /// What the answer says.
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::Invalid(_) | Refusal::NoToken | Refusal::SignIn => StatusCode::UNAUTHORIZED,
            Refusal::Request => StatusCode::BAD_REQUEST,
            Refusal::Scope => StatusCode::FORBIDDEN,
            Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error of the challenge.
    pub fn code(self) -> Option<ErrorCode> {
        match self {
            Refusal::Invalid(_) => Some(ErrorCode::InvalidToken),
            Refusal::NoToken | Refusal::Unavailable => None,
            Refusal::Request => Some(ErrorCode::InvalidRequest),
            Refusal::Scope => Some(ErrorCode::InsufficientScope),
            Refusal::SignIn => Some(ErrorCode::InsufficientUserAuthentication),
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Refusal::Invalid(reason)
    }
}
