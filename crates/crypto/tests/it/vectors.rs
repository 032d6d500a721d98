//! Reading the files under `tests/vectors`, and the verdict of this crate on one of them.

use std::{fs, path::PathBuf};

use doorward_crypto::jose::{
    key_set::{BadJwk, Jwk, JwkSet},
    verify::{JwsError, Unverified},
};
use serde_json::Value;

/// Why something was not verified: the token was refused as it was read, the key was, or they do not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Key(BadJwk),
    Token(JwsError),
}

/// What [`verdict`] verified.
pub type Verdict = Result<Vec<u8>, Refused>;

pub fn read(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The files of a folder, in the order of their names.
pub fn files(folder: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(folder);
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    names
}

/// Verifies a token with a key, payload whatever it is.
pub fn verdict(token: &str, key: &Value) -> Verdict {
    let unverified = Unverified::parse_any_payload(token).map_err(Refused::Token)?;
    let key = Jwk::parse(key.to_string()).map_err(Refused::Key)?;
    unverified.verify(key.verifying_key()).map_err(Refused::Token)
}

/// Verifies a token with the key that a set has for it; `None` where nothing could be tried.
pub fn verdict_of_set(token: &str, set: &Value) -> Option<Vec<u8>> {
    let set = JwkSet::parse(set.to_string()).ok()?;
    let unverified = Unverified::parse_any_payload(token).ok()?;
    unverified.verify(set.find(unverified.header())?).ok()
}

/// A key without its private members.
pub fn public(key: &Value) -> Value {
    let mut key = key.clone();
    let members = key.as_object_mut().unwrap();
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        members.remove(name);
    }
    key
}
