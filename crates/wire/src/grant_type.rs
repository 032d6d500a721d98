//! Names of grant types (RFC 6749; RFC 7591, 2; RFC 7522; RFC 7523; RFC 8628; RFC 8693; OpenID Connect CIBA).

use crate::names::names;

names! {
    /// A value of `grant_type`, or of `grant_types` in a registration. Which ones are served is a table elsewhere.
    pub enum GrantType {
        /// RFC 6749, 4.1.
        AuthorizationCode = "authorization_code",
        /// OpenID Connect CIBA, 10.1.
        Ciba = "urn:openid:params:grant-type:ciba",
        /// RFC 6749, 4.4.
        ClientCredentials = "client_credentials",
        /// RFC 8628, 3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// RFC 6749, 4.2: in registrations only.
        Implicit = "implicit",
        /// RFC 7523, 2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// RFC 6749, 4.3.
        Password = "password",
        /// RFC 6749, 6.
        RefreshToken = "refresh_token",
        /// The key of a launch: an extension exchanges it for a token of the person who opened it.
        RetrievalKey = "urn:doorward:grant:retrieval-key",
        /// RFC 7522, 2.1.
        Saml2Bearer = "urn:ietf:params:oauth:grant-type:saml2-bearer",
        /// RFC 8693, 2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}
