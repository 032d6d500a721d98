//! What is asked for is always an ID token; its parameters come in the query, in the body, or in both.

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;
use serde_json::json;

use super::super::challenge::Challenge;
use super::super::scheme::Scheme;
use super::super::{Codec, codec};
use crate::app::Call;
use crate::endpoint::credentials;

/// The codec.
pub const CODEC: Codec = Codec {
    authorization: Some(|_, query| Box::pin(async move { Ok(for_id_token(&query)) })),
    // The parameters of a query count here.
    secrets: &["code"],
    token_form,
    token,
    refusal,
    schemes: &[Scheme::TOKEN],
    challenge: |challenge: &Challenge<'_>| challenge.under("Token"),
    ..codec::STANDARD
};

/// The parameters of both places. One that differs is refused, and so is a secret in the query, where others log it.
fn token_form(call: &Call<'_>) -> Result<Params, Reason> {
    let body = match call.request.body.is_empty() {
        true => credentials::no_secret_in_query(call).map(|()| Params::default())?,
        false => credentials::form(call)?,
    };
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default())?;
    let differs = |(name, value): (&str, &str)| body.get(name).is_some_and(|other| other != value);
    if query.iter().any(differs) {
        return Err(Reason::ParameterRepeated);
    }
    let pairs = body.iter().chain(query.iter()).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(for_id_token(&Params::from_pairs(pairs.collect())))
}

/// With `openid` among the scopes that are asked for, which their requests need not say.
fn for_id_token(params: &Params) -> Params {
    let asked = params.get("scope").unwrap_or_default();
    if asked.split(' ').any(|scope| scope == "openid") {
        return params.clone();
    }
    let scope = format!("openid {asked}").trim_end().to_owned();
    let others = params.iter().filter(|(name, _)| *name != "scope");
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Params::from_pairs(others.chain([("scope".to_owned(), scope)]).collect())
}

/// There is no access token beside it.
fn token(response: TokenResponse) -> Bytes {
    match response.refresh_token {
        Some(refresh) => codec::json(&json!({ "id_token": response.id_token, "refresh_token": refresh })),
        None => codec::json(&json!({ "id_token": response.id_token })),
    }
}

fn refusal(call: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    let (status, body) = codec::refusal(call, refusal);
    // The person is shown by a header, as a client is elsewhere.
    let is_person = matches!(refusal.reason, Reason::PasswordGrant | Reason::BasicMalformed);
    (if is_person { 401 } else { status }, body)
}
