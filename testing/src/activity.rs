use std::cell::Cell;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

thread_local!(static IN_TASK: Cell<bool> = const { Cell::new(false) });

/// Whether it is a watched task that asks.
pub(crate) fn is_in_task() -> bool {
    IN_TASK.get()
}

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

/// A task that is polled though nothing has woken it, because whoever holds it was, counts as resting.
#[derive(Clone, Copy)]
enum State {
    /// It waits for something.
    Resting,
    /// It has been woken and will be polled.
    Woken,
    Running {
        counts: bool,
    },
    /// It runs and has been woken meanwhile.
    RunningAndWoken {
        counts: bool,
    },
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

    fn begin(&self, outer: &Waker) {
        let mut state = self.state();
        *state = (State::Running { counts: !matches!(state.0, State::Resting) }, outer.clone());
    }

    fn rest(&self) {
        let mut state = self.state();
        if let State::RunningAndWoken { counts } = state.0 {
            state.0 = State::Woken;
            if !counts {
                self.activity.stirs();
            }
            return;
        }
        let before = std::mem::replace(&mut state.0, State::Resting);
        drop(state);
        if before.counts() {
            self.activity.rests();
        }
    }

    fn end(&self) {
        let before = std::mem::replace(&mut self.state().0, State::Ended);
        if before.counts() {
            self.activity.rests();
        }
    }
}

impl State {
    /// Whether it is among those that have something to do.
    const fn counts(self) -> bool {
        match self {
            Self::Woken => true,
            Self::Running { counts } | Self::RunningAndWoken { counts } => counts,
            Self::Resting | Self::Ended => false,
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
                State::Running { counts } => state.0 = State::RunningAndWoken { counts },
                State::Woken | State::RunningAndWoken { .. } | State::Ended => {}
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
        this.pulse.begin(context.waker());
        let waker = Waker::from(Arc::clone(&this.pulse));
        let outside = IN_TASK.replace(true);
        let polled = this.task.as_mut().poll(&mut Context::from_waker(&waker));
        IN_TASK.set(outside);
        if polled.is_ready() {
            this.pulse.end();
        } else {
            this.pulse.rest();
        }
        polled
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        self.pulse.end();
    }
}
