//! `x_auth_secret`: a secret that all clients of an issuer share, in a header of its own, and a client that is named by `client_id`. It says that
//! the caller is one of the issuer's own servers, and not which: only where the wire contract has it.

use doorward_crypto::digest;

use super::{Credentials, Method, secret_fits};
use crate::facts::ClientFacts;
use crate::model::SecretState;
use crate::{Ctx, Facts, Reason};

/// The row.
pub const METHOD: Method = Method {
    name: "x_auth_secret",
    only_for: None,
    is_used: |credentials| credentials.shared_secret.is_some(),
    client_id: |credentials| credentials.client_id.as_deref().map(Into::into).ok_or(Reason::ClientAnonymous),
    needs: |_, _, _| {},
    verify: |credentials, found, facts, ctx| fits(credentials, found, facts, ctx).map(|()| Vec::new()),
};

/// A client that has secrets of its own shows one of these, and the shared one does not do.
fn fits(credentials: &Credentials, found: &ClientFacts, facts: &Facts, ctx: &Ctx<'_>) -> Result<(), Reason> {
    let is_shared = is_shared(credentials, facts);
    let has_own = found.secrets.iter().any(|secret| secret.state != SecretState::Pending);
    match has_own {
        true => secret_fits(credentials.shared_secret.as_deref().unwrap_or_default(), found, ctx),
        false if is_shared => Ok(()),
        false => Err(Reason::ClientSecretWrong),
    }
}

/// Whether the issuer's secret was shown, so that the caller may know that the client it names is none of the issuer's. Compared by hash, in
/// constant time, also where the issuer has none.
pub(super) fn is_shared(credentials: &Credentials, facts: &Facts) -> bool {
    let Some(shown) = &credentials.shared_secret else { return false };
    let hash = digest::sha256(shown.as_bytes());
    let fits = digest::constant_time_eq(&hash, &facts.issuer.shared_secret.unwrap_or_default());
    let is_spoken = facts.policies.auth_methods.contains(&METHOD.name);
    fits && facts.issuer.shared_secret.is_some() && is_spoken
}
