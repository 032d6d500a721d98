//! JWT access tokens (RFC 9068, section 4), verified with the keys that their issuer publishes.

use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::verify::{JwsError, Unverified};
use serde_json::Value;

use crate::clock::Moment;
use crate::fetch::Way;
use crate::jwks::JwksCache;
use crate::refusal::{Reason, Refusal};
use crate::token::Token;

/// What verifies.
pub(crate) struct Verifier {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) jwks_uri: String,
    pub(crate) keys: JwksCache<Way>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway_s: i64,
}

impl Verifier {
    /// What a token says, if it is good now.
    pub(crate) async fn verify(&self, text: &str, now: Moment) -> Result<Token, Refusal> {
        let unverified = Unverified::parse(text).map_err(reason)?;
        let header = unverified.header();
        if !header.typ_is("at+jwt") {
            return Err(Reason::Type.into());
        }
        if !self.algorithms.contains(&header.algorithm()) {
            return Err(Reason::Algorithm.into());
        }
        let keys = self.keys.keys(&self.jwks_uri, now.unix_ms, |set| set.find(header).is_some()).await;
        let keys = keys.map_err(|_| Refusal::Unavailable)?;
        let Some(key) = keys.find(header) else {
            // A key that may have come since the issuer was last within reach is not unknown.
            let is_known = self.keys.trouble(&self.jwks_uri).is_none();
            return Err(if is_known { Reason::Key.into() } else { Refusal::Unavailable });
        };
        let claims = unverified.verify(key).map_err(reason)?;
        let Ok(Value::Object(claims)) = serde_json::from_slice(&claims) else {
            return Err(Reason::Syntax.into());
        };
        let token = Token::read(claims)?;
        self.judge(&token, now.seconds())?;
        Ok(token)
    }

    fn judge(&self, token: &Token, now: i64) -> Result<(), Reason> {
        let (Some(iss), Some(exp), Some(_), Some(_)) = (token.iss(), token.exp(), token.iat(), token.jti())
        else {
            return Err(Reason::Claims);
        };
        if iss != self.issuer {
            return Err(Reason::Issuer);
        }
        if !token.aud().contains(&self.audience) {
            return Err(Reason::Audience);
        }
        if exp.saturating_add(self.leeway_s) <= now {
            return Err(Reason::Expired);
        }
        if token.nbf().is_some_and(|nbf| nbf > now.saturating_add(self.leeway_s)) {
            return Err(Reason::NotYet);
        }
        Ok(())
    }
}

fn reason(error: JwsError) -> Reason {
    match error {
        JwsError::AlgorithmRefused | JwsError::KeyMismatch => Reason::Algorithm,
        JwsError::BadSignature => Reason::Signature,
        JwsError::BadHeader
        | JwsError::BadPayload
        | JwsError::Critical
        | JwsError::DuplicateMember
        | JwsError::Malformed
        | JwsError::TooDeep
        | JwsError::TooLong => Reason::Syntax,
    }
}
