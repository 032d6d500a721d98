//! Names of client authentication methods (RFC 7591, 2; OpenID Connect Core, 9; RFC 8705, 2).

use crate::names::names;

names! {
    /// A value of `token_endpoint_auth_method`. Which ones are served is a table elsewhere.
    pub enum AuthMethod {
        /// RFC 6749, 2.3.1: HTTP Basic.
        ClientSecretBasic = "client_secret_basic",
        /// OpenID Connect Core, 9: a MAC under the secret.
        ClientSecretJwt = "client_secret_jwt",
        /// RFC 6749, 2.3.1: in the body.
        ClientSecretPost = "client_secret_post",
        /// A public client.
        None = "none",
        /// OpenID Connect Core, 9; RFC 7523.
        PrivateKeyJwt = "private_key_jwt",
        /// RFC 8705, 2.2.
        SelfSignedTlsClientAuth = "self_signed_tls_client_auth",
        /// RFC 8705, 2.1.
        TlsClientAuth = "tls_client_auth",
    }
}

/// The `client_assertion_type` of `private_key_jwt` and `client_secret_jwt` (RFC 7523, 2.2).
pub const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
