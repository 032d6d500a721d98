//! Session tokens as mittwald's bridge reads them. What else an exchange asks stands beside its claims, under the specifications' names.

use doorward_core::Timestamp;
use doorward_core::id::{ConsentId, ContextId};
use doorward_core::installation::session_token::SessionClaims;
use doorward_core::policies::SessionTokens;
use doorward_crypto::jose::algorithm::Algorithm;
use serde_json::{Value, json};

use super::uuid;

/// How they are written.
pub const SESSION_TOKENS: SessionTokens =
    SessionTokens { algorithm: Algorithm::EdDSA, exchanged_s: 60, write, read };

fn write(claims: &SessionClaims, kid: &str) -> Value {
    let (kind, id) = claims.context.0.split_once('/').unwrap_or_default();
    let mut written = json!({
        "sub": uuid::written(&claims.sub),
        "sessionId": claims.sid,
        "extensionId": claims.extension,
        "extensionInstanceId": uuid::written(claims.installation.as_str()),
        "context": kind,
        "contextId": id,
        "scopes": claims.scope.split(' ').filter(|scope| !scope.is_empty()).collect::<Vec<_>>(),
        "authenticatableWithoutSecret": false,
        "publicKeySerial": kid,
        "iss": claims.iss,
        "aud": claims.aud,
        "exp": claims.exp,
        "iat": claims.iat,
        "madeAt": claims.made_at,
        "jti": claims.jti,
        "consent": claims.consent,
        "epoch": claims.installation_epoch,
    });
    if let Some(session) = &claims.asked_in {
        written["askedIn"] = json!(session);
    }
    if let Some(variant) = &claims.variant {
        written["variantKey"] = json!(variant);
    }
    if let Some(act) = &claims.act {
        written["act"] = json!(act);
    }
    written
}

fn read(claims: Value) -> Option<SessionClaims> {
    let text = |name: &str| Some(claims.get(name)?.as_str()?.to_owned());
    let scopes: Vec<String> = serde_json::from_value(claims.get("scopes")?.clone()).ok()?;
    Some(SessionClaims {
        iss: text("iss")?,
        sub: uuid::user(&text("sub")?).into_owned(),
        aud: serde_json::from_value(claims.get("aud")?.clone()).ok()?,
        sid: text("sessionId")?,
        asked_in: text("askedIn"),
        extension: text("extensionId")?.as_str().into(),
        installation: uuid::installation(&text("extensionInstanceId")?).into_owned().into(),
        context: ContextId(format!("{}/{}", text("context")?, text("contextId")?)),
        variant: text("variantKey"),
        scope: scopes.join(" "),
        act: claims.get("act").map(|act| serde_json::from_value(act.clone())).transpose().ok()?,
        consent: ConsentId(claims.get("consent")?.as_i64()?),
        installation_epoch: claims.get("epoch")?.as_i64()?,
        exp: claims.get("exp")?.as_i64()?,
        iat: claims.get("iat")?.as_i64()?,
        made_at: Timestamp(claims.get("madeAt")?.as_i64()?),
        jti: text("jti")?,
    })
}
