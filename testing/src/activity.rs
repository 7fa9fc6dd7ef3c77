use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Knows whether any of the tasks that it watches has something to do.
#[derive(Default)]
pub(crate) struct Activity(Mutex<Tally>);

#[derive(Default)]
struct Tally {
    /// Tasks that run or have been woken.
    busy: usize,
    /// How often a task has become busy: it tells an idle moment from a later one.
    stirrings: u64,
    observer: Option<Waker>,
}

impl Activity {
    /// Watches a task from now on. It counts as busy until it has been polled.
    pub(crate) fn watch<F: Future>(self: &Arc<Self>, task: F) -> Watched<F> {
        self.stirs();
        let pulse = Arc::new(Pulse { activity: Arc::clone(self), state: Mutex::new((State::Woken, Waker::noop().clone())) });
        Watched { task: Box::pin(task), pulse }
    }

    /// Counts as busy until the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.stirs();
        Busy(Arc::clone(self))
    }

    /// How often a task has become busy so far, if none is now. Otherwise `observer` is woken when that changes.
    pub(crate) fn when_idle(&self, observer: &Waker) -> Option<u64> {
        let mut tally = self.tally();
        tally.observer = Some(observer.clone());
        (tally.busy == 0).then_some(tally.stirrings)
    }

    fn stirs(&self) {
        let observer = {
            let mut tally = self.tally();
            tally.busy += 1;
            tally.stirrings += 1;
            tally.observer.take()
        };
        observer.into_iter().for_each(Waker::wake);
    }

    fn rests(&self) {
        let observer = {
            let mut tally = self.tally();
            tally.busy -= 1;
            if tally.busy == 0 { tally.observer.take() } else { None }
        };
        observer.into_iter().for_each(Waker::wake);
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that is under way.
pub(crate) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rests();
    }
}

/// A task whose rest and activity are known.
pub(crate) struct Watched<F> {
    task: Pin<Box<F>>,
    pulse: Arc<Pulse>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// It waits for something.
    Resting,
    /// It has been woken and will be polled.
    Woken,
    Running,
    /// It runs and has been woken meanwhile.
    RunningAndWoken,
    Ended,
}

/// The waker that a watched task is polled with: it notes the wake-up and passes it on.
struct Pulse {
    activity: Arc<Activity>,
    state: Mutex<(State, Waker)>,
}

impl Pulse {
    fn state(&self) -> MutexGuard<'_, (State, Waker)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        let before = std::mem::replace(&mut self.state().0, State::Ended);
        if !matches!(before, State::Resting | State::Ended) {
            self.activity.rests();
        }
    }
}

impl Wake for Pulse {
    fn wake(self: Arc<Self>) {
        let outer = {
            let mut state = self.state();
            match state.0 {
                State::Resting => {
                    state.0 = State::Woken;
                    self.activity.stirs();
                }
                State::Running => state.0 = State::RunningAndWoken,
                State::Woken | State::RunningAndWoken | State::Ended => {}
            }
            state.1.clone()
        };
        outer.wake();
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        {
            let mut state = this.pulse.state();
            if state.0 == State::Resting {
                this.pulse.activity.stirs();
            }
            *state = (State::Running, context.waker().clone());
        }
        let waker = Waker::from(Arc::clone(&this.pulse));
        let polled = this.task.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            this.pulse.end();
            return polled;
        }
        let mut state = this.pulse.state();
        if state.0 == State::RunningAndWoken {
            state.0 = State::Woken;
        } else {
            state.0 = State::Resting;
            drop(state);
            this.pulse.activity.rests();
        }
        polled
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        self.pulse.end();
    }
}
