//! A request of the admin API: shown as a line for curl, and sent in this process. Both come of one value.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use doorward_wire::percent;

use super::super::visit::Place;
use crate::admin;
use crate::app::Call;
use crate::edge::EdgeRequest;
use crate::render::Answer;

/// A request of the admin API.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path below the tenant's, encoded.
    pub path: String,
    /// The query, encoded; empty: none.
    pub query: String,
    /// The body, JSON.
    pub body: Option<String>,
    /// The version of the object that was seen.
    pub version: Option<i64>,
}

impl Request {
    /// A request that names no version.
    pub fn new(method: &'static str, path: String, body: Option<Value>) -> Self {
        Self { method, path, query: String::new(), body: body.map(|body| body.to_string()), version: None }
    }

    fn target(&self, place: &Place<'_>) -> String {
        format!("{}/tenants/{}{}", admin::PREFIX, percent::encode(place.id().as_str()), self.path)
    }

    /// Whether the API has such a request.
    pub fn is_known(&self, place: &Place<'_>) -> bool {
        let target = self.target(place);
        let path = target.strip_prefix(admin::PREFIX).unwrap_or_default();
        matches!(admin::route::find(self.method, path), admin::route::Found::Route(..))
    }

    /// Headers beside the token, and the body.
    fn rest(&self) -> (Vec<(&'static str, String)>, String) {
        let mut headers = Vec::new();
        if self.body.is_some() {
            let media_type =
                if self.method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            headers.push(("content-type", media_type.to_owned()));
        }
        headers.extend(self.version.map(|version| ("if-match", format!("\"{version}\""))));
        (headers, self.body.clone().unwrap_or_default())
    }

    /// As a line for a shell.
    pub fn curl(&self, place: &Place<'_>) -> String {
        let (headers, body) = self.rest();
        let mut line = format!(
            "curl -sS -X {} {} \\\n  -H \"Authorization: Bearer $TOKEN\"",
            self.method,
            quoted(&place.visit.call.url(&self.target(place)))
        );
        for (name, value) in headers {
            let _ = write!(line, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
        if !body.is_empty() {
            let _ = write!(line, " \\\n  -d {}", quoted(&body));
        }
        line
    }

    /// Ask the API.
    pub async fn send(&self, place: &Place<'_>) -> Answer {
        let here = place.visit.call;
        let (more, body) = self.rest();
        let mut headers = HeaderMap::new();
        let bearer = ("authorization", format!("Bearer {}", place.visit.token));
        for (name, value) in more.into_iter().chain([bearer]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let path = self.target(place);
        let request = EdgeRequest {
            method: Method::from_bytes(self.method.as_bytes()).unwrap_or_default(),
            path: format!("{}{path}", here.issuer.path()),
            query: Some(self.query.clone()).filter(|query| !query.is_empty()),
            headers,
            original: HeaderMap::new(),
            body: Bytes::from(body),
            host: here.request.host.clone(),
            client_ip: here.request.client_ip,
            https: here.request.https,
            request_id: here.request.request_id.clone(),
            untrusted_forwarding: here.request.untrusted_forwarding,
        };
        let call = Call {
            app: here.app,
            request: &request,
            dialect: here.dialect,
            issuer: here.issuer.clone(),
            tenant: here.tenant.clone(),
            path: &path,
            segments: Vec::new(),
            address: here.address.clone(),
            client: Default::default(),
            of_client: Default::default(),
        };
        Box::pin(admin::any(&call)).await
    }
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:%".contains(&byte));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_of_a_shell_is_one_word_whatever_it_holds() {
        assert_eq!(quoted("https://id.example/admin/v1/tenants/t"), "https://id.example/admin/v1/tenants/t");
        assert_eq!(quoted("it's \"$TOKEN\""), "'it'\\''s \"$TOKEN\"'");
    }
}
