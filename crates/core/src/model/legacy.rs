//! What older applications need and the specifications have given up: a table. Each row is a switch of a client; it works only at an issuer
//! whose wire contract has it, the audit trail names whoever sets one, and `doorward doctor` shows each that is on.

use serde::{Deserialize, Serialize};

use super::Client;

/// A switch of a client that is not told by its grant types.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Legacy {
    /// An ID token is given to the browser without `nonce` (against OpenID Connect Core, section 3.2.2.1).
    ImplicitWithoutNonce,
    /// A redirect URI stands for all that it is the beginning of, up to a path boundary (against RFC 9700, section 2.1).
    PrefixRedirects,
    /// A refresh token is redeemed by whoever has it (against RFC 6749, section 6).
    RefreshWithoutClient,
    /// A code is redeemed by whoever has it and its `state` (against RFC 6749, section 4.1.3).
    UnauthenticatedCode,
}

/// A row.
pub struct GivenUp {
    /// How the switch is set in a state file.
    pub switch: &'static str,
    /// What is lost by it.
    pub risk: &'static str,
    /// Where it is advised against.
    pub section: &'static str,
    /// Whether it is on.
    pub is_on: fn(&Client) -> bool,
}

/// The table.
pub const GIVEN_UP: [GivenUp; 6] = [
    GivenUp {
        switch: "grant_types: implicit",
        risk: "its tokens come in the address of a page, where history, extensions and other scripts see them",
        section: "RFC 9700, 2.1.2",
        is_on: |client| client.may_use("implicit"),
    },
    GivenUp {
        switch: "grant_types: password",
        risk: "people give their password to the application, which a second factor cannot mend",
        section: "RFC 9700, 2.4",
        is_on: |client| client.may_use("password"),
    },
    GivenUp {
        switch: "legacy: implicit_without_nonce",
        risk: "an ID token that was stolen can be injected into its sessions",
        section: "OpenID Connect Core, 3.2.2.1; RFC 9700, 4.5",
        is_on: |client| client.legacy.contains(&Legacy::ImplicitWithoutNonce),
    },
    GivenUp {
        switch: "legacy: prefix_redirects",
        risk: "codes may go to any page below its redirect URIs, one that redirects on among them",
        section: "RFC 9700, 2.1",
        is_on: |client| client.legacy.contains(&Legacy::PrefixRedirects),
    },
    GivenUp {
        switch: "legacy: refresh_without_client",
        risk: "whoever gets hold of a refresh token can use it",
        section: "RFC 6749, 6",
        is_on: |client| client.legacy.contains(&Legacy::RefreshWithoutClient),
    },
    GivenUp {
        switch: "legacy: unauthenticated_code",
        risk: "whoever gets hold of a code and its state can redeem it",
        section: "RFC 6749, 4.1.3",
        is_on: |client| client.legacy.contains(&Legacy::UnauthenticatedCode),
    },
];

impl Legacy {
    /// Every switch, as state files name it.
    pub const NAMES: [&'static str; 4] =
        ["implicit_without_nonce", "prefix_redirects", "refresh_without_client", "unauthenticated_code"];
}

/// The switches that are on, and were not before.
pub fn newly_on(client: &Client, before: Option<&Client>) -> Vec<&'static str> {
    let was_on = |row: &GivenUp| before.is_some_and(|before| (row.is_on)(before));
    GIVEN_UP.iter().filter(|row| (row.is_on)(client) && !was_on(row)).map(|row| row.switch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_switches() {
        for name in Legacy::NAMES {
            let switch: Legacy = serde_json::from_value(name.into()).expect("a switch");
            assert_eq!(serde_json::to_value(switch).expect("a name"), name);
            assert!(GIVEN_UP.iter().any(|row| row.switch == format!("legacy: {name}")), "{name} has no row");
        }
    }
}
