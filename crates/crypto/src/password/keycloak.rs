//! Keycloak: the JSON of a credential as its exports have it, with `secretData` and `credentialData` (texts that hold JSON), or with
//! the members of its older versions.

use std::collections::BTreeMap;

use ::argon2::{Algorithm as Argon2Kind, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::format::{Format, Hash};
use super::{argon2, pbkdf2};

pub(super) const FORMAT: Format = Format {
    name: "Keycloak",
    example: r#"{"credentialData":"{\"hashIterations\":…}","secretData":"{\"value\":…}"}"#,
    claims: |text| text.starts_with("{\"") || text.starts_with("{ "),
    parse,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(rename = "type")]
    kind: Option<String>,
    secret_data: Option<Inner<Secret>>,
    credential_data: Option<Inner<Settings>>,
    hashed_salted_value: Option<String>,
    #[serde(flatten)]
    settings: Option<Settings>,
    salt: Option<String>,
}

/// An object, or a text that holds one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Inner<T> {
    Object(T),
    Text(String),
}

#[derive(Deserialize)]
struct Secret {
    value: String,
    #[serde(default)]
    salt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    algorithm: String,
    hash_iterations: u32,
    #[serde(default)]
    additional_parameters: BTreeMap<String, Vec<String>>,
}

impl<T: serde::de::DeserializeOwned> Inner<T> {
    fn read(self) -> Option<T> {
        match self {
            Self::Object(value) => Some(value),
            Self::Text(text) => serde_json::from_str(&text).ok(),
        }
    }
}

fn parse(text: &str) -> Option<Hash> {
    let credential: Credential = serde_json::from_str(text).ok()?;
    if credential.kind.is_some_and(|kind| kind != "password") {
        return None;
    }
    let (secret, settings) = match (credential.secret_data, credential.credential_data) {
        (Some(secret), Some(settings)) => (secret.read()?, settings.read()?),
        (None, None) => {
            let secret = Secret { value: credential.hashed_salted_value?, salt: credential.salt? };
            (secret, credential.settings?)
        }
        _ => return None,
    };
    let (salt, value) = (STANDARD.decode(secret.salt).ok()?, STANDARD.decode(secret.value).ok()?);
    let pbkdf2 = |algorithm| {
        pbkdf2::Hash::new(algorithm, settings.hash_iterations, &salt, value.clone()).map(Hash::Pbkdf2)
    };
    match settings.algorithm.as_str() {
        "argon2" => argon2_of(&settings, &salt, &value).map(Hash::Argon2),
        "pbkdf2" => pbkdf2(pbkdf2::Algorithm::Sha1),
        "pbkdf2-sha256" => pbkdf2(pbkdf2::Algorithm::Sha256),
        "pbkdf2-sha512" => pbkdf2(pbkdf2::Algorithm::Sha512),
        _ => None,
    }
}

fn argon2_of(settings: &Settings, salt: &[u8], value: &[u8]) -> Option<argon2::Hash> {
    let given = |name: &str| settings.additional_parameters.get(name).and_then(|values| values.first());
    let kind = match given("type").map_or("id", String::as_str) {
        "d" => Argon2Kind::Argon2d,
        "i" => Argon2Kind::Argon2i,
        "id" => Argon2Kind::Argon2id,
        _ => return None,
    };
    let version = match given("version").map_or("1.3", String::as_str) {
        "1.0" => Version::V0x10,
        "1.3" => Version::V0x13,
        _ => return None,
    };
    let memory = given("memory")?.parse().ok()?;
    let lanes = given("parallelism")?.parse().ok()?;
    let params = Params::new(memory, settings.hash_iterations, lanes, Some(value.len())).ok()?;
    argon2::Hash::new(kind, version, params, salt.to_vec(), value.to_vec())
}
