//! How a dialect reads bodies and writes answers. It only translates: what is read is what the core's requests are made of, what is written
//! is what the core answered.

use std::pin::Pin;

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use doorward_wire::response::{ErrorResponse, TokenResponse};
use http::{HeaderMap, StatusCode};

use super::challenge::{self, Challenge};
use super::scheme::Scheme;
use crate::app::Call;
use crate::endpoint::credentials;
use crate::render::Answer;
use crate::traffic::{self, Standings};

/// The codec of a dialect.
pub struct Codec {
    /// The authorization request that the query of one means, or the page that says why it is none; absent: it is one.
    pub authorization: Option<for<'a> fn(&'a Call<'a>, Params) -> Meant<'a>>,
    /// What secrets are called in its requests, beside the names that the specifications have: none may stand in a query.
    pub secrets: &'static [&'static str],
    /// The parameters of a request to the token endpoint.
    pub token_form: fn(&Call<'_>) -> Result<Params, Reason>,
    /// What the token endpoint answers.
    pub token: fn(TokenResponse) -> Bytes,
    /// Status and body of a refusal at a protocol endpoint. Its other headers are the same in all dialects.
    pub refusal: fn(&Call<'_>, &Refusal) -> (u16, Bytes),
    /// What kind of text that body is.
    pub refusal_type: fn(&Call<'_>, &Refusal) -> &'static str,
    /// Where access tokens may be presented.
    pub schemes: &'static [Scheme],
    /// Where they may be presented too, at the guard of an API that allows parameters.
    pub parameters: &'static [Scheme],
    /// The value of `WWW-Authenticate` where an access token is missing or is not enough.
    pub challenge: fn(&Challenge<'_>) -> String,
    /// Tells a caller how it stands with its quotas.
    pub quotas: fn(&Standings, &mut HeaderMap),
    /// How the answer to an authorization request that came by GET sends the browser on. Behind a form it is always 303, since that
    /// carried a password (RFC 9700, section 4.12).
    pub sends_on: StatusCode,
    /// Whether an authorization request that may be told to nobody is refused like one at a protocol endpoint, and not on a page.
    pub refuses_plainly: bool,
}

/// An authorization request that is being looked for.
pub type Meant<'a> = Pin<Box<dyn Future<Output = Result<Params, Box<Answer>>> + Send + 'a>>;

/// The specifications (RFC 6749, sections 3.2, 5.1 and 5.2).
pub const STANDARD: Codec = Codec {
    authorization: None,
    secrets: &[],
    token_form: credentials::form,
    token: |response| json(&response),
    refusal,
    refusal_type: |_, _| "application/json",
    schemes: &[Scheme::BEARER, Scheme::BEARER_FORM],
    parameters: &[],
    challenge: challenge::bearer,
    quotas: traffic::tell,
    sends_on: StatusCode::SEE_OTHER,
    refuses_plainly: false,
};

/// A refusal as the specifications have it.
pub fn refusal(_: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    let body = ErrorResponse::described(refusal.reason.code(), &refusal.description);
    (refusal.reason.status(), json(&body))
}

/// A body.
pub fn json(body: &impl serde::Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(body).unwrap_or_default())
}
