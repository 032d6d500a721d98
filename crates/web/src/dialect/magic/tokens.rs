//! The token endpoint. What they call `client_credentials` is a person's password: it comes where a client's own secret would.

use doorward_core::client_auth::Credentials;
use doorward_core::{Reason, Refusal};
use doorward_wire::basic;
use doorward_wire::params::Params;
use http::header;

use super::super::Own;
use super::codec::CODEC;
use crate::app::Call;
use crate::endpoint::credentials::credentials;
use crate::endpoint::token;
use crate::render::{self, Answer};
use crate::traffic::Class;

/// The endpoint.
pub const ISSUE: Own = Own {
    name: "magic.token",
    class: Class::Protocol,
    about: "ID tokens for a code, a refresh token or a person's password.",
    answer: |call| Box::pin(post(call)),
};

async fn post(call: &Call<'_>) -> Answer {
    let (shown, params) = match meant(call) {
        Ok(meant) => meant,
        Err(refusal) => return render::refused(call, &refusal),
    };
    match token::issue(call, shown, params).await {
        Ok(issued) => render::json_bytes(200, (CODEC.token)(issued)),
        Err(refused) => *refused,
    }
}

/// What shows the client, and what is asked.
fn meant(call: &Call<'_>) -> Result<(Credentials, Params), Refusal> {
    let params = (CODEC.token_form)(call)?;
    let shown = credentials(call, &params);
    match params.get("grant_type") {
        Some("client_credentials") => {
            let params = by_password(call, &params, &shown)?;
            Ok((Credentials { basic: None, ..shown }, params))
        }
        Some("authorization_code" | "refresh_token") => Ok((shown, params)),
        Some(_) => Err(Reason::GrantTypeUnknown.into()),
        None => Err(Reason::ParameterMissing.into()),
    }
}

/// The same as a request of the grant type that it is. Who names a person in the header names none beside it.
fn by_password(call: &Call<'_>, params: &Params, shown: &Credentials) -> Result<Params, Reason> {
    let is_said = |name: &str| matches!(name, "grant_type" | "username" | "password");
    let others = params.iter().filter(|(name, _)| !is_said(name));
    let mut pairs: Vec<(String, String)> =
        others.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.push(("grant_type".to_owned(), "password".to_owned()));
    if shown.basic.is_some() {
        if params.contains("username") || params.contains("password") {
            return Err(Reason::ParameterRepeated);
        }
        let value = call.request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (name, password) =
            basic::person(value.unwrap_or_default()).map_err(|_| Reason::BasicMalformed)?;
        pairs.extend([("username".to_owned(), name), ("password".to_owned(), password)]);
    }
    Ok(Params::from_pairs(pairs))
}
