//! Chance that can be repeated.

use doorward_crypto::random::{Random, SeededRandom, SystemRandom, array};

/// The seed of this run: `DOORWARD_TEST_SEED`, or a fresh one; printed.
pub fn seed() -> u64 {
    let given = std::env::var("DOORWARD_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from_le_bytes(array(&mut SystemRandom)) >> 16);
    println!("DOORWARD_TEST_SEED={seed}");
    seed
}

/// A source of choices.
pub struct Chance(SeededRandom);

impl Chance {
    /// The `index`th source of a seed.
    pub fn new(seed: u64, index: u64) -> Self {
        Self(SeededRandom::new(seed ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end.max(1)
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(of.len() as u64)).ok()?)
    }
}
