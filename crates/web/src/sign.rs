//! Signing what the core issued: before the commit, so that nothing is committed that could not be answered.

use doorward_core::token::issue::{AccessToken, Issued, UnsignedClaims, UnsignedJwt};
use doorward_crypto::jose::sign::sign;
use doorward_store::Fault;
use doorward_store::directory::Entry;
use doorward_wire::response::{TokenResponse, TokenType};

/// The token response (RFC 6749, section 5.1), signed.
pub fn token_response(issued: Issued, tenant: &Entry) -> Result<TokenResponse, Fault> {
    let access_token = match issued.access_token {
        AccessToken::Jwt(jwt) => signed(&jwt, tenant)?,
        AccessToken::Opaque(secret) => secret.expose().to_owned(),
    };
    let id_token = match issued.id_token {
        Some(mut jwt) => {
            if let UnsignedClaims::Id(claims) = &mut jwt.claims {
                claims.at_hash = Some(jwt.algorithm.half_hash(&access_token));
            }
            Some(signed(&jwt, tenant)?)
        }
        None => None,
    };
    let lifetime = u64::try_from(issued.expires_in_s).unwrap_or(0);
    let mut response = TokenResponse::new(access_token, TokenType::Bearer, lifetime);
    response.id_token = id_token;
    response.refresh_token = issued.refresh_token.map(|token| token.expose().to_owned());
    response.issued_token_type = issued.issued_token_type.map(str::to_owned);
    response.scope = (!issued.scopes.is_empty()).then_some(issued.scopes);
    Ok(response)
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
