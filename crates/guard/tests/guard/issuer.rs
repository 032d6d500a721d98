//! An issuer that the test leads, asked without a network; and a clock that stands still until it is told to go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::sign::sign;
use doorward_guard::{Builder, Clock, Fetch, FetchError, Fetching, Guard, Moment};
use doorward_wire::params::Params;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub const ISSUER: &str = "https://id.example";
pub const API: &str = "https://api.example";
pub const START: i64 = 1_800_000_000;

#[derive(Clone)]
pub struct Issuer(Arc<Led>);

struct Led {
    unix_ms: AtomicI64,
    elapsed_ms: AtomicI64,
    keys: Mutex<Vec<SigningKey>>,
    /// What introspection says of tokens; `{"active":false}` of others.
    told: Mutex<HashMap<String, Value>>,
    /// What is answered instead.
    trouble: Mutex<Option<Result<(u16, Bytes), FetchError>>>,
    asked: Mutex<Vec<Request<Bytes>>>,
    /// Answers that may leave.
    permits: Semaphore,
}

impl Issuer {
    /// With one key, of that name.
    pub fn new(kid: &str) -> Self {
        let led = Led {
            unix_ms: AtomicI64::new(START * 1000),
            elapsed_ms: AtomicI64::new(0),
            keys: Mutex::new(vec![key(kid)]),
            told: Mutex::default(),
            trouble: Mutex::default(),
            asked: Mutex::default(),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
        };
        Self(Arc::new(led))
    }

    /// A guard in front of [`API`].
    pub fn guard(&self, how: impl FnOnce(Builder) -> Builder) -> Guard {
        how(Guard::of(ISSUER, API).clock(self.clone()).fetch(self.clone())).build().unwrap()
    }

    pub fn advance_s(&self, seconds: i64) {
        self.0.unix_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.0.elapsed_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub fn set_back_s(&self, seconds: i64) {
        self.0.unix_ms.fetch_sub(seconds * 1000, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.0.unix_ms.load(Ordering::SeqCst) / 1000
    }

    pub fn key(&self) -> SigningKey {
        self.0.keys.lock().unwrap().last().unwrap().clone()
    }

    /// New tokens have another key; those of the old one stay good.
    pub fn rotate(&self, kid: &str) {
        self.0.keys.lock().unwrap().push(key(kid));
    }

    pub fn publish(&self, keys: Vec<SigningKey>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    /// A JWT with these claims beside, or instead.
    pub fn jwt(&self, changed: Value) -> String {
        sign(&self.key(), "at+jwt", self.claims(changed).to_string().as_bytes())
    }

    pub fn claims(&self, changed: Value) -> Value {
        let mut claims = json!({
            "iss": ISSUER, "aud": API, "sub": "usr_1", "client_id": "web", "scope": "orders:read",
            "exp": self.now() + 300, "iat": self.now(), "jti": "j1",
        });
        for (name, value) in changed.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// From now on introspection says this of a token, beside what it says of every good one.
    pub fn tells(&self, token: &str, changed: Value) {
        let mut told = self.claims(changed);
        for (name, value) in [("active", json!(true)), ("token_type", json!("Bearer"))] {
            if told.get(name).is_none() {
                told[name] = value;
            }
        }
        self.tells_just(token, told);
    }

    pub fn tells_just(&self, token: &str, told: Value) {
        self.0.told.lock().unwrap().insert(token.to_owned(), told);
    }

    pub fn revoke(&self, token: &str) {
        self.0.told.lock().unwrap().remove(token);
    }

    pub fn is_in_trouble(&self, trouble: Result<(u16, &str), FetchError>) {
        let trouble = trouble.map(|(status, body)| (status, Bytes::from(body.to_owned())));
        *self.0.trouble.lock().unwrap() = Some(trouble);
    }

    pub fn is_well(&self) {
        *self.0.trouble.lock().unwrap() = None;
    }

    pub fn asked(&self) -> usize {
        self.0.asked.lock().unwrap().len()
    }

    /// The last question: its address, `Authorization` and body.
    pub fn last(&self) -> (String, String, String) {
        let asked = self.0.asked.lock().unwrap();
        let last = asked.last().unwrap();
        let authorization = last.headers().get("authorization").map_or("", |value| {
            assert!(value.is_sensitive(), "it would be in a log");
            value.to_str().unwrap()
        });
        let body = String::from_utf8(last.body().to_vec()).unwrap();
        (last.uri().to_string(), authorization.to_owned(), body)
    }

    /// Answers are made, and wait until they are let go.
    pub fn hold(&self) {
        self.0.permits.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn let_go(&self) {
        self.0.permits.add_permits(1 << 20);
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<(u16, Bytes), FetchError> {
        if let Some(trouble) = self.0.trouble.lock().unwrap().clone() {
            return trouble;
        }
        if request.uri().path() == "/jwks" {
            let keys = self.0.keys.lock().unwrap().iter().map(SigningKey::public_jwk).collect::<Vec<_>>();
            return Ok((200, JwkSet::from_keys(keys).unwrap().to_json().into()));
        }
        let form = Params::parse_query(std::str::from_utf8(request.body()).unwrap()).unwrap();
        let told = self.0.told.lock().unwrap().get(form.get("token").unwrap()).cloned();
        Ok((200, told.unwrap_or_else(|| json!({ "active": false })).to_string().into()))
    }
}

impl Clock for Issuer {
    fn now(&self) -> Moment {
        let (unix, elapsed) = (&self.0.unix_ms, &self.0.elapsed_ms);
        Moment { unix_ms: unix.load(Ordering::SeqCst), elapsed_ms: elapsed.load(Ordering::SeqCst) }
    }
}

impl Fetch for Issuer {
    fn fetch(&self, request: Request<Bytes>, most_bytes: usize) -> Fetching<'_> {
        Box::pin(async move {
            // Who would read without end gets nothing.
            let answer =
                if most_bytes > 256 * 1024 { Err(FetchError::TooLarge) } else { self.answer(&request) };
            self.0.asked.lock().unwrap().push(request);
            self.0.permits.acquire().await.unwrap().forget();
            let (status, body) = answer?;
            Ok(Response::builder().status(status).body(body).unwrap())
        })
    }
}

pub fn key(kid: &str) -> SigningKey {
    SigningKey::generate(Algorithm::Es256, kid).unwrap()
}
