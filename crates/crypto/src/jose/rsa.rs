//! Which RSA public keys are taken: 2048 to 4096 bits, exponent 65537 or larger, and no known flaw.
//!
//! The upper bound is one of cost: verifying under a key of 16384 bits takes a hundred times as long, and the key comes from
//! whoever presents the token. Small exponents are refused although RFC 7518 allows 3: no generator makes them, and the
//! attacks on careless verifiers need them.

/// Why an RSA key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakRsa {
    /// The exponent is even, below 65537, or longer than 32 bits.
    #[error("its exponent is not an odd number from 65537 to 32 bits")]
    Exponent,
    /// The modulus is even or has a small factor.
    #[error("its modulus has a small factor")]
    Factor,
    /// The modulus was made by a generator whose keys can be factored (ROCA, CVE-2017-15361).
    #[error("its modulus comes from a generator that is broken (ROCA)")]
    Roca,
    /// The modulus is not 2048 to 4096 bits long.
    #[error("its modulus is not 2048 to 4096 bits long")]
    Size,
}

/// Bits of a modulus that is taken.
pub(super) const BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

const SMALL_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Checks modulus and exponent, both big-endian without leading zeros.
pub(super) fn check(modulus: &[u8], exponent: &[u8]) -> Result<(), WeakRsa> {
    if !BITS.contains(&bits(modulus)) {
        return Err(WeakRsa::Size);
    }
    if exponent.len() > 4 {
        return Err(WeakRsa::Exponent);
    }
    let exponent = exponent.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    if exponent < 65537 || exponent % 2 == 0 {
        return Err(WeakRsa::Exponent);
    }
    let residues = SMALL_PRIMES.map(|prime| (prime, remainder(modulus, prime)));
    if modulus.last().is_none_or(|byte| byte % 2 == 0) || residues.iter().any(|(_, residue)| *residue == 0) {
        return Err(WeakRsa::Factor);
    }
    if residues.iter().all(|(prime, residue)| is_power_of_65537(*residue, *prime)) {
        return Err(WeakRsa::Roca);
    }
    Ok(())
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime)
}

/// Primes of the broken generator are k·M + 65537ᵃ mod M with M a product of small primes, so its moduli are powers of 65537
/// modulo each of them. For a sound key that is a matter of chance, about one in 2²⁷.
fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const F4: &[u8] = &[1, 0, 1];

    /// An odd number of this many bits without small factors, and no power of 65537.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut number = vec![0; bits.div_ceil(8)];
        number[0] = 0x80 >> ((8 - bits % 8) % 8);
        *number.last_mut().unwrap() = 1;
        while check_factors(&number) {
            let last = number.len() - 2;
            number[last] = number[last].wrapping_add(1);
        }
        number
    }

    fn check_factors(number: &[u8]) -> bool {
        SMALL_PRIMES.iter().any(|prime| remainder(number, *prime) == 0)
    }

    #[test]
    fn size_has_two_ends() {
        for (bits, expected) in [
            (1024, Err(WeakRsa::Size)),
            (2047, Err(WeakRsa::Size)),
            (2048, Ok(())),
            (3072, Ok(())),
            (4096, Ok(())),
            (4097, Err(WeakRsa::Size)),
            (16384, Err(WeakRsa::Size)),
        ] {
            assert_eq!(check(&modulus(bits), F4), expected, "{bits}");
        }
        assert_eq!(check(&[], F4), Err(WeakRsa::Size));
    }

    #[test]
    fn the_exponent_is_odd_and_neither_small_nor_large() {
        let modulus = modulus(2048);
        for bad in [&[][..], &[1], &[3], &[17], &[0xff, 0xff], &[1, 0, 0], &[1, 0, 2], &[1, 0, 0, 0, 1]] {
            assert_eq!(check(&modulus, bad), Err(WeakRsa::Exponent), "{bad:?}");
        }
        assert_eq!(check(&modulus, &[0xff, 0xff, 0xff, 0xff]), Ok(()));
    }

    #[test]
    fn a_modulus_with_a_small_factor_is_refused() {
        let mut even = modulus(2048);
        *even.last_mut().unwrap() = 2;
        assert_eq!(check(&even, F4), Err(WeakRsa::Factor));
        let mut multiple = modulus(2048);
        while remainder(&multiple, 167) != 0 || multiple[255].is_multiple_of(2) {
            let last = multiple.len() - 1;
            multiple[last] = multiple[last].wrapping_add(1);
            multiple[last - 1] = multiple[last - 1].wrapping_add(3);
        }
        assert_eq!(check(&multiple, F4), Err(WeakRsa::Factor));
    }
}
