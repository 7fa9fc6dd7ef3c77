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
/// Only tasks that are started through the [`Env`] are watched. A store with threads of its own works while they all
/// wait: let it be [watched](Self::watch) too. For anything else outside there is [`patience`](Self::patience).
#[derive(Clone)]
pub struct TestEnv {
    clock: ManualClock,
    random: Arc<SeededRandom>,
    activity: Arc<Activity>,
    patience: Duration,
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
        let random = Arc::new(random);
        Self { clock: ManualClock::new(), random, activity: Arc::default(), patience: Duration::ZERO }
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
        let executor = WatchedExecutor { clock: self.clock.clone(), activity: Arc::clone(&self.activity) };
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
        let mut test = pin!(self.activity.watch(test).fuse());
        loop {
            let mut idle = pin!(self.idle(self.patience).fuse());
            futures_util::select_biased! {
                value = test => return value,
                () = idle => {}
            }
            if let Some(deadline) = self.clock.next_deadline() {
                self.clock.advance_to(deadline);
                continue;
            }
            let mut standstill = pin!(self.idle(STANDSTILL).fuse());
            let mut stirring = pin!(self.stirring().fuse());
            futures_util::select_biased! {
                value = test => return value,
                () = stirring => {}
                () = standstill => panic!("everybody waits, and nobody for a deadline: this test would never end"),
            }
        }
    }

    /// Lets so much time pass, deadline by deadline, and waits after each until every task of the environment waits
    /// again.
    pub async fn advance(&self, by: Duration) {
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
        self.idle(self.patience).await;
    }

    /// Completes when nobody has had anything to do for so long in real time.
    async fn idle(&self, patience: Duration) {
        loop {
            let stirrings = poll_fn(|context| match self.activity.when_idle(context.waker()) {
                Some(stirrings) => Poll::Ready(stirrings),
                None => Poll::Pending,
            });
            let before = stirrings.await;
            if patience.is_zero() {
                return;
            }
            real_time(patience).await;
            let after = poll_fn(|context| Poll::Ready(self.activity.when_idle(context.waker()))).await;
            if after == Some(before) {
                return;
            }
        }
    }

    /// Completes when somebody has something to do.
    async fn stirring(&self) {
        poll_fn(|context| match self.activity.when_idle(context.waker()) {
            Some(_) => Poll::Pending,
            None => Poll::Ready(()),
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
    clock: ManualClock,
    activity: Arc<Activity>,
}

impl Executor for WatchedExecutor {
    #[expect(clippy::disallowed_methods, reason = "this is where an environment starts tasks")]
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        drop(tokio::spawn(self.activity.watch(task)));
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(self.clock.sleep_until(deadline))
    }
}
