//! One-time codes of authenticator apps: TOTP (RFC 6238) over HOTP (RFC 4226), HMAC-SHA-1, six digits, a step every thirty seconds.
//! These are the parameters that every app speaks; some ignore any other in the address that they scan.

use aws_lc_rs::hmac;

use crate::base32;
use crate::digest::constant_time_eq;
use crate::random::{self, Random};
use crate::secret::{Secret, SecretString};

/// What a person's app and we share: 160 bits (RFC 4226, section 4).
#[derive(Clone, Debug)]
pub struct Seed(Secret<[u8; SEED_LEN]>);

/// A typed code: six digits. It cannot be printed.
#[derive(Clone, Debug)]
pub struct Code(SecretString);

/// What comparing a code with a seed finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// It is the code of this step, which is newer than the last one used.
    Fits(i64),
    /// It is a code of these minutes, and was used already, or one that came after it was (RFC 6238, section 5.2).
    Replayed,
    /// It is none.
    Wrong,
}

impl Seed {
    /// A fresh one.
    pub fn generate(random: &mut dyn Random) -> Self {
        Self(Secret::new(random::array(random)))
    }

    /// The seed of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Secret::new(bytes)))
    }

    /// Its bytes, to be sealed.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// What a person types who cannot scan: base 32.
    pub fn text(&self) -> SecretString {
        SecretString::new(base32::encode(self.0.expose()))
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub fn code(&self, step: i64) -> SecretString {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.expose());
        SecretString::new(format!("{:06}", truncated(&key, step) % 1_000_000))
    }

    /// Look for `code` among those of the step of `now_s` and its two neighbours, for clocks that differ; none of a step up to
    /// `last_step` counts again.
    pub fn find(&self, code: &Code, now_s: i64, last_step: i64) -> Found {
        let now = step(now_s);
        let mut found = Found::Wrong;
        for step in now - WINDOW..=now + WINDOW {
            let fits = constant_time_eq(self.code(step).expose().as_bytes(), code.0.expose().as_bytes());
            found = match found {
                Found::Wrong | Found::Replayed if fits && step > last_step => Found::Fits(step),
                Found::Wrong if fits => Found::Replayed,
                found => found,
            };
        }
        found
    }
}

impl Code {
    /// Reads what was typed: six ASCII digits; the plain spaces that apps show among them do not count.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > LONGEST_TYPED {
            return None;
        }
        let digits: String = typed.chars().filter(|c| *c != ' ').collect();
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Self(SecretString::new(digits)))
    }
}

/// The number of the step of a moment (RFC 6238, section 4.2).
pub const fn step(now_s: i64) -> i64 {
    now_s.div_euclid(STEP_S)
}

/// Dynamic truncation (RFC 4226, section 5.3).
fn truncated(key: &hmac::Key, step: i64) -> u32 {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes[bytes.len() - 1] & 15);
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) & 0x7fff_ffff
}

/// Seconds of a step.
pub const STEP_S: i64 = 30;
/// Steps before and after the present one whose codes count.
const WINDOW: i64 = 1;
const SEED_LEN: usize = 20;
const LONGEST_TYPED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        Seed::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_4226_appendix_d() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(seed().code(step).expose(), code);
        }
    }

    /// Appendix B has eight digits; the last six are ours.
    #[test]
    fn the_vectors_of_rfc_6238_appendix_b() {
        let rows = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, code) in rows {
            assert_eq!(seed().code(step(seconds)).expose(), &code[2..], "{seconds}");
        }
    }

    #[test]
    fn three_steps_count_and_each_once() {
        let now_s = 1_800_000_000;
        let at = |offset: i64| Code::parse(seed().code(step(now_s) + offset).expose()).unwrap();
        for (offset, last, found) in [
            (-2, 0, Found::Wrong),
            (-1, 0, Found::Fits(step(now_s) - 1)),
            (0, 0, Found::Fits(step(now_s))),
            (1, 0, Found::Fits(step(now_s) + 1)),
            (2, 0, Found::Wrong),
            (0, step(now_s), Found::Replayed),
            (-1, step(now_s), Found::Replayed),
            (1, step(now_s), Found::Fits(step(now_s) + 1)),
            (1, step(now_s) + 1, Found::Replayed),
        ] {
            assert_eq!(seed().find(&at(offset), now_s, last), found, "{offset} after {last}");
        }
    }

    #[test]
    fn six_ascii_digits_are_a_code() {
        for good in ["123456", " 123456 ", "123 456", "000000"] {
            assert!(Code::parse(good).is_some(), "{good:?}");
        }
        for bad in [
            "",
            " ",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "-12345",
            "１２３４５６",
            "١٢٣٤٥٦",
            "123\u{a0}456",
            "123\t456",
            "123456\n",
            "123456\0",
        ] {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
        assert!(Code::parse(&format!("{}123456", " ".repeat(100))).is_none());
        assert_eq!(format!("{:?}", Code::parse("123456")), "Some(Code([secret]))");
    }

    #[test]
    fn a_seed_is_shown_in_base_32_and_not_printed() {
        assert_eq!(seed().text().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(format!("{:?}", seed()), "Seed([secret])");
        assert!(Seed::from_bytes(b"short").is_none());
    }
}
