//! The issuer as a relying party sees it: discovery, keys, token endpoint, userinfo.

use std::net::SocketAddr;

use ::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::Full;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use doorward_crypto::base64url;
use doorward_crypto::jose::key_set::JwkSet;
pub use doorward_web::page::view::demo_refusal::DemoRefusal as Refused;
use doorward_web::page::view::demo_refusal::check;
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::http::Http;
use crate::dev::tls::Made;
use crate::failure::Failure;

/// The issuer.
pub struct Issuer {
    /// Its identifier.
    pub url: String,
    http: Http,
    metadata: OnceCell<Metadata>,
}

/// What of the metadata is used (OpenID Connect Discovery, section 3).
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Itself.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// What it says of people.
    pub userinfo_endpoint: String,
    /// Its keys.
    pub jwks_uri: String,
    /// Where people sign out.
    pub end_session_endpoint: String,
}

/// What the token endpoint answered.
#[derive(Clone, Debug, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// Seconds that it lives.
    #[serde(default)]
    pub expires_in: i64,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
    /// What was granted, where it is not what was asked.
    pub scope: Option<String>,
}

impl Issuer {
    /// The issuer at `url`, listening at that address.
    pub fn new(url: &str, address: SocketAddr, tls: Option<&Made>) -> Result<Self, Failure> {
        let http = Http::new(url, address, tls.map(|made| made.authority.as_path()))?;
        Ok(Self { url: url.to_owned(), http, metadata: OnceCell::new() })
    }

    /// Its metadata, read once.
    pub async fn metadata(&self) -> Result<&Metadata, Refused> {
        self.metadata
            .get_or_try_init(|| async {
                let found: Metadata =
                    self.get(&format!("{}/.well-known/openid-configuration", self.url)).await?;
                if found.issuer != self.url {
                    return Err(Refused::Checked(check::METADATA));
                }
                Ok(found)
            })
            .await
    }

    /// Its keys, as they are now.
    pub async fn keys(&self) -> Result<JwkSet, Refused> {
        let metadata = self.metadata().await?;
        let (_, body) = self.send(Request::get(&metadata.jwks_uri), Bytes::new()).await?;
        JwkSet::parse(&body).map_err(Refused::failed)
    }

    /// A request to the token endpoint, authenticated by `client_secret_basic` (RFC 6749, section 2.3.1).
    pub async fn tokens(&self, id: &str, secret: &str, form: Vec<(&str, &str)>) -> Result<Tokens, Refused> {
        let metadata = self.metadata().await?;
        let pairs = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let credentials = format!("{}:{}", percent::encode(id), percent::encode(secret));
        let request = Request::post(&metadata.token_endpoint)
            .header(header::AUTHORIZATION, format!("Basic {}", base64(credentials.as_bytes())))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, body) = self.send(request, Bytes::from(Params::from_pairs(pairs).to_query())).await?;
        if status != StatusCode::OK {
            return Err(refusal(&body));
        }
        serde_json::from_slice(&body).map_err(Refused::failed)
    }

    /// What userinfo says (section 5.3).
    pub async fn userinfo(&self, access_token: &str) -> Result<Value, Refused> {
        let metadata = self.metadata().await?;
        let request = Request::get(&metadata.userinfo_endpoint)
            .header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        let (status, body) = self.send(request, Bytes::new()).await?;
        if status != StatusCode::OK {
            return Err(refusal(&body));
        }
        serde_json::from_slice(&body).map_err(Refused::failed)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, Refused> {
        let (status, body) = self.send(Request::get(url), Bytes::new()).await?;
        if status != StatusCode::OK {
            return Err(Refused::failed(format!("{url} answered {status}")));
        }
        serde_json::from_slice(&body).map_err(Refused::failed)
    }

    async fn send(
        &self,
        request: ::http::request::Builder,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Refused> {
        let (parts, body) = self.ask(request, body).await.map_err(Refused::failed)?.into_parts();
        Ok((parts.status, body))
    }

    /// A request to the server, whatever of it is asked.
    pub async fn ask(
        &self,
        request: ::http::request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, String> {
        let mut request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        // The target alone: the connection goes to the listener, whatever the URL says.
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        *request.uri_mut() = target.parse().map_err(|_| "this is no URL".to_owned())?;
        self.http.send(request).await
    }
}

fn refusal(body: &Bytes) -> Refused {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match text("error") {
        Some(error) => Refused::Told(error, text("error_description")),
        None => Refused::Checked(check::UNREADABLE),
    }
}

/// RFC 4648, section 4, with padding.
pub fn base64(bytes: &[u8]) -> String {
    let mut text = base64url::encode(bytes).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn basic_credentials_are_padded_base64() {
        for (text, expected) in [("", ""), ("a", "YQ=="), ("a:", "YTo="), ("a:b", "YTpi"), ("??>", "Pz8+")] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
