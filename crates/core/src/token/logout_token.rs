//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4): a client that got tokens in a session is told that it ended.

use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::{base64url, digest};
use doorward_wire::claims::Audience;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::issue::{UnsignedClaims, UnsignedJwt};
use crate::Timestamp;
use crate::id::{SessionId, UserId};
use crate::model::{Client, Issuer};

/// A logout token's claims. There is no `nonce`: it never passes for an ID token.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LogoutClaims {
    /// Issuer.
    pub iss: String,
    /// Whose session it was.
    pub sub: String,
    /// The client.
    pub aud: Audience,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// The same at each attempt, so that a repetition is known for one.
    pub jti: String,
    /// The session, as ID tokens name it.
    pub sid: String,
    /// What makes it a logout token.
    pub events: Value,
}

/// The token that tells `client` that a session ended. It is signed as the client's ID tokens are (section 2.6), for two minutes.
pub fn logout_token(
    issuer: &Issuer,
    client: &Client,
    (user, session): (&UserId, SessionId),
    now: Timestamp,
) -> UnsignedJwt {
    let sid = session.to_string();
    let parts = [b"logout".as_slice(), issuer.url.as_bytes(), client.id.as_str().as_bytes(), sid.as_bytes()];
    let claims = LogoutClaims {
        iss: issuer.url.clone(),
        sub: user.0.clone(),
        aud: vec![client.id.0.clone()].into(),
        exp: now.plus_s(LIFE_S).seconds(),
        iat: now.seconds(),
        jti: base64url::encode(&digest::sha256_all(&parts)[..16]),
        sid,
        events: json!({ EVENT: {} }),
    };
    let algorithm = Algorithm::parse(&client.id_token_algorithm).unwrap_or(Algorithm::Rs256);
    UnsignedJwt { algorithm, typ: TYP, claims: UnsignedClaims::Logout(Box::new(claims)) }
}

/// The header's `typ` (section 2.4).
pub const TYP: &str = "logout+jwt";
/// The member of `events` (section 2.4).
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds that a logout token is good for.
const LIFE_S: i64 = 120;
