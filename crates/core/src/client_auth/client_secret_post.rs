//! `client_secret_post`: id and secret in the body (RFC 6749, section 2.3.1).

use super::{Method, secret_fits};
use crate::Reason;

/// The row.
pub const METHOD: Method = Method {
    name: "client_secret_post",
    only_for: None,
    is_used: |credentials| credentials.client_secret.is_some(),
    client_id: |credentials| credentials.client_id.as_deref().map(Into::into).ok_or(Reason::ClientAnonymous),
    needs: |_, _, _| {},
    verify: |credentials, found, _, ctx| {
        secret_fits(credentials.client_secret.as_deref().unwrap_or_default(), found, ctx)?;
        Ok(Vec::new())
    },
};
