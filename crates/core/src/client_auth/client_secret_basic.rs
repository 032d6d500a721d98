//! `client_secret_basic`: id and secret, form-encoded, in the Authorization header (RFC 6749, section 2.3.1).

use super::{Method, secret_fits};
use crate::Reason;

/// The row.
pub const METHOD: Method = Method {
    name: "client_secret_basic",
    only_for: None,
    is_used: |credentials| credentials.basic.is_some(),
    client_id: |credentials| match &credentials.basic {
        Some(Ok((id, _))) => Ok(id.as_str().into()),
        Some(Err(_)) => Err(Reason::BasicMalformed),
        None => Err(Reason::ClientAnonymous),
    },
    needs: |_, _, _| {},
    verify: |credentials, found, _, ctx| {
        let Some(Ok((_, secret))) = &credentials.basic else { return Err(Reason::BasicMalformed) };
        secret_fits(secret, found, ctx)?;
        Ok(Vec::new())
    },
};
