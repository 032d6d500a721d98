//! What is known of a token that is good: its claims (RFC 9068, section 2.2), or what the issuer said of it (RFC 7662, section 2.2).

use std::fmt;
use std::sync::Arc;

use doorward_wire::claims::Audience;
use doorward_wire::scope::Scopes;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::refusal::Reason;

/// A token that is good, for this API. Handlers have it as an extension of the request, and as an extractor.
#[derive(Clone, PartialEq)]
pub struct Token(Arc<Told>);

#[derive(PartialEq)]
struct Told {
    read: Read,
    scopes: Scopes,
    claims: Value,
}

/// The claims that mean something here.
#[derive(Deserialize, PartialEq)]
struct Read {
    sub: String,
    client_id: String,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    aud: Audience,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    exp: Option<NumericDate>,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    auth_time: Option<NumericDate>,
    #[serde(default)]
    installation: Option<String>,
    #[serde(default)]
    cnf: Option<Value>,
}

/// Seconds since 1970, maybe with a fraction (RFC 7519, section 2).
#[derive(Clone, Copy, Deserialize, PartialEq)]
struct NumericDate(f64);

impl NumericDate {
    fn seconds(self) -> i64 {
        self.0.floor() as i64
    }
}

impl Token {
    /// Reads claims. What a bearer cannot show is refused.
    pub(crate) fn read(claims: Map<String, Value>) -> Result<Token, Reason> {
        let claims = Value::Object(claims);
        let read = Read::deserialize(&claims).map_err(|_| Reason::Claims)?;
        if read.cnf.is_some() {
            return Err(Reason::Bound);
        }
        let scopes = Scopes::parse(&read.scope).map_err(|_| Reason::Claims)?;
        Ok(Token(Arc::new(Told { read, scopes, claims })))
    }

    /// Of whom the token is: a person's id, or the client's where it acts for itself.
    pub fn sub(&self) -> &str {
        &self.0.read.sub
    }

    /// The client that it was given to.
    pub fn client_id(&self) -> &str {
        &self.0.read.client_id
    }

    /// The installation that the client acts in, where it is an extension.
    pub fn installation(&self) -> Option<&str> {
        self.0.read.installation.as_deref()
    }

    /// What it allows.
    pub fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }

    /// Its issuer, where that is said.
    pub fn iss(&self) -> Option<&str> {
        self.0.read.iss.as_deref()
    }

    /// For whom it is.
    pub fn aud(&self) -> &Audience {
        &self.0.read.aud
    }

    /// When it ends, in seconds since 1970.
    pub fn exp(&self) -> Option<i64> {
        self.0.read.exp.map(NumericDate::seconds)
    }

    /// When it begins, in seconds since 1970.
    pub fn nbf(&self) -> Option<i64> {
        self.0.read.nbf.map(NumericDate::seconds)
    }

    /// When it was given, in seconds since 1970.
    pub fn iat(&self) -> Option<i64> {
        self.0.read.iat.map(NumericDate::seconds)
    }

    /// Its name.
    pub fn jti(&self) -> Option<&str> {
        self.0.read.jti.as_deref()
    }

    /// The class of the sign-in that it rests on.
    pub fn acr(&self) -> Option<&str> {
        self.0.read.acr.as_deref()
    }

    /// When the person signed in, in seconds since 1970.
    pub fn auth_time(&self) -> Option<i64> {
        self.0.read.auth_time.map(NumericDate::seconds)
    }

    /// Any claim by its name: `permissions`, say.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.claims.get(name)
    }
}

/// Who may what; the rest may be a person's.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Token");
        told.field("sub", &self.sub())
            .field("client_id", &self.client_id())
            .field("scopes", &self.scopes().to_string());
        told.finish_non_exhaustive()
    }
}
