use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use annals_core::{Clock, Timestamp};

/// A clock that stands still until it is moved. Clones show the same time.
///
/// ```
/// use std::time::Duration;
///
/// use annals_core::{Clock, Timestamp};
/// use annals_testing::ManualClock;
///
/// let clock = ManualClock::new();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now(), ManualClock::START.after(Duration::from_secs(90)));
/// ```
#[derive(Clone, Default)]
pub struct ManualClock(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    /// Those who sleep, by when they want to be woken and the number of their sleep.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    sleeps: u64,
}

impl Default for State {
    fn default() -> Self {
        Self { now: ManualClock::START, sleepers: BTreeMap::new(), sleeps: 0 }
    }
}

impl ManualClock {
    /// Where every manual clock starts: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    /// A clock that stands at [`START`](Self::START).
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on, and wakes those who sleep until a moment that has come.
    pub fn advance(&self, by: Duration) {
        let to = self.now().after(by);
        self.advance_to(to);
    }

    /// Moves the clock on to a moment. It never goes back.
    pub fn advance_to(&self, to: Timestamp) {
        let woken: Vec<_> = {
            let mut state = self.state();
            state.now = state.now.max(to);
            let now = state.now;
            let later = state.sleepers.split_off(&(now, u64::MAX));
            std::mem::replace(&mut state.sleepers, later).into_values().collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// The next moment at which somebody wants to be woken.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.state().sleepers.keys().next().map(|(deadline, _)| *deadline)
    }

    /// Completes when the clock has been moved to `deadline`.
    pub fn sleep_until(&self, deadline: Timestamp) -> Sleep {
        Sleep { clock: self.clone(), deadline, number: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ManualClock").field("now", &state.now).field("sleepers", &state.sleepers.len()).finish()
    }
}

/// A sleep by a [`ManualClock`].
#[derive(Debug)]
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep {
    clock: ManualClock,
    deadline: Timestamp,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.clock.state();
        if state.now >= this.deadline {
            return Poll::Ready(());
        }
        let number = *this.number.get_or_insert_with(|| {
            state.sleeps += 1;
            state.sleeps
        });
        state.sleepers.insert((this.deadline, number), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.clock.state().sleepers.remove(&(self.deadline, number));
        }
    }
}
