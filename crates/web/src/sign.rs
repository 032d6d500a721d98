//! Signing what the core issued: before the commit, so that nothing is committed that could not be answered.

use doorward_core::authorize::{Return, Step};
use doorward_core::token::issue::{AccessToken, Issued, UnsignedClaims, UnsignedJwt, Validity};
use doorward_crypto::jose::sign::sign;
use doorward_store::Fault;
use doorward_store::directory::Entry;
use doorward_wire::response::{TokenResponse, TokenType};

/// The token response (RFC 6749, section 5.1), signed.
pub fn token_response(issued: Issued, tenant: &Entry) -> Result<TokenResponse, Fault> {
    let access_token = issued.access_token.map(|token| written(token, tenant)).transpose()?;
    let hashed = access_token.as_deref();
    let id_token = issued.id_token.map(|jwt| with_hash(jwt, hashed, tenant)).transpose()?;
    let Validity { expires_at, expires_in_s } = issued.validity;
    let lifetime = (u64::try_from(expires_in_s).unwrap_or(0), expires_at.seconds());
    let mut response = TokenResponse::new(access_token, TokenType::Bearer, lifetime);
    response.id_token = id_token;
    response.refresh_token = issued.refresh_token.map(|token| token.expose().to_owned());
    response.issued_token_type = issued.issued_token_type.map(str::to_owned);
    response.scope = (!issued.scopes.is_empty()).then_some(issued.scopes);
    Ok(response)
}

/// The step that an authorization request leads to, with the tokens that it hands to the browser, if any, as parameters.
pub fn step(step: Step, tenant: &Entry) -> Result<Step, Fault> {
    let Step::Return(mut answer) = step else { return Ok(step) };
    let Some(handed) = answer.handed.take() else { return Ok(Step::Return(answer)) };
    let mut params = Vec::new();
    let access = match handed.access {
        Some((token, lifetime_s, scopes)) => {
            let token = written(token, tenant)?;
            params.extend([
                ("access_token", token.clone()),
                ("token_type", "Bearer".to_owned()),
                ("expires_in", lifetime_s.to_string()),
                ("scope", scopes.to_string()),
            ]);
            Some(token)
        }
        None => None,
    };
    if let Some(jwt) = handed.id_token {
        params.push(("id_token", with_hash(jwt, access.as_deref(), tenant)?));
    }
    params.append(&mut answer.params);
    Ok(Step::Return(Return { params, ..answer }))
}

fn written(token: AccessToken, tenant: &Entry) -> Result<String, Fault> {
    match token {
        AccessToken::Jwt(jwt) => signed(&jwt, tenant),
        AccessToken::Opaque(secret) => Ok(secret.expose().to_owned()),
    }
}

/// An ID token, with the hash of the access token beside it.
fn with_hash(mut jwt: UnsignedJwt, access_token: Option<&str>, tenant: &Entry) -> Result<String, Fault> {
    if let (UnsignedClaims::Id(claims), Some(token)) = (&mut jwt.claims, access_token) {
        claims.at_hash = Some(jwt.algorithm.half_hash(token));
    }
    signed(&jwt, tenant)
}

/// A JWT, signed by the tenant's current key.
pub fn signed(jwt: &UnsignedJwt, tenant: &Entry) -> Result<String, Fault> {
    let key = tenant
        .keys
        .signing(jwt.algorithm)
        .ok_or_else(|| Fault::new("sign", format!("tenant has no {} key", jwt.algorithm.as_str())))?;
    let claims = match &jwt.claims {
        UnsignedClaims::Access(claims) => serde_json::to_vec(claims),
        UnsignedClaims::Id(claims) => serde_json::to_vec(claims),
        UnsignedClaims::Logout(claims) => serde_json::to_vec(claims),
        UnsignedClaims::Session(claims, write) => serde_json::to_vec(&write(claims, key.kid())),
    };
    let claims = claims.map_err(|_| Fault::new("sign", "claims are no JSON"))?;
    Ok(sign(key, jwt.typ, &claims))
}
