//! No method at all: the client is the one that what is redeemed was made for. Possession of that secret is all that is shown, so a wire
//! contract names the grant types that take it (`Policies::unnamed_clients`), and a refresh takes it only where the grant began so.

use super::{Authenticated, Credentials, stands};
use crate::policies::Policies;
use crate::{Effect, Facts, Needs, Reason};

/// What the method of a client is called that was not named.
pub const METHOD: &str = "";

/// Whether the request names no client, and need not at this grant type.
pub fn is_used(credentials: &Credentials, grant_type: &str, policies: &Policies) -> bool {
    credentials.is_empty() && policies.unnamed_clients.contains(&grant_type)
}

/// What must be loaded: the client that the row names.
pub fn needs() -> Needs {
    Needs { client_of_row: true, ..Needs::default() }
}

/// That client, where it may do anything here.
pub fn authenticate(facts: &Facts) -> Result<(Authenticated<'_>, Vec<Effect>), Reason> {
    let found = facts.client.as_deref().ok_or(Reason::ClientUnknown)?;
    stands(found, facts)?;
    Ok((Authenticated { client: &found.client, method: METHOD, installation: None }, Vec::new()))
}
