//! What is the same for every step of a play.

use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base64url, digest};

use super::{Sequence, Values};
use crate::dev::Place;
use crate::dev::seed::{PASSWORD, secret_of};

/// What [`values`] has.
#[cfg(test)]
pub const NAMES: [&str; 16] = [
    "api",
    "callback",
    "challenge",
    "instance",
    "issuer",
    "nonce",
    "password",
    "secret_of_ez",
    "secret_of_magic",
    "secret_of_platform",
    "secret_of_smartenit",
    "secret_of_studio",
    "secret_of_web",
    "server",
    "state",
    "verifier",
];

/// Addresses, secrets, and what is random anew for each play; `instance` is that of the extension `demo-backups`.
pub fn values(place: &Place, sequence: &Sequence, instance: &str) -> Values {
    let (server, demo, name) = (&place.issuer, &place.demo, sequence.name);
    let verifier = random();
    let challenge = base64url::encode(&digest::sha256(verifier.as_bytes()));
    let mut values: Values = [
        ("server", server.clone()),
        ("issuer", format!("{server}{}", sequence.path)),
        ("api", format!("{demo}/api/{name}")),
        ("callback", format!("{demo}/systems/{name}/callback")),
        ("instance", instance.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("state", random()),
        ("nonce", random()),
        ("challenge", challenge),
        ("verifier", verifier),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (name, client) in SECRETS {
        values.insert(format!("secret_of_{name}"), secret_of(client));
    }
    values
}

/// 256 random bits as text.
fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    base64url::encode(&bytes)
}

/// Whose secrets are used: `demo-magic` is the issuer, whose clients share one.
const SECRETS: [(&str, &str); 6] = [
    ("ez", "demo-ez-publish"),
    ("magic", "demo-magic"),
    ("platform", "demo-platform"),
    ("smartenit", "demo-smartenit"),
    ("studio", "demo-studio"),
    ("web", "demo-web"),
];
