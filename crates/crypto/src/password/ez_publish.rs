//! eZ Publish legacy: MD5 digests of the password alone, with the login name, or with the name of the site as well.
//!
//! Its database keeps the kind and the login name beside the digest; here they are one text: `ez$1$digest`, `ez$2$login$digest`,
//! `ez$3$login$site$digest`. Kinds 6 and 7 of that system are bcrypt and are imported as they are.

use super::digest::{self, Algorithm, unhex};
use super::format::{Format, Hash};

pub(super) const FORMAT: Format = Format {
    name: "eZ Publish",
    example: "ez$2$admin$5f4dcc3b5aa765d61d8327deb882cf99",
    claims: |text| text.starts_with("ez$"),
    parse: |text| parse(text).map(Hash::Digest),
};

fn parse(text: &str) -> Option<digest::Hash> {
    let (kind, rest) = text.strip_prefix("ez$")?.split_once('$')?;
    let hash = |before: String, after: String, expected: &str| {
        digest::Hash::new(Algorithm::Md5, before.as_bytes(), after.as_bytes(), unhex(expected)?)
    };
    match kind {
        "1" => hash(String::new(), String::new(), rest),
        "2" => {
            let (login, expected) = rest.rsplit_once('$')?;
            hash(format!("{login}\n"), String::new(), expected)
        }
        "3" => {
            let (names, expected) = rest.rsplit_once('$')?;
            let (login, site) = names.rsplit_once('$')?;
            hash(format!("{login}\n"), format!("\n{site}"), expected)
        }
        _ => None,
    }
}
