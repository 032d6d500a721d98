//! The closed set of error codes that OAuth 2.0 and OpenID Connect define.

use crate::names::names;

names! {
    /// The code a client sees. What exactly happened is told by a reason of ours, in the log and the audit trail.
    pub enum ErrorCode {
        /// RFC 6749, 4.1.2.1.
        AccessDenied = "access_denied",
        /// OpenID Connect Core, 3.1.2.6.
        AccountSelectionRequired = "account_selection_required",
        /// RFC 8628, 3.5.
        AuthorizationPending = "authorization_pending",
        /// OpenID Connect Core, 3.1.2.6.
        ConsentRequired = "consent_required",
        /// RFC 8628, 3.5.
        ExpiredToken = "expired_token",
        /// RFC 6750, 3.1.
        InsufficientScope = "insufficient_scope",
        /// RFC 9470, 3.
        InsufficientUserAuthentication = "insufficient_user_authentication",
        /// OpenID Connect Core, 3.1.2.6.
        InteractionRequired = "interaction_required",
        /// RFC 9396, 5.
        InvalidAuthorizationDetails = "invalid_authorization_details",
        /// RFC 6749, 5.2.
        InvalidClient = "invalid_client",
        /// RFC 7591, 3.2.2.
        InvalidClientMetadata = "invalid_client_metadata",
        /// RFC 9449, 5.
        InvalidDpopProof = "invalid_dpop_proof",
        /// RFC 6749, 5.2.
        InvalidGrant = "invalid_grant",
        /// RFC 7591, 3.2.2.
        InvalidRedirectUri = "invalid_redirect_uri",
        /// RFC 6749, 4.1.2.1 and 5.2.
        InvalidRequest = "invalid_request",
        /// OpenID Connect Core, 3.1.2.6.
        InvalidRequestObject = "invalid_request_object",
        /// OpenID Connect Core, 3.1.2.6.
        InvalidRequestUri = "invalid_request_uri",
        /// RFC 6749, 4.1.2.1 and 5.2.
        InvalidScope = "invalid_scope",
        /// RFC 8707, 2.
        InvalidTarget = "invalid_target",
        /// RFC 6750, 3.1.
        InvalidToken = "invalid_token",
        /// OpenID Connect Core, 3.1.2.6.
        LoginRequired = "login_required",
        /// OpenID Connect Core, 3.1.2.6.
        RegistrationNotSupported = "registration_not_supported",
        /// OpenID Connect Core, 3.1.2.6.
        RequestNotSupported = "request_not_supported",
        /// OpenID Connect Core, 3.1.2.6.
        RequestUriNotSupported = "request_uri_not_supported",
        /// RFC 6749, 4.1.2.1.
        ServerError = "server_error",
        /// RFC 8628, 3.5.
        SlowDown = "slow_down",
        /// RFC 6749, 4.1.2.1.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// RFC 6749, 4.1.2.1 and 5.2.
        UnauthorizedClient = "unauthorized_client",
        /// OpenID Connect Core Unmet Authentication Requirements 1.0, 2.
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
        /// RFC 6749, 5.2.
        UnsupportedGrantType = "unsupported_grant_type",
        /// RFC 6749, 4.1.2.1.
        UnsupportedResponseType = "unsupported_response_type",
        /// RFC 7009, 2.2.1.
        UnsupportedTokenType = "unsupported_token_type",
        /// RFC 9449, 8.
        UseDpopNonce = "use_dpop_nonce",
    }
}

impl ErrorCode {
    /// The HTTP status at an endpoint that answers in JSON. (An authorization response is a redirect whatever the
    /// code, and an own page has the status of its reason.)
    pub const fn status(self) -> u16 {
        match self {
            ErrorCode::InsufficientUserAuthentication
            | ErrorCode::InvalidClient
            | ErrorCode::InvalidToken => 401,
            ErrorCode::InsufficientScope => 403,
            ErrorCode::ServerError => 500,
            ErrorCode::TemporarilyUnavailable => 503,
            ErrorCode::AccessDenied
            | ErrorCode::AccountSelectionRequired
            | ErrorCode::AuthorizationPending
            | ErrorCode::ConsentRequired
            | ErrorCode::ExpiredToken
            | ErrorCode::InteractionRequired
            | ErrorCode::InvalidAuthorizationDetails
            | ErrorCode::InvalidClientMetadata
            | ErrorCode::InvalidDpopProof
            | ErrorCode::InvalidGrant
            | ErrorCode::InvalidRedirectUri
            | ErrorCode::InvalidRequest
            | ErrorCode::InvalidRequestObject
            | ErrorCode::InvalidRequestUri
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidTarget
            | ErrorCode::LoginRequired
            | ErrorCode::RegistrationNotSupported
            | ErrorCode::RequestNotSupported
            | ErrorCode::RequestUriNotSupported
            | ErrorCode::SlowDown
            | ErrorCode::UnauthorizedClient
            | ErrorCode::UnmetAuthenticationRequirements
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::UnsupportedResponseType
            | ErrorCode::UnsupportedTokenType
            | ErrorCode::UseDpopNonce => 400,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_statuses_are_those_of_the_specifications() {
        let rows = [
            ("access_denied", 400),
            ("account_selection_required", 400),
            ("authorization_pending", 400),
            ("consent_required", 400),
            ("expired_token", 400),
            ("insufficient_scope", 403),
            ("insufficient_user_authentication", 401),
            ("interaction_required", 400),
            ("invalid_authorization_details", 400),
            ("invalid_client", 401),
            ("invalid_client_metadata", 400),
            ("invalid_dpop_proof", 400),
            ("invalid_grant", 400),
            ("invalid_redirect_uri", 400),
            ("invalid_request", 400),
            ("invalid_request_object", 400),
            ("invalid_request_uri", 400),
            ("invalid_scope", 400),
            ("invalid_target", 400),
            ("invalid_token", 401),
            ("login_required", 400),
            ("registration_not_supported", 400),
            ("request_not_supported", 400),
            ("request_uri_not_supported", 400),
            ("server_error", 500),
            ("slow_down", 400),
            ("temporarily_unavailable", 503),
            ("unauthorized_client", 400),
            ("unmet_authentication_requirements", 400),
            ("unsupported_grant_type", 400),
            ("unsupported_response_type", 400),
            ("unsupported_token_type", 400),
            ("use_dpop_nonce", 400),
        ];
        let all: Vec<_> = ErrorCode::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
        assert_eq!(all, rows);
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(ErrorCode::parse("invalid_grant"), Some(ErrorCode::InvalidGrant));
        for wrong in ["", "Invalid_grant", "invalid_grant ", "invalid-grant"] {
            assert_eq!(ErrorCode::parse(wrong), None);
        }
    }
}
