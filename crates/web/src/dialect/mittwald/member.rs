//! Members of a JSON body, and what is told of one that is missing or wrong.

use doorward_core::Reason;
use serde_json::{Map, Value, json};

use super::super::{body, codec};
use crate::app::Call;
use crate::render::{self, Answer};

/// What a body is.
pub struct Body(Map<String, Value>);

impl Body {
    /// The body of a request.
    pub fn of(call: &Call<'_>) -> Result<Self, Box<Answer>> {
        body::object(call).map(Self).map_err(|refusal| Box::new(render::refused(call, &refusal)))
    }

    /// A text that must be there.
    pub fn text(&self, call: &Call<'_>, name: &'static str) -> Result<&str, Box<Answer>> {
        self.optional_text(call, name)?.ok_or_else(|| wrong(call, name, "required", "is required"))
    }

    /// Words that must be there, parted by spaces as elsewhere; each is one.
    pub fn words(&self, call: &Call<'_>, name: &'static str) -> Result<String, Box<Answer>> {
        let Some(Value::Array(items)) = self.0.get(name) else {
            return Err(wrong(call, name, "type", "must be a list of strings"));
        };
        let words = items.iter().map(|item| item.as_str().filter(|word| is_word(word)));
        let words: Option<Vec<&str>> = words.collect();
        words
            .map(|words| words.join(" "))
            .ok_or_else(|| wrong(call, name, "type", "must be a list of strings without spaces"))
    }

    /// Whether something is said of it.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A switch that may be there.
    pub fn flag(&self, call: &Call<'_>, name: &'static str) -> Result<Option<bool>, Box<Answer>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(wrong(call, name, "type", "must be true or false")),
        }
    }

    /// A text that may be there.
    pub fn optional_text(&self, call: &Call<'_>, name: &'static str) -> Result<Option<&str>, Box<Answer>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(call, name, "type", "must be a string")),
        }
    }
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(char::is_whitespace)
}

/// One member is wrong.
pub fn wrong(call: &Call<'_>, name: &str, kind: &str, what: &str) -> Box<Answer> {
    let reason = Reason::ParameterMalformed;
    call.app.tally.refused(&call.issuer.tenant, reason);
    let body = json!({
        "type": "ValidationError",
        "message": format!("{name} {what}"),
        "validationErrors": [{ "message": what, "path": name, "type": kind }],
    });
    Box::new(render::because(render::json_bytes(400, codec::json(&body)), reason))
}
