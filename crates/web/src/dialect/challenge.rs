//! What is asked for where a token is not enough: the `WWW-Authenticate` of the specifications. A dialect's codec may ask in other words.

use doorward_core::Reason;
use doorward_wire::challenge;

/// What is missing.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Why.
    pub reason: Reason,
    /// The scopes that are needed, where one is missing.
    pub scope: Option<&'a str>,
    /// The class of sign-in that is needed (RFC 9470).
    pub acr_values: Option<&'a str>,
    /// Seconds that the sign-in may be ago (RFC 9470).
    pub max_age: Option<i64>,
    /// Where it stands what the API is, and who gives tokens for it (RFC 9728, section 5.1).
    pub resource_metadata: Option<&'a str>,
}

impl<'a> Challenge<'a> {
    /// For that reason.
    pub fn of(reason: Reason) -> Self {
        Self { reason, scope: None, acr_values: None, max_age: None, resource_metadata: None }
    }

    /// As a challenge of this scheme (RFC 6750, section 3). Who sent no token is told no error.
    pub fn under(&self, scheme: &str) -> String {
        let reason = Some(self.reason).filter(|reason| *reason != Reason::TokenMissing);
        let scope = self.scope.filter(|_| self.reason == Reason::TokenScope);
        let challenge = challenge::Challenge {
            error: reason.map(Reason::code),
            error_description: reason.filter(|_| scope.is_none()).map(Reason::description),
            scope,
            acr_values: self.acr_values,
            max_age: self.max_age,
            resource_metadata: self.resource_metadata,
        };
        challenge.under(scheme)
    }
}

/// The challenge of RFC 6750.
pub fn bearer(challenge: &Challenge<'_>) -> String {
    challenge.under(doorward_wire::bearer::BEARER)
}
