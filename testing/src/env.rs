use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use annals_core::{Clock, Env, EventStore, Executor, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::activity::Activity;
use crate::undriven::Undriven;
use crate::{FaultPlan, FaultStore, ManualClock, SeededRandom};

/// How long nothing may happen in real time before a test that waits for nothing is ended.
const STANDSTILL: Duration = Duration::from_secs(10);

/// An environment in virtual time with random numbers that repeat: hours pass in no time, and a run can be repeated.
///
/// Let time pass in one of two ways. [`run`](Self::run) drives a whole test and jumps to the next deadline whenever
/// everybody waits; [`advance`](Self::advance) moves the clock by hand, from a test that is not driven by `run`.
///
/// ```
/// use std::time::Duration;
///
/// use annals_testing::TestEnv;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let test = TestEnv::seeded(7);
/// let env = test.env();
/// let took = test.run(async {
///     let start = env.now();
///     env.sleep_until(start.after(Duration::from_secs(3_600))).await;
///     env.now().since(start)
/// });
/// assert_eq!(took.await, Duration::from_secs(3_600));
/// # }
/// ```
///
/// Without either, whoever sleeps sleeps for ever. After ten seconds of that the environment says so on the error output, and
/// a sleep that the test itself awaits panics.
///
/// Only tasks that are started through the [`Env`] are watched. A store with threads of its own works while they all
/// wait: let it be [watched](Self::watch) too. For anything else outside there is [`patience`](Self::patience).
#[derive(Clone)]
pub struct TestEnv {
    clock: ManualClock,
    random: Arc<SeededRandom>,
    activity: Arc<Activity>,
    undriven: Arc<Undriven>,
    patience: Duration,
    standstill: Duration,
}

impl TestEnv {
    /// An environment whose random numbers start from `ANNALS_SEED`, or from a seed that is printed.
    pub fn new() -> Self {
        Self::with(SeededRandom::from_environment())
    }

    /// An environment whose random numbers start from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self::with(SeededRandom::new(seed))
    }

    fn with(random: SeededRandom) -> Self {
        let clock = ManualClock::new();
        let undriven = Arc::new(Undriven::new(clock.clone(), STANDSTILL));
        Self {
            clock,
            random: Arc::new(random),
            activity: Arc::default(),
            undriven,
            patience: Duration::ZERO,
            standstill: STANDSTILL,
        }
    }

    /// Watches a store that works on threads of its own: virtual time stands still while a call to it is under way.
    ///
    /// What comes back fails only if somebody plans it to, see [`FaultStore::watched`].
    pub fn watch(&self, store: Arc<dyn EventStore>) -> FaultStore {
        FaultStore::new(store, FaultPlan::new()).watched(self)
    }

    /// Waits so long in real time, while everybody rests, before it lets virtual time pass to the next deadline: for
    /// threads that nothing else tells of.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(crate) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// The environment to give to an application.
    pub fn env(&self) -> Env {
        let executor = WatchedExecutor { undriven: Arc::clone(&self.undriven), activity: Arc::clone(&self.activity) };
        Env::new(Arc::new(self.clock.clone()), Arc::clone(&self.random) as _, Arc::new(executor))
    }

    /// Its clock.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Its random numbers.
    pub fn random(&self) -> &SeededRandom {
        &self.random
    }

    /// Drives `test` to its end. Whenever it and every task of the environment wait, the clock jumps to the next
    /// deadline.
    ///
    /// # Panics
    /// If everybody waits, nobody for a deadline, and nothing has happened for ten seconds.
    pub async fn run<T>(&self, test: impl Future<Output = T>) -> T {
        self.undriven.drive();
        let mut test = pin!(self.activity.watch(test).fuse());
        loop {
            let since = {
                let mut idle = pin!(self.idle(self.patience).fuse());
                futures_util::select_biased! {
                    value = test => return value,
                    since = idle => since,
                }
            };
            if let Some(deadline) = self.clock.next_deadline() {
                self.clock.advance_to(deadline);
                continue;
            }
            let mut standstill = pin!(self.idle(self.standstill).fuse());
            let mut stirring = pin!(self.stirring(since).fuse());
            futures_util::select_biased! {
                value = test => return value,
                () = stirring => {}
                _ = standstill => panic!("everybody waits, and nobody for a deadline: this test would never end"),
            }
        }
    }

    /// Lets so much time pass, deadline by deadline, and waits after each until every task of the environment waits
    /// again.
    pub async fn advance(&self, by: Duration) {
        self.undriven.drive();
        let end = self.clock.now().after(by);
        self.settle().await;
        while let Some(deadline) = self.clock.next_deadline().filter(|deadline| *deadline <= end) {
            self.clock.advance_to(deadline);
            self.settle().await;
        }
        self.clock.advance_to(end);
        self.settle().await;
    }

    /// Waits until every task of the environment waits.
    pub async fn settle(&self) {
        let _stirrings = self.idle(self.patience).await;
    }

    /// Completes when nobody has had anything to do for so long in real time. Says how often somebody had until then.
    async fn idle(&self, patience: Duration) -> u64 {
        loop {
            let stirrings = poll_fn(|context| match self.activity.when_idle(context.waker()) {
                Some(stirrings) => Poll::Ready(stirrings),
                None => Poll::Pending,
            });
            let before = stirrings.await;
            if patience.is_zero() {
                return before;
            }
            real_time(patience).await;
            let after = poll_fn(|context| Poll::Ready(self.activity.when_idle(context.waker()))).await;
            if after == Some(before) {
                return before;
            }
        }
    }

    /// Completes when somebody has, or had, something to do since then.
    async fn stirring(&self, since: u64) {
        poll_fn(|context| match self.activity.when_idle(context.waker()) {
            Some(stirrings) if stirrings == since => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
    }
}

#[expect(clippy::disallowed_methods, reason = "threads outside the environment work in real time")]
async fn real_time(duration: Duration) {
    tokio::time::sleep(duration).await;
}

impl Default for TestEnv {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TestEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestEnv").field("now", &self.clock.now()).field("seed", &self.random.seed()).finish_non_exhaustive()
    }
}

/// Starts tasks on the current tokio runtime, watches them, and lets them sleep by a manual clock.
struct WatchedExecutor {
    undriven: Arc<Undriven>,
    activity: Arc<Activity>,
}

impl Executor for WatchedExecutor {
    #[expect(clippy::disallowed_methods, reason = "this is where an environment starts tasks")]
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        drop(tokio::spawn(self.activity.watch(task)));
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(Arc::clone(&self.undriven).sleep_until(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn impatient() -> TestEnv {
        let mut test = TestEnv::seeded(1);
        test.standstill = Duration::from_millis(50);
        test.undriven = Arc::new(Undriven::new(test.clock.clone(), test.standstill));
        test
    }

    async fn pass(env: &Env, duration: Duration) {
        env.sleep_until(env.now().after(duration)).await;
    }

    #[tokio::test]
    #[should_panic(expected = "nobody lets time pass: put the test into `test.run(async { … }).await`")]
    async fn a_test_that_nobody_lets_time_pass_for_says_so() {
        pass(&impatient().env(), HOUR).await;
    }

    #[tokio::test]
    #[should_panic(expected = "everybody waits, and nobody for a deadline")]
    async fn a_run_that_would_never_end_says_so() {
        let test = impatient();
        let env = test.env();
        test.run(async {
            pass(&env, HOUR).await;
            std::future::pending::<()>().await;
        })
        .await;
    }

    #[tokio::test]
    async fn a_run_that_something_outside_wakes_goes_on() {
        let test = TestEnv::seeded(1);
        let env = test.env();
        let sleeper = env.clone();
        env.spawn(async move { pass(&sleeper, HOUR).await });
        let (answer, answered) = tokio::sync::oneshot::channel();
        let clock = test.clock().clone();
        std::thread::spawn(move || {
            // When the last deadline has passed, nobody has anything to do, and there is none to jump to.
            while clock.now() == ManualClock::START {
                std::thread::yield_now();
            }
            answer.send(())
        });
        let took = test.run(async {
            answered.await.unwrap();
            pass(&env, HOUR).await;
            env.now().since(ManualClock::START)
        });
        assert_eq!(took.await, 2 * HOUR);
    }
}
