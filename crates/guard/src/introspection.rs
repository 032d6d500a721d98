//! Tokens that only their issuer can read: it is asked (RFC 7662), as the API's own client.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_crypto::digest::sha256;
use doorward_crypto::secret::SecretString;
use doorward_wire::response::TokenType;
use doorward_wire::{json, percent};
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};

use crate::cache::{Answers, Said};
use crate::clock::{Clock, Moment, milliseconds};
use crate::fetch::{FetchError, Way};
use crate::refusal::{Reason, Refusal};
use crate::token::Token;

/// How the issuer is asked.
#[derive(Clone, Debug)]
pub struct Introspection {
    pub(crate) endpoint: Option<String>,
    client_id: String,
    client_secret: SecretString,
    max_staleness: Duration,
    capacity: usize,
    pub(crate) jwts: bool,
}

impl Introspection {
    /// As that client: the API's own.
    pub fn by(client_id: &str, client_secret: &str) -> Self {
        Self {
            endpoint: None,
            client_id: client_id.to_owned(),
            client_secret: client_secret.into(),
            max_staleness: MAX_STALENESS,
            capacity: CAPACITY,
            jwts: false,
        }
    }

    /// At that `introspection_endpoint`; `/introspect` below the issuer when nothing is said.
    pub fn at(self, endpoint: &str) -> Self {
        Self { endpoint: Some(endpoint.to_owned()), ..self }
    }

    /// How long an answer may be kept, so how long at most a token passes that was revoked; ten seconds when nothing is said. With zero each
    /// request is asked about.
    pub fn max_staleness(self, max_staleness: Duration) -> Self {
        Self { max_staleness, ..self }
    }

    /// How many answers are kept: so many of good tokens, and so many of others.
    pub fn capacity(self, capacity: usize) -> Self {
        Self { capacity, ..self }
    }

    /// JWTs are asked about too, instead of verified: what was revoked is refused before it ends.
    pub fn of_jwts_too(self) -> Self {
        Self { jwts: true, ..self }
    }

    fn authorization(&self) -> Option<HeaderValue> {
        let secret = percent::encode(self.client_secret.expose());
        let pair = STANDARD.encode(format!("{}:{secret}", percent::encode(&self.client_id)));
        let mut value = HeaderValue::try_from(format!("Basic {pair}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// What asks, and remembers for a while.
pub(crate) struct Introspector {
    issuer: String,
    audience: String,
    endpoint: String,
    authorization: HeaderValue,
    answers: Answers,
    way: Way,
    pub(crate) jwts: bool,
}

impl Introspector {
    /// Nothing where the credentials make no header.
    pub(crate) fn new(
        how: &Introspection,
        issuer: &str,
        audience: &str,
        endpoint: String,
        way: Way,
    ) -> Option<Self> {
        Some(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            endpoint,
            authorization: how.authorization()?,
            answers: Answers::new(milliseconds(how.max_staleness), how.capacity),
            way,
            jwts: how.jwts,
        })
    }

    /// What the issuer says of a token, or said not long ago.
    pub(crate) async fn ask(&self, text: &str, clock: &dyn Clock) -> Result<Token, Refusal> {
        let (key, asked) = (sha256(text.as_bytes()), clock.now());
        let said = match self.answers.get(&key, asked) {
            Some(said) => said,
            None => {
                let said = self.question(text, asked).await.map_err(|_| Refusal::Unavailable)?;
                self.answers.keep(key, said.clone());
                said
            }
        };
        let token = said.active.ok_or(Reason::Inactive)?;
        self.judge(&token)?;
        Ok(token)
    }

    async fn question(&self, text: &str, asked: Moment) -> Result<Said, FetchError> {
        let form = format!("token={}&token_type_hint=access_token", percent::encode(text));
        let request = Request::post(&self.endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, self.authorization.clone())
            .body(Bytes::from(form));
        let request = request.map_err(|_| FetchError::Malformed)?;
        let answer = self.way.ask(request, LONGEST_ANSWER).await?;
        let Ok(Value::Object(told)) = json::strict(&answer) else { return Err(FetchError::Malformed) };
        let active = match told.get("active") {
            Some(Value::Bool(false)) => None,
            // What is active and says too little is no access token that means anything here.
            Some(Value::Bool(true)) if is_access_token(&told) => Token::read(told).ok(),
            Some(Value::Bool(true)) => None,
            _ => return Err(FetchError::Malformed),
        };
        Ok(Said { active, asked })
    }

    /// The issuer answers for many APIs, and may have been told by more of them than this one who this client is.
    fn judge(&self, token: &Token) -> Result<(), Reason> {
        if token.iss().is_some_and(|iss| iss != self.issuer) {
            return Err(Reason::Issuer);
        }
        if !token.aud().contains(&self.audience) {
            return Err(Reason::Audience);
        }
        Ok(())
    }
}

/// A refresh token that is alive is active too, and no access token; it has no `token_type`.
fn is_access_token(told: &Map<String, Value>) -> bool {
    let kind = told.get("token_type").and_then(Value::as_str).unwrap_or_default();
    kind.eq_ignore_ascii_case(TokenType::Bearer.as_str())
}

const MAX_STALENESS: Duration = Duration::from_secs(10);
const CAPACITY: usize = 10_000;
const LONGEST_ANSWER: usize = 256 * 1024;
