use std::sync::atomic::{AtomicU64, Ordering};

use annals_core::{Random, SystemRandom};

/// Random numbers that repeat with their seed (SplitMix64).
///
/// ```
/// use annals_core::Random;
/// use annals_testing::SeededRandom;
///
/// assert_eq!(SeededRandom::new(7).next_u64(), SeededRandom::new(7).next_u64());
/// ```
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    state: AtomicU64,
}

impl SeededRandom {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, state: AtomicU64::new(seed) }
    }

    /// Starts from the seed in the environment variable `ANNALS_SEED`, or from one that nobody has used before.
    ///
    /// Either is printed, which the test harness shows when the test fails: set the variable to repeat the run.
    pub fn from_environment() -> Self {
        let given = std::env::var("ANNALS_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| SystemRandom.next_u64());
        eprintln!("random numbers of this test: ANNALS_SEED={seed}");
        Self::new(seed)
    }

    /// The seed it started from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&self, bound: usize) -> usize {
        let wide = u128::from(self.next_u64()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// One of several.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<T: Clone>(&self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// True once in `n` times.
    pub fn one_in(&self, n: usize) -> bool {
        self.below(n) == 0
    }
}

impl Random for SeededRandom {
    fn next_u64(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.state.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
