//! Errors of the admin API (RFC 9457): one shape for all, with a JSON pointer for each member that is wrong.

use bytes::Bytes;
use doorward_core::Reason;
use doorward_core::admin::Denied;
use doorward_core::desired::Problems;
use doorward_core::desired::problem::Step;
use doorward_store::Fault;
use http::header::{self, HeaderValue};
use serde_json::{Value, json};

use super::schema::{FieldError, escaped, wrong};
use super::view::LISTS;
use crate::app::Call;
use crate::manage::Trouble;
use crate::render::{self, Answer};
use crate::traffic;

/// An error.
#[derive(Debug)]
pub struct Problem {
    /// What kind: the last part of its `type`.
    pub kind: Kind,
    /// What, in this case. Never holds a secret.
    pub detail: String,
    /// What is wrong with the body, and where.
    pub errors: Vec<FieldError>,
    /// What the operator is told.
    pub fault: Option<Fault>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)*) => {
        /// Kinds of errors.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind { $($(#[$doc])* $variant),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Its status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// What it is, in any case.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

kinds! {
    /// The request cannot be read.
    Malformed = "malformed", 400, "The request cannot be read";
    /// Members of the body are wrong.
    Invalid = "invalid", 400, "The object is not valid";
    /// There is no valid token.
    Unauthorized = "unauthorized", 401, "An access token of this server is needed";
    /// The token does not allow it.
    Forbidden = "forbidden", 403, "The access token does not allow this";
    /// There is no such thing.
    NotFound = "not-found", 404, "There is no such object";
    /// The route has no such method.
    Method = "method-not-allowed", 405, "This method is not allowed here";
    /// The body did not arrive in time.
    TooSlow = "too-slow", 408, "The body came too slowly";
    /// It contradicts what is.
    Conflict = "conflict", 409, "This contradicts what is there";
    /// It is not done, whoever asks.
    Refused = "refused", 409, "This is not done";
    /// It would go, and something names it.
    InUse = "in-use", 409, "Something names it still";
    /// A name is another's.
    Taken = "taken", 409, "There is one of this name already";
    /// The object is not at the version that was named.
    Stale = "precondition-failed", 412, "The object is not as the request expects it";
    /// The body is larger than any may be.
    TooLarge = "too-large", 413, "The body is too large";
    /// The body is not JSON.
    MediaType = "unsupported-media-type", 415, "The body must be JSON";
    /// The idempotency key was used with another body.
    KeyReused = "idempotency-key-reused", 422, "The idempotency key was used for another request";
    /// One request too many.
    TooMany = "too-many-requests", 429, "Too many requests";
    /// Storage is out of reach, or there is too much to do.
    Unavailable = "unavailable", 503, "The server cannot do this right now";
}

impl Problem {
    /// An error.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), fault: None }
    }

    /// Members of the body are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "a member is wrong".to_owned(),
            many => format!("{many} members are wrong"),
        };
        Self { kind: Kind::Invalid, detail, errors, fault: None }
    }

    /// There is no such object.
    pub fn not_found(noun: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no such {noun}"))
    }

    /// Why something could not be done to an object that was sent as `body`.
    pub fn of(trouble: Trouble, body: Option<&Value>) -> Self {
        let told = trouble.to_string();
        match trouble {
            Trouble::Unknown { noun, .. } => Self::not_found(noun),
            Trouble::Problems(problems) if problems.0.iter().all(|problem| problem.is_used) => {
                Self::new(Kind::InUse, told)
            }
            Trouble::Problems(problems) => {
                let is_taken = problems.0.iter().all(|problem| problem.is_taken);
                let told = Self::invalid(errors(&problems, body));
                if is_taken { Self { kind: Kind::Taken, ..told } } else { told }
            }
            Trouble::Misshapen(problems) => {
                let all = Self::invalid(errors(&problems, body));
                if problems.0.len() == 1 { Self { detail: told, ..all } } else { all }
            }
            Trouble::Exists { .. } => {
                Self { errors: vec![wrong("/id", &told)], ..Self::new(Kind::Taken, told) }
            }
            Trouble::Refused(_) | Trouble::Last(_) => Self::new(Kind::Refused, told),
            Trouble::Malformed(what) => Self::new(Kind::Invalid, what),
            Trouble::Denied(Denied::Tenant) => Self::not_found("tenant"),
            Trouble::Denied(Denied::Scope(_)) => Self::new(Kind::Forbidden, told),
            Trouble::Empty | Trouble::Several(_) | Trouble::Conflict => Self::new(Kind::Conflict, told),
            Trouble::Stale | Trouble::There => Self::new(Kind::Stale, told),
            Trouble::Fault(fault) => fault.into(),
        }
    }

    /// The answer.
    pub fn answer(&self, call: &Call<'_>) -> Answer {
        let mut body = json!({
            "type": format!("urn:doorward:problem:{}", self.kind.as_str()),
            "title": self.kind.title(),
            "status": self.kind.status(),
            "detail": self.detail,
            "request_id": call.request.request_id,
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        let bytes = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
        let mut answer = self.worded(call, self.kind.status(), bytes);
        let media_type = HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
        answer
    }

    /// The same in the words of another contract. Who operates the server is told of a fault there too, and who asked when to come back.
    pub fn worded(&self, call: &Call<'_>, status: u16, body: Bytes) -> Answer {
        if let Some(fault) = &self.fault {
            call.app.note_fault(fault, &call.request.request_id);
        }
        let mut answer = render::json_bytes(status, body);
        if self.kind == Kind::Unavailable {
            answer.headers_mut().insert(header::RETRY_AFTER, traffic::retry_after());
        }
        answer
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        Self::of(trouble, None)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(Kind::Unavailable, "the server cannot do this right now; try again")
        }
    }
}

/// A refusal of the token, with the challenge of RFC 6750.
pub fn refused(call: &Call<'_>, reason: Reason, scope: &str) -> Answer {
    call.app.tally.refused(&call.issuer.tenant, reason);
    let kind = match reason.status() {
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        _ => Kind::Unauthorized,
    };
    let detail = match kind {
        Kind::Forbidden => format!("this needs the scope {scope}"),
        _ => reason.description().to_owned(),
    };
    let mut answer = Problem::new(kind, detail).answer(call);
    let challenge = match kind {
        Kind::NotFound => None,
        Kind::Forbidden => Some(format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")),
        _ if reason == Reason::TokenMissing => Some("Bearer".to_owned()),
        _ => Some(format!("Bearer error=\"invalid_token\", error_description=\"{}\"", reason.description())),
    };
    if let Some(value) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    render::because(answer, reason)
}

/// Places in a document as JSON pointers into the body, which is one object of it.
fn errors(problems: &Problems, body: Option<&Value>) -> Vec<FieldError> {
    let each = problems
        .0
        .iter()
        .map(|problem| FieldError { pointer: pointer(&problem.steps, body), detail: problem.what.clone() });
    each.collect()
}

fn pointer(steps: &[Step], body: Option<&Value>) -> String {
    // The tenant, then the object in its list; what follows is within the body.
    let within = match (steps.first(), steps.get(1)) {
        (Some(Step::Field(_)), _) => 0,
        (_, Some(Step::Item(list, _))) if LISTS.contains(&list.as_str()) => 2,
        _ => 1,
    };
    let mut pointer = String::new();
    let mut at = body;
    for step in steps.iter().skip(within) {
        match step {
            Step::Field(name) => {
                // A manifest that is sent may become a proposal.
                let is_there = |name: &str| at.is_some_and(|value| value.get(name).is_some());
                let name = if name == "proposed" && !is_there(name) && is_there("manifest") {
                    "manifest"
                } else {
                    name
                };
                pointer.push_str(&format!("/{}", escaped(name)));
                at = at.and_then(|value| value.get(name));
            }
            Step::Item(list, name) => {
                pointer.push_str(&format!("/{}", escaped(list)));
                let Some(found) = at.and_then(|value| value.get(list)).and_then(|list| item(list, name))
                else {
                    return pointer;
                };
                pointer.push_str(&format!("/{}", escaped(&found.0)));
                at = Some(found.1);
            }
        }
    }
    pointer
}

/// The item of a list that is meant by its number or its name.
fn item<'a>(list: &'a Value, name: &str) -> Option<(String, &'a Value)> {
    match list {
        Value::Array(items) => {
            let is_named = |item: &Value| {
                item.as_str() == Some(name)
                    || ["id", "name"].iter().any(|key| item.get(key).and_then(Value::as_str) == Some(name))
            };
            let index = items
                .iter()
                .position(is_named)
                .or_else(|| name.parse().ok().filter(|index| *index < items.len()))?;
            Some((index.to_string(), &items[index]))
        }
        Value::Object(items) => items.get(name).map(|item| (name.to_owned(), item)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_pointers_into_the_body() {
        let body = json!({ "apis": ["https://a", "https://b"], "scopes": "x y", "redirect_uris": ["u", "v"],
                           "settings": { "locale": "q" } });
        let field = |name: &str| Step::Field(name.to_owned());
        let item = |list: &str, name: &str| Step::Item(list.to_owned(), name.to_owned());
        let client = [item("tenants", "t"), item("clients", "c")];
        let rows: Vec<(Vec<Step>, &str)> = vec![
            (vec![item("apis", "https://b")], "/apis/1"),
            (vec![item("redirect_uris", "1")], "/redirect_uris/1"),
            (vec![item("scopes", "y")], "/scopes"),
            (vec![item("apis", "https://c")], "/apis"),
            (vec![field("id")], "/id"),
        ];
        for (rest, expected) in rows {
            let steps = [&client[..], &rest].concat();
            assert_eq!(pointer(&steps, Some(&body)), expected);
        }
        let steps = [item("tenants", "t"), field("settings"), field("locale")];
        assert_eq!(pointer(&steps, Some(&body)), "/settings/locale");
    }
}
