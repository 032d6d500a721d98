//! What is asked for where a token is not enough: the `WWW-Authenticate` of the specifications. A dialect's codec may ask in other words.

use doorward_core::Reason;

/// What is missing.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Why.
    pub reason: Reason,
    /// The scopes that are needed, where one is missing.
    pub scope: Option<&'a str>,
}

impl<'a> Challenge<'a> {
    /// For that reason.
    pub fn of(reason: Reason) -> Self {
        Self { reason, scope: None }
    }

    /// As a challenge of this scheme (RFC 6750, section 3). Who sent no token is told no error.
    pub fn under(&self, scheme: &str) -> String {
        let reason = self.reason;
        match (reason, self.scope) {
            (Reason::TokenMissing, _) => scheme.to_owned(),
            (Reason::TokenScope, Some(scope)) => {
                format!("{scheme} error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            _ => format!(
                "{scheme} error=\"{}\", error_description=\"{}\"",
                reason.code().as_str(),
                reason.description()
            ),
        }
    }
}

/// The challenge of RFC 6750.
pub fn bearer(challenge: &Challenge<'_>) -> String {
    challenge.under(doorward_wire::bearer::BEARER)
}
