//! scrypt (RFC 7914): the PHC string and Werkzeug's. The crate `scrypt` does the work: AWS-LC's has no safe call.

use ::scrypt::Params;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use super::digest::unhex;
use super::format::{self, Cost, Format, number};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "scrypt",
    example: "$scrypt$ln=17,r=8,p=1$c2FsdA$aGFzaA",
    claims: |text| text.starts_with("$scrypt$") || text.starts_with("scrypt:"),
    parse: |text| {
        let parsed = if text.starts_with('$') { phc(text) } else { werkzeug(text) };
        parsed.map(format::Hash::Scrypt)
    },
};

pub(super) struct Hash {
    params: Params,
    salt: Vec<u8>,
    expected: Vec<u8>,
}

/// `$scrypt$ln=17,r=8,p=1$salt$hash`.
fn phc(text: &str) -> Option<Hash> {
    let mut parts = text.strip_prefix("$scrypt$")?.split('$');
    let (params, salt, expected) = (parts.next()?, parts.next()?, parts.next()?);
    let mut params = params.split(',');
    let mut next = |name: &str| number(params.next()?.strip_prefix(name)?);
    let (log_n, r, p) = (next("ln=")?, next("r=")?, next("p=")?);
    if params.next().is_some() || parts.next().is_some() {
        return None;
    }
    let decode = |text: &str| STANDARD_NO_PAD.decode(text).ok();
    Hash::new(log_n, r, p, &decode(salt)?, decode(expected)?)
}

/// `scrypt:32768:8:1$salt$hex`; the salt is text.
fn werkzeug(text: &str) -> Option<Hash> {
    let mut parts = text.strip_prefix("scrypt:")?.split('$');
    let (params, salt, expected) = (parts.next()?, parts.next()?, parts.next()?);
    let mut params = params.split(':');
    let mut next = || number(params.next()?);
    let (n, r, p) = (next()?, next()?, next()?);
    if params.next().is_some() || parts.next().is_some() {
        return None;
    }
    Hash::new(log_of(n)?, r, p, salt.as_bytes(), unhex(expected)?)
}

/// The exponent of a power of two.
pub(super) fn log_of(n: u32) -> Option<u32> {
    n.is_power_of_two().then(|| n.trailing_zeros())
}

impl Hash {
    pub(super) fn new(log_n: u32, r: u32, p: u32, salt: &[u8], expected: Vec<u8>) -> Option<Self> {
        // Far beyond what is affordable, and far below where products overflow.
        let sane = (1..=40).contains(&log_n) && (1..=1024).contains(&r) && (1..=1024).contains(&p);
        let whole = (16..=512).contains(&expected.len());
        if !sane || !whole {
            return None;
        }
        let params = Params::new(u8::try_from(log_n).ok()?, r, p).ok()?;
        Some(Self { params, salt: salt.to_vec(), expected })
    }

    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let mut output = Zeroizing::new(vec![0; self.expected.len()]);
        let derived = ::scrypt::scrypt(password, &self.salt, &self.params, &mut output);
        derived.is_ok() && constant_time_eq(&output, &self.expected)
    }

    pub(super) fn cost(&self) -> Cost {
        let (n, r, p) = (self.params.n(), u64::from(self.params.r()), u64::from(self.params.p()));
        Cost { work_us: n * r * p * 2 / 5, memory: 128 * r * (n + p) }
    }
}
