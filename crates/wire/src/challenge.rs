//! `WWW-Authenticate` of an API: what is missing where a token is not enough (RFC 6750, section 3; RFC 9470, section 3; RFC 9728, section 5.1).

use crate::error_code::ErrorCode;

/// A challenge. Where nobody sent a token, it names no error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// What is wrong with the token.
    pub error: Option<ErrorCode>,
    /// A sentence for the developer.
    pub error_description: Option<&'a str>,
    /// The scopes that are needed.
    pub scope: Option<&'a str>,
    /// The classes of sign-in of which one is needed.
    pub acr_values: Option<&'a str>,
    /// Seconds that the sign-in may be ago.
    pub max_age: Option<i64>,
    /// Where it stands what the API is, and who gives tokens for it.
    pub resource_metadata: Option<&'a str>,
}

impl Challenge<'_> {
    /// The value of the header, in that scheme.
    pub fn under(&self, scheme: &str) -> String {
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let said = [
            ("error", self.error.map(ErrorCode::as_str)),
            ("error_description", self.error_description),
            ("scope", self.scope),
            ("acr_values", self.acr_values),
            ("max_age", max_age.as_deref()),
            ("resource_metadata", self.resource_metadata),
        ];
        let said = said.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let params: Vec<String> = said.map(|(name, value)| format!("{name}=\"{}\"", quoted(value))).collect();
        if params.is_empty() { scheme.to_owned() } else { format!("{scheme} {}", params.join(", ")) }
    }
}

/// What stands between the quotes of a quoted string (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_known_in_its_order() {
        assert_eq!(Challenge::default().under("Bearer"), "Bearer");
        let full = Challenge {
            error: Some(ErrorCode::InsufficientUserAuthentication),
            error_description: Some("say \"who\""),
            scope: Some("a b"),
            acr_values: Some("urn:mfa"),
            max_age: Some(300),
            resource_metadata: Some("https://api.example/meta"),
        };
        assert_eq!(
            full.under("Bearer"),
            "Bearer error=\"insufficient_user_authentication\", error_description=\"say \\\"who\\\"\", \
             scope=\"a b\", acr_values=\"urn:mfa\", max_age=\"300\", resource_metadata=\"https://api.example/meta\""
        );
    }
}
