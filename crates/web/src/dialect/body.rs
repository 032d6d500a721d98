//! Bodies as older contracts send them: a JSON object where the specifications have a form, or either.

use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use doorward_wire::{json, media_type};
use serde_json::{Map, Value};

use crate::app::Call;
use crate::endpoint::credentials;

/// The parameters of a form, or of a JSON object whose members are parameters.
pub fn form_or_json(call: &Call<'_>) -> Result<Params, Reason> {
    form_or_json_of(call, |_| true)
}

/// The same, where the members of an object are parameters that `is_read` knows; whatever else it holds is ignored (RFC 6749, section 3.2).
pub fn form_or_json_of(call: &Call<'_>, is_read: impl Fn(&str) -> bool) -> Result<Params, Reason> {
    if !is_json(call) {
        return credentials::form(call).map_err(|reason| match reason {
            Reason::MediaType => Reason::MediaTypes,
            reason => reason,
        });
    }
    let mut members = object(call).map_err(|refusal| refusal.reason)?;
    members.retain(|name, _| is_read(name));
    let pairs = members.into_iter().map(|(name, value)| Some((name, text(value)?)));
    Ok(Params::from_pairs(pairs.collect::<Option<Vec<_>>>().ok_or(Reason::BodyMalformed)?))
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
