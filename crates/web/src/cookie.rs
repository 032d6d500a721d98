//! Cookies: `__Host-` names where the issuer is reached by TLS, plain ones in development over http (some browsers refuse the prefix
//! there).

use doorward_core::id::ExtensionId;
use doorward_crypto::{base64url, digest};
use http::HeaderValue;
use http::header;

use crate::app::Call;
use crate::render::Answer;

/// The cookies of one tenant, or of the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cookie<'a> {
    /// The tokens that the console keeps, sealed.
    Console,
    /// Shows that a person signed in from this browser before; for the throttle.
    Device,
    /// Shows that somebody is signed in inside a frame, to one installation of that extension.
    Frame(&'a ExtensionId),
    /// Binds a form to the browser that it was shown in; one per host.
    PreSession,
    /// The session.
    Session,
}

impl Cookie<'_> {
    /// Its name at this issuer.
    pub fn name(self, call: &Call<'_>) -> String {
        let prefix = if call.issuer.is_https() { "__Host-" } else { "" };
        match self {
            Self::Console => format!("{prefix}c-{}", call.issuer.tenant),
            Self::Device => format!("{prefix}d-{}", call.issuer.tenant),
            Self::Frame(of) => {
                let hash = digest::sha256(of.as_str().as_bytes());
                format!("{prefix}f-{}-{}", call.issuer.tenant, base64url::encode(&hash[..9]))
            }
            Self::PreSession => format!("{prefix}p"),
            Self::Session => format!("{prefix}s-{}", call.issuer.tenant),
        }
    }

    /// Its value in the request; none when it is absent, or stands there twice.
    pub fn read(self, call: &Call<'_>) -> Option<String> {
        let name = self.name(call);
        let headers = call.request.headers.get_all(header::COOKIE).iter();
        let mut found = headers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value);
        let value = found.next().filter(|value| value.len() <= self.max_value())?;
        if found.any(|other| other != value) { None } else { Some(value.to_owned()) }
    }

    /// Set it, for `max_age_s` seconds or until the browser is closed.
    pub fn set(self, call: &Call<'_>, value: &str, max_age_s: Option<i64>, answer: &mut Answer) {
        let sent = match self {
            // Browsers take a secure one from this machine's own address too.
            Self::Frame(_) => "SameSite=None; Secure; Partitioned",
            _ if call.issuer.is_https() => "SameSite=Lax; Secure",
            _ => "SameSite=Lax",
        };
        let age = max_age_s.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let text = format!("{}={value}; Path=/; HttpOnly; {sent}{age}", self.name(call));
        if let Ok(value) = HeaderValue::from_str(&text) {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }

    /// Bytes of the longest value that is read.
    const fn max_value(self) -> usize {
        match self {
            Self::Console => MAX_TOKENS,
            Self::Device | Self::Frame(_) | Self::PreSession | Self::Session => MAX_VALUE,
        }
    }

    /// Take it away.
    pub fn clear(self, call: &Call<'_>, answer: &mut Answer) {
        self.set(call, "", Some(0), answer);
    }
}

const MAX_VALUE: usize = 256;
/// What browsers keep of one cookie.
const MAX_TOKENS: usize = 4096;
