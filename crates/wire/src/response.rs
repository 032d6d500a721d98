//! JSON answers of the token and introspection endpoints (RFC 6749, 5; RFC 7662, 2.2).

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::claims::Audience;
use crate::error_code::ErrorCode;
use crate::names::names;
use crate::scope::Scopes;

names! {
    /// How an access token is presented.
    pub enum TokenType {
        /// RFC 6750.
        Bearer = "Bearer",
        /// RFC 9449.
        DPoP = "DPoP",
        /// draft-ietf-oauth-v2-10, 5: `Authorization: OAuth`.
        OAuth = "OAuth",
        /// RFC 8693, 2.2.1: what was issued is not an access token.
        NotApplicable = "N_A",
    }
}

/// A successful token response (RFC 6749, 5.1; OpenID Connect Core, 3.1.3.3; RFC 8693, 2.2.1).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TokenResponse {
    /// The access token: a secret. None only where a wire contract has none, which the RFC has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// How it is presented.
    pub token_type: TokenType,
    /// Seconds until the access token expires, when it was issued.
    pub expires_in: u64,
    /// When it expires, in seconds since 1970, as it says itself: for wire contracts that tell it in members of their own.
    #[serde(skip)]
    pub expires_at: i64,
    /// The refresh token: a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scopes>,
    /// RFC 8693: what kind of token was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
}

impl TokenResponse {
    /// A response with an access token at most, which expires in so many seconds, at that time.
    pub fn new(
        access_token: Option<String>,
        token_type: TokenType,
        (expires_in, expires_at): (u64, i64),
    ) -> TokenResponse {
        TokenResponse {
            access_token,
            token_type,
            expires_in,
            expires_at,
            refresh_token: None,
            id_token: None,
            scope: None,
            issued_token_type: None,
        }
    }
}

/// Without the tokens.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// An error answer (RFC 6749, 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorResponse {
    /// The code.
    pub error: ErrorCode,
    /// A sentence for the developer; only %x20-21 / %x23-5B / %x5D-7E.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
    /// A page about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
}

impl ErrorResponse {
    /// The code alone.
    pub fn new(error: ErrorCode) -> ErrorResponse {
        ErrorResponse { error, error_description: None, error_uri: None }
    }

    /// The code with a sentence. Characters that RFC 6749 does not allow become `?`.
    pub fn described(error: ErrorCode, description: &str) -> ErrorResponse {
        ErrorResponse { error, error_description: Some(description_text(description)), error_uri: None }
    }

    /// The sentence.
    pub fn description(&self) -> Option<&str> {
        self.error_description.as_deref()
    }
}

/// A text that may stand in `error_description` (RFC 6749, 4.1.2.1 and 5.2) and in a quoted string of a
/// `WWW-Authenticate` header: every other character becomes `?`.
pub fn description_text(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='!' | '#'..='[' | ']'..='~') { c } else { '?' }).collect()
}

/// What introspection says (RFC 7662, 2.2; RFC 9068, 2.2; RFC 8693, 4.1). Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IntrospectionResponse {
    /// Whether the token is alive. When not, nothing else is told.
    pub active: bool,
    /// The granted scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scopes>,
    /// Who the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The sign-in name of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// How the token is presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<TokenType>,
    /// Expiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// Issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Identifier of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When the person last proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How strongly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The key the token is bound to (RFC 7800; RFC 9449, 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Value>,
    /// Who acts (RFC 8693, 4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Value>,
    /// RFC 9396.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Value>,
    /// Members of our own.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl IntrospectionResponse {
    /// The answer for every token that is not alive, not known, or not for the asking client: `{"active":false}`.
    pub fn inactive() -> IntrospectionResponse {
        IntrospectionResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_response_is_pinned() {
        let mut response = TokenResponse::new(Some("at".into()), TokenType::Bearer, (600, 1_767_226_200));
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"access_token":"at","token_type":"Bearer","expires_in":600}"#
        );
        response.refresh_token = Some("rt".into());
        response.id_token = Some("it".into());
        response.scope = Some(Scopes::parse("openid a:b").unwrap());
        response.issued_token_type = Some("urn:x".into());
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"access_token":"at","token_type":"Bearer","expires_in":600,"refresh_token":"rt","id_token":"it","scope":"openid a:b","issued_token_type":"urn:x"}"#
        );
    }

    #[test]
    fn a_token_response_does_not_print_its_tokens() {
        let mut response = TokenResponse::new(Some("SECRET".into()), TokenType::DPoP, (600, 1_767_226_200));
        response.refresh_token = Some("SECRET".into());
        response.id_token = Some("SECRET".into());
        assert!(!format!("{response:?}").contains("SECRET"));
    }

    #[test]
    fn a_description_has_only_the_characters_of_rfc_6749() {
        let all: String = (0u32..0x200).filter_map(char::from_u32).collect();
        let text = ErrorResponse::described(ErrorCode::InvalidRequest, &all);
        assert!(crate::names::tests::is_description(text.description().unwrap()));
        assert_eq!(description_text("a \"b\" \\c\n"), "a ?b? ?c?");
        assert_eq!(
            serde_json::to_string(&ErrorResponse::described(ErrorCode::InvalidGrant, "gone")).unwrap(),
            r#"{"error":"invalid_grant","error_description":"gone"}"#
        );
        assert_eq!(
            serde_json::to_string(&ErrorResponse::new(ErrorCode::InvalidGrant)).unwrap(),
            r#"{"error":"invalid_grant"}"#
        );
    }

    #[test]
    fn an_inactive_token_is_told_nothing_about() {
        assert_eq!(serde_json::to_string(&IntrospectionResponse::inactive()).unwrap(), r#"{"active":false}"#);
    }

    #[test]
    fn an_active_token_is_pinned() {
        let response = IntrospectionResponse {
            active: true,
            scope: Some(Scopes::parse("a b").unwrap()),
            client_id: Some("c".into()),
            token_type: Some(TokenType::Bearer),
            exp: Some(2),
            aud: Some(Audience::from("https://api.example".to_owned())),
            more: Map::from_iter([("tenant".to_owned(), Value::from("t"))]),
            ..IntrospectionResponse::default()
        };
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"active":true,"scope":"a b","client_id":"c","token_type":"Bearer","exp":2,"aud":"https://api.example","tenant":"t"}"#
        );
    }
}
