//! Drupal 7: phpass's loop over SHA-512, cut after 43 digits. `U` before it marks the MD5 digests of Drupal 6 that were hashed again.

use super::digest::Algorithm;
use super::format::{Format, Hash};
use super::phpass;

pub(super) const FORMAT: Format = Format {
    name: "Drupal 7",
    example: "$S$DkIkdKLIvRK0iVHm99X7B/M8QC17E1Tp/kMOd1Ie8V/PgWjtAZld",
    claims: |text| text.starts_with("$S$") || text.starts_with("U$S$"),
    parse: |text| {
        let (rest, of_md5) = text.strip_prefix('U').map_or((text, false), |rest| (rest, true));
        phpass::parse(rest.strip_prefix("$S$")?, Algorithm::Sha512, 43, of_md5).map(Hash::Phpass)
    },
};
