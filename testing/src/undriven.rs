use std::future::poll_fn;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use annals_core::{Clock as _, Timestamp};
use futures_util::FutureExt as _;

use crate::{ManualClock, activity};

/// Notices that somebody sleeps in an environment whose time nobody lets pass: the test would hang without a word.
pub(crate) struct Undriven {
    clock: ManualClock,
    /// How long in real time nobody may let time pass.
    patience: Duration,
    state: Mutex<State>,
    driven: Condvar,
}

#[derive(Default)]
struct State {
    /// Somebody lets time pass, or did: they know how.
    is_driven: bool,
    is_watched: bool,
    /// What there is to say, once it is certain.
    verdict: Option<String>,
    /// Sleepers of the test itself, not of tasks of the environment.
    sleepers: Vec<Waker>,
}

impl Undriven {
    pub(crate) fn new(clock: ManualClock, patience: Duration) -> Self {
        Self { clock, patience, state: Mutex::default(), driven: Condvar::new() }
    }

    /// Somebody lets time pass.
    pub(crate) fn drive(&self) {
        self.state().is_driven = true;
        self.driven.notify_all();
    }

    /// Sleeps. If nobody ever lets time pass, that is said on the error output of the process, past whatever captures it,
    /// because tasks may be all that sleeps and panics of tasks end no test. A sleep that the test itself awaits panics.
    pub(crate) async fn sleep_until(self: Arc<Self>, deadline: Timestamp) {
        let mut sleep = self.clock.sleep_until(deadline);
        poll_fn(|context| {
            let slept = sleep.poll_unpin(context);
            if slept.is_pending() {
                self.watch(context.waker());
            }
            slept
        })
        .await;
    }

    fn watch(self: &Arc<Self>, sleeper: &Waker) {
        let mut state = self.state();
        if state.is_driven {
            return;
        }
        if !activity::is_in_task() {
            if let Some(verdict) = state.verdict.clone() {
                drop(state);
                panic!("{verdict}");
            }
            state.sleepers.push(sleeper.clone());
        }
        if !std::mem::replace(&mut state.is_watched, true) {
            let this = Arc::clone(self);
            std::thread::spawn(move || this.wait_and_tell());
        }
    }

    fn wait_and_tell(&self) {
        let waited = self.driven.wait_timeout_while(self.state(), self.patience, |state| !state.is_driven);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        // Whoever has moved the clock by hand knows how, and sleeps that were dropped hold nobody up.
        let Some(until) = self.clock.next_deadline().filter(|_| !state.is_driven && now == ManualClock::START) else { return };
        let verdict = format!(
            "somebody sleeps until {until} by the clock of a `TestEnv` that stands at {now}, and nobody lets time pass: put the \
             test into `test.run(async {{ … }}).await`, or move the clock with `test.advance(…).await`"
        );
        // Printing would be captured until the test ends, which it does not.
        let _ = writeln!(std::io::stderr(), "annals-testing: {verdict}");
        state.verdict = Some(verdict);
        let sleepers = std::mem::take(&mut state.sleepers);
        drop(state);
        sleepers.into_iter().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
