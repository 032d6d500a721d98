//! Django's encoded passwords: `algorithm$…`.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::digest::{Algorithm, unhex};
use super::format::{Format, Hash, number};
use super::{argon2, bcrypt, digest, pbkdf2, scrypt};

pub(super) const FORMAT: Format = Format {
    name: "Django",
    example: "pbkdf2_sha256$1000000$salt$aGFzaA==",
    claims: |text| NAMES.iter().any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('$'))),
    parse,
};

const NAMES: [&str; 8] =
    ["argon2", "bcrypt", "bcrypt_sha256", "md5", "pbkdf2_sha1", "pbkdf2_sha256", "scrypt", "sha1"];

fn parse(text: &str) -> Option<Hash> {
    let (name, rest) = text.split_once('$')?;
    let pbkdf2 = |algorithm| pbkdf2_of(algorithm, rest).map(Hash::Pbkdf2);
    match name {
        // The PHC string, less its first `$`.
        "argon2" => argon2::parse(&format!("${rest}")).map(Hash::Argon2),
        "bcrypt" => bcrypt::parse(rest, bcrypt::Before::Nothing).map(Hash::Bcrypt),
        "bcrypt_sha256" => bcrypt::parse(rest, bcrypt::Before::DjangoSha256).map(Hash::Bcrypt),
        "md5" => salted(Algorithm::Md5, rest).map(Hash::Digest),
        "pbkdf2_sha1" => pbkdf2(pbkdf2::Algorithm::Sha1),
        "pbkdf2_sha256" => pbkdf2(pbkdf2::Algorithm::Sha256),
        "scrypt" => scrypt_of(rest).map(Hash::Scrypt),
        "sha1" => salted(Algorithm::Sha1, rest).map(Hash::Digest),
        _ => None,
    }
}

/// `iterations$salt$base64`; the salt is text.
fn pbkdf2_of(algorithm: pbkdf2::Algorithm, rest: &str) -> Option<pbkdf2::Hash> {
    let [iterations, salt, expected] = parts(rest)?;
    let expected = STANDARD.decode(expected).ok()?;
    pbkdf2::Hash::new(algorithm, number(iterations)?, salt.as_bytes(), expected)
}

/// `N$salt$r$p$base64`; the salt is text.
fn scrypt_of(rest: &str) -> Option<scrypt::Hash> {
    let [n, salt, r, p, expected] = parts(rest)?;
    let log_n = scrypt::log_of(number(n)?)?;
    scrypt::Hash::new(log_n, number(r)?, number(p)?, salt.as_bytes(), STANDARD.decode(expected).ok()?)
}

/// `salt$hex`.
fn salted(algorithm: Algorithm, rest: &str) -> Option<digest::Hash> {
    let [salt, expected] = parts(rest)?;
    digest::Hash::new(algorithm, salt.as_bytes(), b"", unhex(expected)?)
}

fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('$').collect::<Vec<_>>().try_into().ok()
}
