//! Names for requests and incidents, and what a panic may leave in the log.
//!
//! The subscriber (JSON, levels) is set up by the binary; nothing here decides where lines go.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A new request id: 20 characters, unique in this process and, by chance, elsewhere. Not a secret.
pub fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let [first, second] = *seeds();
    // mix() is a bijection: distinct numbers give distinct first halves.
    letters::<20>(u128::from(mix(first.wrapping_add(n))) << 64 | u128::from(mix(second ^ n)))
}

/// A new incident id, short enough to be read out over the telephone: `7KQ2-M4XT`.
pub fn incident_id() -> String {
    let id = request_id();
    format!("{}-{}", &id[..4], &id[4..8]).to_ascii_uppercase()
}

/// A number below `below`, another each time: for what must not be the same for all. Not a secret.
pub fn spread(below: usize) -> usize {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = mix(seeds()[0] ^ NEXT.fetch_add(1, Ordering::Relaxed));
    usize::try_from(n >> 32).unwrap_or(0) % below.max(1)
}

/// Whether a request id that a proxy sent may stand in our logs and answers.
pub fn is_request_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Lets a panic leave its place in the log and nothing else: its message may hold data that must not be there.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("unknown", 0), |at| (at.file(), at.line()));
        tracing::error!(panic.file = file, panic.line = line, "panicked");
    }));
}

fn seeds() -> &'static [u64; 2] {
    static SEEDS: OnceLock<[u64; 2]> = OnceLock::new();
    SEEDS.get_or_init(|| [RandomState::new().hash_one(1), RandomState::new().hash_one(2)])
}

/// SplitMix64's finisher.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// The top `5 * N` bits in Crockford's base 32, which has no letters that look alike.
fn letters<const N: usize>(bits: u128) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..N).map(|i| char::from(LETTERS[(bits >> (123 - 5 * i)) as usize & 31])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn request_ids_are_distinct_and_well_formed() {
        let ids: HashSet<String> = (0..10_000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 20 && is_request_id(id)));
    }

    #[test]
    fn what_is_spread_comes_everywhere() {
        let seen: HashSet<usize> = (0..1000).map(|_| spread(5)).collect();
        assert_eq!(seen, (0..5).collect());
        assert_eq!(spread(0), 0);
    }

    #[test]
    fn incident_ids_are_short() {
        let id = incident_id();
        assert_eq!(id.len(), 9);
        assert_eq!(&id[4..5], "-");
    }

    #[test]
    fn foreign_request_ids_hold_nothing_odd() {
        for bad in ["", "short", "has space in it", "new\nline-in-it", &"a".repeat(65), "<script>alert"] {
            assert!(!is_request_id(bad), "{bad:?}");
        }
        assert!(is_request_id("7b1f0c1e-8a35-4c49-9b64-4d1d42b0a3f1"));
    }
}
