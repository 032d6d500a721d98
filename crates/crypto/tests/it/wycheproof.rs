//! Project Wycheproof: every vector of its JWS and JWK files.
//!
//! A vector of an algorithm that is used here must give the result that the file states. The others (HMAC, P-521) must be
//! refused, whatever the file says. Where the file calls valid what is refused on purpose, the reason stands in a row.

use doorward_crypto::jose::{algorithm::Algorithm, key_set::JwkSet, verify::Unverified};
use serde_json::Value;

use crate::vectors::{read, verdict, verdict_of_set};

/// Valid in the file, refused here: the key names another algorithm (`alg`: PS256) than the token (PS384). A key that
/// names an algorithm is used with that one only (RFC 8725, section 3.1); Wycheproof took the key of RFC 7520 as it is.
const OTHER_ALGORITHM: [u64; 2] = [346, 350];

#[test]
fn every_signature_vector() {
    let mut counted = Counted::default();
    for (id, group, test) in tests(&read("wycheproof/json_web_signature_test.json")) {
        let token = test["jws"].as_str().unwrap();
        let key = group.get("public").unwrap_or(&group["private"]);
        let ours = key["alg"].as_str().is_none_or(|name| Algorithm::parse(name).is_ok());
        let expected = test["result"] == "valid" && ours && !OTHER_ALGORITHM.contains(&id);
        assert_eq!(
            verdict(token, key).is_ok(),
            expected,
            "{id} {}: {:?}",
            test["comment"],
            verdict(token, key)
        );
        if expected {
            let payload = token.split('.').nth(1).unwrap();
            assert_eq!(
                Some(verdict(token, key).unwrap()),
                doorward_crypto::base64url::decode(payload),
                "{id}"
            );
        }
        counted.row(ours, expected);
    }
    counted.print("json_web_signature_test.json");
    assert_eq!((counted.accepted, counted.refused, counted.not_ours), (32, 327, 42));
}

#[test]
fn a_mac_or_an_unknown_algorithm_is_refused_before_any_key_is_seen() {
    for (id, group, test) in tests(&read("wycheproof/json_web_signature_test.json")) {
        let key = group.get("public").unwrap_or(&group["private"]);
        if key["alg"].as_str().is_some_and(|name| Algorithm::parse(name).is_err()) {
            let token = test["jws"].as_str().unwrap();
            assert!(Unverified::parse_any_payload(token).is_err(), "{id}");
        }
    }
}

#[test]
fn every_key_set_vector() {
    let mut counted = Counted::default();
    for (id, group, test) in tests(&read("wycheproof/json_web_key_test.json")) {
        let token = test["jws"].as_str().unwrap();
        let set = group.get("public").unwrap_or(&group["private"]);
        let ours = group.get("public").is_some();
        let expected = test["result"] == "valid" && ours;
        assert_eq!(verdict_of_set(token, set).is_some(), expected, "{id} {}", test["comment"]);
        // A set of public keys that does not fit leaves no usable key behind; one of secret keys is refused as a whole.
        match JwkSet::parse(set.to_string()) {
            Ok(read) => assert!(ours && read.keys().len() == usize::from(expected), "{id}: {read:?}"),
            Err(_) => assert!(!ours, "{id}"),
        }
        counted.row(ours, expected);
    }
    counted.print("json_web_key_test.json");
    assert_eq!((counted.accepted, counted.refused, counted.not_ours), (1, 10, 15));
}

fn tests(file: &Value) -> impl Iterator<Item = (u64, &Value, &Value)> {
    let groups = file["testGroups"].as_array().unwrap();
    groups.iter().flat_map(|group| {
        let tests = group["tests"].as_array().unwrap();
        tests.iter().map(move |test| (test["tcId"].as_u64().unwrap(), group, test))
    })
}

#[derive(Default)]
struct Counted {
    accepted: usize,
    refused: usize,
    not_ours: usize,
}

impl Counted {
    fn row(&mut self, ours: bool, accepted: bool) {
        match (ours, accepted) {
            (true, true) => self.accepted += 1,
            (true, false) => self.refused += 1,
            (false, _) => self.not_ours += 1,
        }
    }

    fn print(&self, file: &str) {
        println!(
            "{file}: {} of algorithms used here ({} accepted, {} refused), {} of others, all refused",
            self.accepted + self.refused,
            self.accepted,
            self.refused,
            self.not_ours
        );
    }
}
