//! What the console keeps in the browser: its tokens, sealed by the tenant's key; and on the way to them, the authorization request's
//! secrets, sealed in its `state` and bound to the browser's cookie. Nothing is kept on the server.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use doorward_core::Timestamp;
use doorward_crypto::base64url;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::Fault;
use doorward_wire::response::TokenResponse;

use crate::app::Call;
use crate::cookie::Cookie;
use crate::form::browser::Browser;
use crate::render::Answer;

/// The tokens of a person at the console.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    /// The access token, for the admin API.
    pub access: String,
    /// Until when it lives.
    pub expires_at: Timestamp,
    /// The refresh token.
    pub refresh: Option<String>,
}

/// A sign-in on its way.
#[derive(Clone, Serialize, Deserialize)]
pub struct Way {
    /// The PKCE verifier.
    pub verifier: String,
    /// Where it goes on, below the console's prefix.
    pub to: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The browser that it was begun in.
    pub binding: String,
}

impl Kept {
    /// What the token endpoint answered.
    pub fn of(response: TokenResponse, now: Timestamp) -> Self {
        let lifetime_s = i64::try_from(response.expires_in).unwrap_or_default();
        Self {
            access: response.access_token.unwrap_or_default(),
            expires_at: now.plus_s(lifetime_s),
            refresh: response.refresh_token,
        }
    }

    /// What this browser keeps.
    pub async fn read(call: &Call<'_>) -> Result<Option<Self>, Fault> {
        match Cookie::Console.read(call) {
            Some(value) => open(call, KEPT, &value).await,
            None => Ok(None),
        }
    }

    /// The cookie's value.
    pub async fn seal(&self, call: &Call<'_>) -> Result<String, Fault> {
        seal(call, KEPT, self).await
    }
}

/// Let the browser keep it, until it is closed.
pub fn keep(call: &Call<'_>, value: &str, answer: &mut Answer) {
    Cookie::Console.set(call, value, None, answer);
}

impl Way {
    /// A sign-in that begins now.
    pub fn begin(call: &Call<'_>, browser: &Browser, to: &str) -> Self {
        let mut verifier = [0; 32];
        SystemRandom.fill(&mut verifier);
        Self {
            verifier: base64url::encode(&verifier),
            to: to.chars().take(LONGEST_WAY).collect(),
            started_at: call.app.store.now(),
            binding: browser.binding(),
        }
    }

    /// The `state` of its request.
    pub async fn seal(&self, call: &Call<'_>) -> Result<String, Fault> {
        seal(call, WAY, self).await
    }

    /// The sign-in that this browser began; none when it is another's, or too old.
    pub async fn open(call: &Call<'_>, browser: &Browser, state: &str) -> Result<Option<Self>, Fault> {
        let way: Option<Self> = open(call, WAY, state).await?;
        let now = call.app.store.now();
        Ok(way.filter(|way| way.binding == browser.binding() && now.since_ms(way.started_at) < MAX_AGE_MS))
    }
}

async fn seal(call: &Call<'_>, what: &str, value: &impl Serialize) -> Result<String, Fault> {
    let plain = serde_json::to_vec(value).map_err(|_| Fault::new("seal for a browser", "it is no JSON"))?;
    let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
    Ok(base64url::encode(&sealer.seal(&associated(call, what), &plain, &mut SystemRandom)))
}

async fn open<T: DeserializeOwned>(call: &Call<'_>, what: &str, sealed: &str) -> Result<Option<T>, Fault> {
    let Some(bytes) = base64url::decode(sealed) else { return Ok(None) };
    let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
    let Ok(plain) = sealer.open(&associated(call, what), &bytes) else { return Ok(None) };
    Ok(serde_json::from_slice(&plain).ok())
}

fn associated(call: &Call<'_>, what: &str) -> Vec<u8> {
    format!("console\0{what}\0{}", call.issuer.id).into_bytes()
}

const KEPT: &str = "tokens";
const WAY: &str = "way";
/// A sign-in may take a day: whoever comes back to an open sign-in page goes on.
const MAX_AGE_MS: i64 = 86_400_000;
/// Characters of the page to go on with: `state` is bounded.
const LONGEST_WAY: usize = 512;
