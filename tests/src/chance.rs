//! Chance that can be repeated: a seed from `DOORWARD_TEST_SEED`, or a fresh one, always printed.

use doorward_crypto::random::{Random, SeededRandom, SystemRandom, array};

/// A generator for tests over random worlds.
pub struct Chance {
    /// Its seed.
    pub seed: u64,
    random: SeededRandom,
}

impl Chance {
    /// Of the environment's seed, or of a fresh one. Printed, so that what failed can be run again.
    pub fn of_environment(test: &str) -> Self {
        let named = std::env::var("DOORWARD_TEST_SEED").ok();
        let seed = match named {
            Some(text) => text.parse().expect("DOORWARD_TEST_SEED is a number"),
            None => u64::from_be_bytes(array(&mut SystemRandom)) >> 16,
        };
        println!("{test}: DOORWARD_TEST_SEED={seed}");
        Self::new(seed)
    }

    /// Of that seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, random: SeededRandom::new(seed) }
    }

    /// A generator of its own for part `number`, so that parts run in any order.
    pub fn part(&self, number: u64) -> Self {
        Self::new(self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        usize::try_from(u64::from_be_bytes(bytes) % end as u64).expect("it is below a usize")
    }

    /// Whether it happens that happens once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Whether the full counts are asked for: `DOORWARD_TEST_LONG=1`.
pub fn is_long() -> bool {
    std::env::var("DOORWARD_TEST_LONG").is_ok_and(|value| value == "1")
}
