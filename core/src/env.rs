//! The one door to the outside: clock, randomness, spawning.
//!
//! Nothing else in Annals reads a clock, draws a random number or starts a task, so that a test can give all
//! three and repeat a run exactly.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Draws random numbers.
pub trait Random: Send + Sync + 'static {
    /// The next 64 random bits.
    fn next_u64(&self) -> u64;
}

/// Starts tasks and lets them wait.
pub trait Executor: Send + Sync + 'static {
    /// Starts `task` and returns at once. The task runs until it ends by itself.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Completes at `deadline` by the clock that this executor goes with, at once if that has passed.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()>;
}

/// Clock, randomness and executor of an application, in one handle that is cheap to clone.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    executor: Arc<dyn Executor>,
}

impl Env {
    /// Puts an environment together.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, executor: Arc<dyn Executor>) -> Self {
        Self { clock, random, executor }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock alone, for what needs no more.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The next 64 random bits.
    pub fn random(&self) -> u64 {
        self.random.next_u64()
    }

    /// A number below `bound`, each as likely as the next up to a bias below 2⁻³² for bounds below 2³²; zero if `bound` is zero.
    pub fn random_below(&self, bound: u64) -> u64 {
        let wide = u128::from(self.random()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A time-ordered UUID (version 7, RFC 9562 §5.7).
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_micros() / 1000).unwrap_or(0);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random().to_le_bytes());
        random[8..].copy_from_slice(&self.random().to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Starts a task, see [`Executor::spawn`].
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.executor.spawn(Box::pin(task));
    }

    /// Waits until `deadline`, see [`Executor::sleep_until`].
    pub fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        self.executor.sleep_until(deadline)
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("now", &self.now()).finish_non_exhaustive()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// If the operating system has no randomness to give: no identity made without it would be unique.
    fn next_u64(&self) -> u64 {
        getrandom::u64().expect("the operating system provides randomness")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u64);

    impl Random for Fixed {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.cast_signed())
        }
    }

    impl Executor for Fixed {
        fn spawn(&self, _: BoxFuture<'static, ()>) {}

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    fn fixed(random: u64) -> Env {
        Env::new(Arc::new(Fixed(1_700_000_000_000_000)), Arc::new(Fixed(random)), Arc::new(Fixed(0)))
    }

    #[test]
    fn an_identity_carries_its_time_and_repeats_with_its_seed() {
        let id = fixed(42).uuid();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id, fixed(42).uuid());
        assert_eq!(id.as_u128() >> 80, 1_700_000_000_000);
    }

    #[test]
    fn a_bounded_number_stays_below_its_bound() {
        assert_eq!(fixed(u64::MAX).random_below(10), 9);
        assert_eq!(fixed(0).random_below(10), 0);
        assert_eq!(fixed(u64::MAX).random_below(0), 0);
    }
}
