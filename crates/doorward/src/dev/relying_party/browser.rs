//! A visitor's cookie and language.

use ::http::header::{self, HeaderValue};

use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base64url, digest};
use doorward_web::edge::EdgeRequest;
use doorward_web::page::{Frame, choose};

use super::Answer;

/// The browser of a request.
pub struct Browser {
    /// The cookie's value.
    pub cookie: String,
    /// What stands around pages.
    pub frame: Frame,
    is_new: bool,
    is_https: bool,
}

impl Browser {
    /// Of this request.
    pub fn of(request: &EdgeRequest, is_https: bool) -> Self {
        let header =
            |name: header::HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
        let known = header(header::COOKIE)
            .into_iter()
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == cookie_name(is_https) && value.len() == 43)
            .map(|(_, value)| value.to_owned());
        Self {
            is_new: known.is_none(),
            cookie: known.unwrap_or_else(random),
            frame: Frame {
                texts: choose(None, None, header(header::ACCEPT_LANGUAGE)),
                brand: BRAND.to_owned(),
                base: String::new(),
                host: String::new(),
            },
            is_https,
        }
    }

    /// What a form of this browser carries, so that no other site can send it.
    pub fn form_token(&self) -> String {
        base64url::encode(&digest::sha256_all(&[b"form", self.cookie.as_bytes()]))
    }

    /// Sets the cookie where it is new.
    pub fn remember(&self, mut answer: Answer) -> Answer {
        if self.is_new {
            let secure = if self.is_https { "; Secure" } else { "" };
            let text = format!(
                "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
                cookie_name(self.is_https),
                self.cookie
            );
            if let Ok(value) = HeaderValue::from_str(&text) {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        answer
    }
}

/// 256 random bits as text.
pub fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    base64url::encode(&bytes)
}

const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-demo" } else { "demo" }
}

const BRAND: &str = "Demo";
