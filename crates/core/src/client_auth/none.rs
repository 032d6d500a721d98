//! `none`: a public client says who it is and proves nothing (RFC 6749, section 3.2.1). PKCE binds what it gets.

use super::Method;
use crate::Reason;

/// The row.
pub const METHOD: Method = Method {
    name: "none",
    only_for: None,
    is_used: |credentials| {
        credentials.client_id.is_some()
            && credentials.basic.is_none()
            && credentials.client_secret.is_none()
            && credentials.assertion.is_none()
            && credentials.client_token.is_none()
            && credentials.shared_secret.is_none()
    },
    client_id: |credentials| credentials.client_id.as_deref().map(Into::into).ok_or(Reason::ClientAnonymous),
    needs: |_, _, _| {},
    verify: |_, _, _, _| Ok(Vec::new()),
};
