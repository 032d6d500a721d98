//! The ten lines of DER that are needed: the two numbers of an RSA public key (RFC 8017, appendix A.1.1).
//!
//! Only what AWS-LC itself wrote is read here, to publish it; keys from elsewhere come as JWKs.

/// Modulus and exponent of an `RSAPublicKey`, big-endian without leading zeros.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = element(0x30, der)?;
    let (modulus, sequence_rest) = element(0x02, sequence)?;
    let (exponent, end) = element(0x02, sequence_rest)?;
    (rest.is_empty() && end.is_empty()).then_some((unsigned(modulus), unsigned(exponent)))
}

/// The content of the element with this tag at the start of `der`, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    if found != tag {
        return None;
    }
    rest.split_at_checked(length)
}

/// Without the zero that keeps a number positive.
fn unsigned(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_in_a_sequence() {
        assert_eq!(
            rsa_public_key(&[0x30, 9, 2, 2, 0, 0x80, 2, 3, 1, 0, 1]),
            Some((&[0x80][..], &[1, 0, 1][..]))
        );
        let long = [&[0x30, 0x82, 0x01, 0x09, 2, 0x82, 0x01, 0x00][..], &[7; 256], &[2, 3, 1, 0, 1]].concat();
        assert_eq!(rsa_public_key(&long).map(|(n, e)| (n.len(), e.len())), Some((256, 3)));
    }

    #[test]
    fn nothing_else() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x82, 1],
            &[0x31, 8, 2, 1, 1, 2, 3, 1, 0, 1],
            &[0x30, 8, 2, 1, 1, 2, 3, 1, 0],
            &[0x30, 8, 2, 1, 1, 2, 3, 1, 0, 1, 0],
            &[0x30, 5, 2, 1, 1, 4, 0],
        ] {
            assert_eq!(rsa_public_key(bad), None, "{bad:?}");
        }
    }
}
