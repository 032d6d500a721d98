//! Randomness as something that is passed in, so that a decision can be repeated.
//!
//! The core never draws: what it needs comes through its context, as a `&mut dyn Random`. In the server that is
//! [`SystemRandom`], in tests and simulations a [`SeededRandom`].

use aws_lc_rs::rand;
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::digest::sha256_all;

/// A source of random bytes.
pub trait Random: Send {
    /// Fills the whole of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// `N` random bytes.
pub fn array<const N: usize>(random: &mut dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}

/// The operating system's generator, asked directly. AWS-LC has one of its own, for its signatures; its first use measures the
/// jitter of the processor for some 30 ms, and a server's start should not wait for that: see [`warm_up`].
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

/// Lets AWS-LC prepare its generator on a thread of its own, so that the first signature does not have to.
pub fn warm_up() {
    let spawned = std::thread::Builder::new().name("entropy".to_owned()).spawn(|| rand::fill(&mut [0; 1]));
    // Without the thread the first signature prepares it.
    drop(spawned);
}

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) {
        let mut rest = out;
        while !rest.is_empty() {
            match getrandom(&mut *rest, GetRandomFlags::empty()) {
                Ok(count) => rest = &mut rest[count..],
                Err(Errno::INTR) => {}
                Err(error) => panic!("the system has no random bytes: {error}"),
            }
        }
    }
}

/// A generator whose bytes follow from its seed: for tests and simulations, never for what protects anything.
#[derive(Debug, Clone)]
pub struct SeededRandom {
    seed: u64,
    block: u64,
    rest: Vec<u8>,
}

impl SeededRandom {
    /// The generator of `seed`; equal seeds give equal bytes, whatever the sizes of the single requests.
    pub fn new(seed: u64) -> Self {
        SeededRandom { seed, block: 0, rest: Vec::new() }
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            if self.rest.is_empty() {
                let block = [&b"seeded"[..], &self.seed.to_be_bytes(), &self.block.to_be_bytes()];
                self.rest.extend(sha256_all(&block));
                self.block += 1;
            }
            *byte = self.rest.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_bytes_and_another_changes_them() {
        let (mut a, mut b) = (SeededRandom::new(7), SeededRandom::new(7));
        let whole: [u8; 100] = array(&mut a);
        let mut parts = [0; 100];
        for part in parts.chunks_mut(7) {
            b.fill(part);
        }
        assert_eq!(whole, parts);
        assert_ne!(whole, array::<100>(&mut SeededRandom::new(8)));
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        assert_ne!(array::<32>(&mut SystemRandom), array::<32>(&mut SystemRandom));
    }
}
