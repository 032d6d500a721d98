//! What a certificate says of itself (RFC 5280, section 4.1), as far as nobody else tells: from when to when it is valid, and whether
//! it was issued by itself.

use doorward_core::Timestamp;
use doorward_core::desired::date;

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Valid from that second.
    pub from_s: i64,
    /// Valid up to that second.
    pub until_s: i64,
    /// Whether issuer and subject are one.
    pub is_self_issued: bool,
}

/// Of a certificate in DER; none where it is none.
pub fn read(der: &[u8]) -> Option<Said> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    if let Some((_, after)) = element(rest, VERSION) {
        rest = after;
    }
    let (_serial, rest) = element(rest, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    let (issuer, rest) = element(rest, SEQUENCE)?;
    let (validity, rest) = element(rest, SEQUENCE)?;
    let (subject, _) = element(rest, SEQUENCE)?;
    let (from_s, validity) = time(validity)?;
    let (until_s, _) = time(validity)?;
    Some(Said { from_s, until_s, is_self_issued: issuer == subject })
}

/// UTCTime until 2049, GeneralizedTime after that; both to the second and in UTC (RFC 5280, section 4.1.2.5).
fn time(der: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest, century) = match (element(der, UTC_TIME), element(der, GENERALIZED_TIME)) {
        (Some((text, rest)), _) => (text, rest, true),
        (None, Some((text, rest))) => (text, rest, false),
        (None, None) => return None,
    };
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let text = match century {
        true if text.get(..2)? < "50" => format!("20{text}"),
        true => format!("19{text}"),
        false => text.to_owned(),
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let written = format!(
        "{}-{}-{}T{}:{}:{}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 15)?
    );
    let Timestamp(ms) = date::read(&written)?;
    Some((ms / 1000, rest))
}

/// The content of the first element, where it has that tag, and what stands behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let (bytes, rest) = rest.split_at_checked(count)?;
        // A certificate has no more bytes than three of them count.
        if count > 3 {
            return None;
        }
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    rest.split_at_checked(length)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn both_kinds_of_time_are_read_and_what_is_no_certificate_is_none() {
        for (year, until_s) in [(2026, 1_775_001_600), (2060, 2_848_003_200)] {
            let mut params = CertificateParams::new(vec!["id.example".to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2026, 1, 1);
            params.not_after = rcgen::date_time_ymd(year, 4, 1);
            let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
            let said = Said { from_s: 1_767_225_600, until_s, is_self_issued: true };
            assert_eq!(read(&der), Some(said));
            // Cut anywhere it is none, and nothing panics.
            assert!((0..der.len()).filter_map(|end| read(&der[..end])).count() == 0);
        }
        assert_eq!(read(b"\x30\x84\xff\xff\xff\xff"), None);
    }
}
