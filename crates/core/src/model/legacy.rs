//! What older applications need and the specifications have given up: a table for clients, and one for APIs. Each row is a switch; it works only
//! at an issuer whose wire contract has it, the audit trail names whoever sets one, and `doorward doctor` shows each that is on.

use serde::{Deserialize, Serialize};

use super::guard::Guarding;
use super::{Api, Client};
use crate::client_auth::{client_token, shared_secret};

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

/// A row: a switch of such an object.
pub struct GivenUp<T> {
    /// How the switch is set in a state file.
    pub switch: &'static str,
    /// What is lost by it.
    pub risk: &'static str,
    /// Where it is advised against.
    pub section: &'static str,
    /// Whether it is on.
    pub is_on: fn(&T) -> bool,
}

/// The switches of clients.
pub const OF_CLIENTS: [GivenUp<Client>; 8] = [
    GivenUp {
        switch: "also_auth_methods: client_token",
        risk: "whoever gets hold of a token of its own passes for it where a person's password is asked about",
        section: "RFC 9700, 2.5",
        is_on: |client| client.may_authenticate_by(client_token::METHOD.name),
    },
    GivenUp {
        switch: "auth_method: x_auth_secret",
        risk: "its secret comes in a header of its own, and may be one that the clients of its issuer share",
        section: "RFC 9700, 2.5",
        is_on: |client| client.may_authenticate_by(shared_secret::METHOD.name),
    },
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

/// The switches of APIs.
pub const OF_APIS: [GivenUp<Api>; 1] = [GivenUp {
    switch: "guard: parameters: true",
    risk: "tokens come in its addresses, which are logged, kept in histories and told to others by Referer",
    section: "RFC 9700, 4.3.2",
    is_on: |api| {
        // What else there is asks for something.
        let Guarding { parameters, routes: _, https: _ } = &api.guard;
        *parameters
    },
}];

impl Legacy {
    /// Every switch, as state files name it.
    pub const NAMES: [&'static str; 4] =
        ["implicit_without_nonce", "prefix_redirects", "refresh_without_client", "unauthenticated_code"];
}

/// The switches of a table that are on, and were not before, if any.
pub fn newly_on<T>(rows: &[GivenUp<T>], now: &T, before: Option<&T>) -> Option<Vec<&'static str>> {
    let was_on = |row: &GivenUp<T>| before.is_some_and(|before| (row.is_on)(before));
    let newly: Vec<_> =
        rows.iter().filter(|row| (row.is_on)(now) && !was_on(row)).map(|row| row.switch).collect();
    (!newly.is_empty()).then_some(newly)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one that comes after. A new one has its place here, or this does not compile.
    fn after(switch: Option<Legacy>) -> Option<Legacy> {
        match switch {
            None => Some(Legacy::ImplicitWithoutNonce),
            Some(Legacy::ImplicitWithoutNonce) => Some(Legacy::PrefixRedirects),
            Some(Legacy::PrefixRedirects) => Some(Legacy::RefreshWithoutClient),
            Some(Legacy::RefreshWithoutClient) => Some(Legacy::UnauthenticatedCode),
            Some(Legacy::UnauthenticatedCode) => None,
        }
    }

    #[test]
    fn every_switch_has_its_name_and_its_row() {
        let mut names = Vec::new();
        let mut switch = after(None);
        while let Some(this) = switch {
            names.push(serde_json::to_value(this).expect("a name").as_str().expect("a text").to_owned());
            switch = after(Some(this));
        }
        assert_eq!(names, Legacy::NAMES);
        for name in names {
            assert!(
                OF_CLIENTS.iter().any(|row| row.switch == format!("legacy: {name}")),
                "{name} has no row"
            );
        }
    }
}
