//! What there is at first: the state in `state.yaml`, applied as any other.

use doorward_store::Store;

use super::Place;
use crate::failure::Failure;
use crate::operator::{Operator, Order};

/// The document for these addresses.
pub fn document(place: &Place) -> String {
    STATE.replace("${issuer}", &place.issuer).replace("${demo}", &place.demo)
}

/// Sows an empty database: true. In one that is not, everything stays as people left it, unless the server is reached by
/// another address now: then what the state names is put back to it.
pub async fn sow(store: &Store, operator: &Operator, place: &Place) -> Result<bool, Failure> {
    let directory = store.directory();
    let is_new = directory.is_empty();
    let moved =
        !directory.tenants().flat_map(|entry| &entry.issuers).any(|issuer| issuer.url == place.issuer);
    if is_new || moved {
        operator.run(Order::Apply { document: document(place), dry_run: false, prune: false }).await?;
    }
    Ok(is_new)
}

/// Names that one can sign in with, and what they are called.
pub const PEOPLE: [(&str, &str); 3] = [
    ("alice", "Alice Adams"),
    ("bob", "Bob Brown"),
    ("carol", "Carol Conrad, who administers the server; speaks German"),
];
/// Everybody's password.
pub const PASSWORD: &str = "doorward-dev";
/// The API.
pub const API: &str = "https://api.demo.example";

/// The secret of a client of the state.
pub fn secret_of(client: &str) -> String {
    format!("dev-secret-of-{client}-0123456789abcdefghijklmnopqrstuv")
}

const STATE: &str = include_str!("state.yaml");

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_core::desired::State;

    #[test]
    fn the_state_holds_what_is_printed() {
        assert!(STATE.contains(&format!("password: {PASSWORD}")));
        assert!(STATE.contains(API));
        for (name, _) in PEOPLE {
            assert!(STATE.contains(&format!("user_name: {name}")));
        }
        for client in
            ["demo-web", "demo-machine", "demo-api", "demo-first", "demo-extension", "demo-smartenit"]
        {
            assert!(STATE.contains(&secret_of(client)), "{client}");
        }
        serde_yaml_ng::from_str::<State>(
            &STATE.replace("${issuer}", "http://localhost:1").replace("${demo}", "http://localhost:2"),
        )
        .unwrap();
    }
}
