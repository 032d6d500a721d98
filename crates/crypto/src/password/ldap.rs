//! Directories: `{SCHEME}` and base64 (RFC 2307, and what came after it): a digest, with the salt behind it when the name begins
//! with an S for salted; and `{CRYPT}` around a hash of crypt(3).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::digest::{self, Algorithm};
use super::format::{Format, Hash};
use super::{bcrypt, sha_crypt};

pub(super) const FORMAT: Format = Format {
    name: "LDAP",
    example: "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr",
    claims: |text| text.starts_with('{') && !text.starts_with("{\"") && !text.starts_with("{ "),
    parse,
};

/// Scheme, digest, whether a salt follows it.
const SCHEMES: [(&str, Algorithm, bool); 8] = [
    ("MD5", Algorithm::Md5, false),
    ("SMD5", Algorithm::Md5, true),
    ("SHA", Algorithm::Sha1, false),
    ("SSHA", Algorithm::Sha1, true),
    ("SHA256", Algorithm::Sha256, false),
    ("SSHA256", Algorithm::Sha256, true),
    ("SHA512", Algorithm::Sha512, false),
    ("SSHA512", Algorithm::Sha512, true),
];

fn parse(text: &str) -> Option<Hash> {
    let (scheme, value) = text.strip_prefix('{')?.split_once('}')?;
    if scheme.eq_ignore_ascii_case("CRYPT") {
        return crypt(value);
    }
    let (_, algorithm, salted) = SCHEMES.into_iter().find(|(name, ..)| name.eq_ignore_ascii_case(scheme))?;
    let bytes = STANDARD.decode(value).ok()?;
    let (expected, salt) = bytes.split_at_checked(algorithm.length())?;
    if salt.is_empty() == salted {
        return None;
    }
    digest::Hash::new(algorithm, b"", salt, expected.to_vec()).map(Hash::Digest)
}

fn crypt(value: &str) -> Option<Hash> {
    if value.starts_with("$2") {
        return bcrypt::parse(value, bcrypt::Before::Nothing).map(Hash::Bcrypt);
    }
    sha_crypt::parse(value).map(Hash::ShaCrypt)
}
