//! What is asked of a token, beside that it is good.

use doorward_wire::scope::{BadScope, Scopes};

use crate::refusal::Refusal;
use crate::token::Token;

/// What is asked of a token. The default asks for no more than that it is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    scopes: Scopes,
    scope: String,
    pub(crate) acr_values: Option<String>,
    pub(crate) max_age: Option<i64>,
}

impl Demand {
    /// All of these scopes too, separated by spaces.
    pub fn with_scope(self, scope: &str) -> Result<Self, BadScope> {
        let scopes = self.scopes.union(&Scopes::parse(scope)?);
        Ok(Self { scope: scopes.to_string(), scopes, ..self })
    }

    /// A sign-in of one of these classes, separated by spaces (RFC 9470). A stronger class is another one: it is enough where it is named
    /// too.
    pub fn with_acr_values(self, acr_values: &str) -> Self {
        Self { acr_values: Some(acr_values.to_owned()), ..self }
    }

    /// A sign-in that is at most so many seconds ago (RFC 9470). Where `acr` is 0, nobody has shown who they are.
    pub fn with_max_age(self, seconds: i64) -> Self {
        Self { max_age: Some(seconds), ..self }
    }

    /// Its scopes.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Whether a token is enough, at that time in seconds since 1970.
    pub(crate) fn judge(&self, token: &Token, now: i64) -> Result<(), Refusal> {
        if !self.scopes.is_subset(token.scopes()) {
            return Err(Refusal::Scope);
        }
        let is_of_class = self.acr_values.as_ref().is_none_or(|values| {
            token.acr().is_some_and(|acr| values.split(' ').any(|value| !value.is_empty() && value == acr))
        });
        let is_recent = self.max_age.is_none_or(|most| {
            token.acr() != Some(NO_SIGN_IN)
                && token.auth_time().is_some_and(|since| now.saturating_sub(since) <= most)
        });
        if is_of_class && is_recent { Ok(()) } else { Err(Refusal::SignIn) }
    }
}

/// OpenID Connect Core, section 2: what `acr` says of an end user who was not authenticated well enough to count.
const NO_SIGN_IN: &str = "0";
