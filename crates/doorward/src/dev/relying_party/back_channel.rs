//! The demo's calls to the issuer: the same requests as over the network, handed to the server of this process, so that they work
//! wherever the public address leads and whatever certificate is made on the spot.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use doorward_web::edge::{EdgeRequest, Service};
use doorward_web::server::Server;
use doorward_web::telemetry;
use doorward_wire::params::Params;

use super::Settings;

/// The way to the issuer.
pub struct BackChannel {
    server: Server,
    host: String,
    prefix: String,
    https: bool,
    basic: String,
}

impl BackChannel {
    /// To the issuer of these settings, as their client.
    pub fn new(server: Server, settings: &Settings) -> Self {
        let (scheme, rest) = settings.issuer.split_once("://").unwrap_or(("http", &settings.issuer));
        let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        Self {
            server,
            host: host.to_owned(),
            prefix: path.to_owned(),
            https: scheme == "https",
            basic: basic(&settings.client_id, &settings.client_secret),
        }
    }

    /// POST a form as the client.
    pub async fn post(&self, path: &str, form: Vec<(String, String)>) -> (u16, Value) {
        let body = Params::from_pairs(form).to_query();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Ok(value) = HeaderValue::from_str(&self.basic) {
            headers.insert(header::AUTHORIZATION, value);
        }
        self.send(Method::POST, path, headers, body).await
    }

    /// GET, with an access token where there is one.
    pub async fn get(&self, path: &str, token: Option<&str>) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        if let Some(value) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            headers.insert(header::AUTHORIZATION, value);
        }
        self.send(Method::GET, path, headers, String::new()).await
    }

    async fn send(&self, method: Method, path: &str, headers: HeaderMap, body: String) -> (u16, Value) {
        let request = EdgeRequest {
            method,
            path: format!("{}{path}", self.prefix),
            query: None,
            headers,
            body: Bytes::from(body),
            host: self.host.clone(),
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            https: self.https,
            request_id: telemetry::request_id(),
            untrusted_forwarding: false,
        };
        let answer = self.server.call(request).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }
}

/// `client_secret_basic` (RFC 6749, section 2.3.1): both parts form-encoded, then base64.
fn basic(id: &str, secret: &str) -> String {
    let pair = format!("{}:{}", doorward_wire::percent::encode(id), doorward_wire::percent::encode(secret));
    let mut text = doorward_crypto::base64url::encode(pair.as_bytes()).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    format!("Basic {text}")
}
