//! A journey: why a person is on our pages, sealed in the form's hidden field.

use serde::{Deserialize, Serialize};

use doorward_core::Timestamp;
use doorward_core::id::UserId;
use doorward_core::login::second_factor::step::Pending;
use doorward_core::model::User;
use doorward_crypto::base64url;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::totp::Seed;
use doorward_store::Fault;
use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::browser::Browser;
use crate::app::Call;

/// A journey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journey {
    /// Why.
    pub purpose: Purpose,
    /// When it began.
    pub started_at: Timestamp,
    /// Its name: all its forms are one request.
    pub key: String,
    /// The browser that it was begun in.
    pub binding: String,
    /// What the consent page said, and to whom.
    pub shown: Option<Shown>,
    /// The first step of a sign-in whose second is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The seed of an authenticator app that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolling: Option<Enrolling>,
}

/// Why a person is on our pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They look at their account.
    Account,
    /// A client asks for authorization; its parameters.
    Authorize(Vec<(String, String)>),
    /// A client asks to sign out; its parameters.
    Logout(Vec<(String, String)>),
    /// Signed in, they show the code that a page of their account asks for.
    Code(Behind),
    /// They are on the way to another page of ours, below the issuer.
    Page(String),
    /// They look at their second factor.
    SecondFactor,
}

/// The page of the account for which a code is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behind {
    /// The account page itself.
    Account,
    /// The page of the e-mail address.
    Email,
    /// The pages of extensions.
    Extensions,
    /// The page of the second factor.
    SecondFactor,
}

/// A seed that was shown.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolling {
    /// To whom.
    pub user: UserId,
    /// When.
    pub shown_at: Timestamp,
    /// The seed, base64url.
    seed: String,
}

/// What the consent page said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// To whom.
    pub user: UserId,
    /// What.
    pub scopes: Scopes,
}

/// A journey as it came back.
pub enum Opened {
    /// It can be gone on with.
    Fresh(Journey),
    /// It can be read, and was begun in another browser, or the cookie was lost.
    Foreign(Journey),
    /// It began more than a day ago.
    Expired(Journey),
    /// It cannot be read.
    Unreadable,
}

impl Behind {
    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Email => "/account/email",
            Self::Extensions => "/account/extensions",
            Self::SecondFactor => "/account/second-factor",
        }
    }
}

impl Purpose {
    /// Where a journey ends that leads to a page of ours.
    pub fn path(&self) -> &str {
        match self {
            Self::Page(path) => path,
            Self::Code(behind) => behind.path(),
            Self::SecondFactor => "/account/second-factor?done=added",
            Self::Account | Self::Authorize(_) | Self::Logout(_) => "/account",
        }
    }
}

impl Journey {
    /// A journey that begins now.
    pub fn begin(purpose: Purpose, browser: &Browser, now: Timestamp) -> Self {
        let mut key = [0; 16];
        SystemRandom.fill(&mut key);
        Self {
            purpose,
            started_at: now,
            key: base64url::encode(&key),
            binding: browser.binding(),
            shown: None,
            pending: None,
            enrolling: None,
        }
    }

    /// Seal it for a hidden field.
    pub async fn seal(&self, call: &Call<'_>) -> Result<String, Fault> {
        let plain = serde_json::to_vec(self).map_err(|_| Fault::new("seal a request", "it is no JSON"))?;
        let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
        Ok(base64url::encode(&sealer.seal(&associated(call), &plain, &mut SystemRandom)))
    }

    /// Open a hidden field.
    pub async fn open(sealed: Option<&str>, call: &Call<'_>, browser: &Browser) -> Result<Opened, Fault> {
        let Some(bytes) = sealed.and_then(base64url::decode) else { return Ok(Opened::Unreadable) };
        let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
        let Ok(plain) = sealer.open(&associated(call), &bytes) else { return Ok(Opened::Unreadable) };
        let Ok(journey) = serde_json::from_slice::<Self>(&plain) else { return Ok(Opened::Unreadable) };
        if call.app.store.now().since_ms(journey.started_at) > MAX_AGE_MS {
            return Ok(Opened::Expired(journey));
        }
        if journey.binding != browser.binding() {
            // What was shown in another browser does not count in this one.
            return Ok(Opened::Foreign(Self { binding: browser.binding(), ..journey.without_steps() }));
        }
        Ok(Opened::Fresh(journey))
    }

    /// The same journey at its beginning: nobody has shown anything.
    pub fn without_steps(self) -> Self {
        Self { pending: None, enrolling: None, ..self }
    }

    /// The parameters of the request that began it.
    pub fn params(&self) -> Params {
        match &self.purpose {
            Purpose::Account | Purpose::Code(_) | Purpose::Page(_) | Purpose::SecondFactor => {
                Params::default()
            }
            Purpose::Authorize(pairs) | Purpose::Logout(pairs) => Params::from_pairs(pairs.clone()),
        }
    }
}

impl Enrolling {
    /// A fresh seed for that person.
    pub fn begin(user: &User, now: Timestamp) -> Self {
        let seed = Seed::generate(&mut SystemRandom);
        Self { user: user.id.clone(), shown_at: now, seed: base64url::encode(seed.expose()) }
    }

    /// The seed.
    pub fn seed(&self) -> Option<Seed> {
        Seed::from_bytes(&base64url::decode(&self.seed)?)
    }
}

impl std::fmt::Debug for Enrolling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enrolling({}, [secret])", self.user)
    }
}

/// Parameters as pairs.
pub fn pairs(params: &Params) -> Vec<(String, String)> {
    params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn associated(call: &Call<'_>) -> Vec<u8> {
    format!("request\0{}", call.issuer.id).into_bytes()
}

const MAX_AGE_MS: i64 = 86_400_000;
