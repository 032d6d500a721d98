//! Bodies as older contracts send them: a JSON object where the specifications have a form, or either.

use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use doorward_wire::{json, media_type};
use serde_json::{Map, Value};

use crate::app::Call;
use crate::endpoint::credentials;

/// The parameters of a request for tokens: of a form, or of a JSON object whose members they are. A member that nobody knows is ignored,
/// whatever it is (RFC 6749, section 3.2); `own` are those that the contract has beside ours.
pub fn form_or_json(call: &Call<'_>, own: &[&str]) -> Result<Params, Reason> {
    if !is_json(call) {
        return credentials::form(call).map_err(|reason| match reason {
            Reason::MediaType => Reason::MediaTypes,
            reason => reason,
        });
    }
    let members = object(call).map_err(|refusal| refusal.reason)?;
    let mut pairs = Vec::with_capacity(members.len());
    for (name, value) in members {
        match text(value) {
            Some(value) => pairs.push((name, value)),
            None if PARAMETERS.contains(&&*name) || own.contains(&&*name) => {
                return Err(Reason::BodyMalformed);
            }
            None => {}
        }
    }
    Ok(Params::from_pairs(pairs))
}

/// The members of a JSON object. What stands in the query does not count, and a secret there is refused, as beside a form.
pub fn object(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    credentials::no_secret_in_query(call)?;
    if !is_json(call) {
        return Err(Refusal::new(Reason::MediaType, "the body must be application/json"));
    }
    match json::strict(&call.request.body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) | Err(_) => Err(Reason::BodyMalformed.into()),
    }
}

fn is_json(call: &Call<'_>) -> bool {
    call.header("content-type").is_some_and(|value| media_type::json(value).is_ok())
}

/// A member as a parameter; none for what no parameter can be.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The parameters of requests for tokens: those of the specifications, and ours.
const PARAMETERS: [&str; 23] = [
    "actor_label",
    "actor_token",
    "actor_token_type",
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "password",
    "redirect_uri",
    "refresh_token",
    "requested_token_type",
    "resource",
    "retrieval_key",
    "scope",
    "state",
    "subject_token",
    "subject_token_type",
    "user_id",
    "username",
];
