//! No method at all: the client is the one that what is redeemed was made for. Possession of that secret is all that is shown, so a wire
//! contract names the grant types that take it (`Policies::unnamed_clients`), and a refresh takes it only where the grant began so.

use super::{Authenticated, Credentials, none, stands};
use crate::facts::ClientFacts;
use crate::model::{Client, Legacy};
use crate::policies::Policies;
use crate::{Effect, Facts, Needs, Reason};

/// What the method of a client is called that was not named.
pub const METHOD: &str = "";

/// A grant type whose clients need not be named, and by what: a row of `Policies::unnamed_clients`.
#[derive(Clone, Copy, Debug)]
pub struct Unnamed {
    /// The grant type.
    pub grant_type: &'static str,
    /// By what.
    pub by: Excuse,
}

/// By what a client may go unnamed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excuse {
    /// The grant began so: who showed itself then shows itself at each refresh. Where a switch let it begin, that is on still.
    Began(Option<Legacy>),
    /// What is redeemed works once, and is all that is ever shown.
    Possession,
    /// The client's switch.
    Switch(Legacy),
}

/// By what a client may go unnamed at that grant type.
pub fn excuse(grant_type: &str, policies: &Policies) -> Option<Excuse> {
    policies.unnamed_clients.iter().find(|row| row.grant_type == grant_type).map(|row| row.by)
}

/// Whether this client may; `began` says of the grant that is gone on with whether it began so.
pub fn is_excused(grant_type: &str, client: &Client, began: bool, policies: &Policies) -> bool {
    let is_on = |switch: Legacy| client.legacy.contains(&switch);
    match excuse(grant_type, policies) {
        Some(Excuse::Began(switch)) => began && switch.is_none_or(is_on),
        Some(Excuse::Possession) => true,
        Some(Excuse::Switch(switch)) => is_on(switch),
        None => false,
    }
}

/// Whether the request names no client, and need not at this grant type.
pub fn is_used(credentials: &Credentials, grant_type: &str, policies: &Policies) -> bool {
    credentials.is_empty() && excuse(grant_type, policies).is_some()
}

/// Whether the request says who the client is and shows nothing, though the client has something to show, where it need not be named: what is
/// redeemed must be that client's then.
pub fn is_merely_named(credentials: &Credentials, grant_type: &str, facts: &Facts) -> bool {
    let shows_nothing = Credentials { client_id: None, ..credentials.clone() }.is_empty();
    let is_named = |found: &ClientFacts| credentials.client_id.as_ref() == Some(&found.client.id.0);
    let has_to_show = |found: &ClientFacts| !found.client.may_authenticate_by(none::METHOD.name);
    shows_nothing
        && excuse(grant_type, facts.policies).is_some()
        && facts.client.as_deref().is_some_and(|found| is_named(found) && has_to_show(found))
}

/// What must be loaded: the client that the row names.
pub fn needs() -> Needs {
    Needs { client_of_row: true, ..Needs::default() }
}

/// That client, where it may do anything here. Where there is none, what should be redeemed is not known.
pub fn authenticate<'a>(
    grant_type: &str,
    facts: &'a Facts,
) -> Result<(Authenticated<'a>, Vec<Effect>), Reason> {
    let found = facts.client.as_deref().ok_or(match grant_type {
        "authorization_code" => Reason::CodeUnknown,
        "refresh_token" => Reason::RefreshUnknown,
        _ => Reason::LaunchKeyUnknown,
    })?;
    stands(found, facts)?;
    Ok((Authenticated { client: &found.client, method: METHOD, installation: None }, Vec::new()))
}
