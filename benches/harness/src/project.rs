//! A read model that catches up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use crate::{Report, Spawn, Subject, Task};

/// How far a read model has come.
#[derive(Debug, Default)]
pub struct Progress {
    events: AtomicU64,
    wanted: u64,
}

impl Progress {
    /// Notes that so many more events are in the read model, durably.
    pub fn add(&self, events: u64) {
        self.events.fetch_add(events, Ordering::Relaxed);
    }

    /// Notes how many there are by now.
    pub fn set(&self, events: u64) {
        self.events.store(events, Ordering::Relaxed);
    }

    /// How many there are.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// How many there are to be.
    pub fn wanted(&self) -> u64 {
        self.wanted
    }
}

/// Lets a read model catch up, for the whole history or until the time is over.
pub(crate) async fn catch_up<S: Subject>(task: &Task, subject: Arc<S>, spawn: &impl Spawn) -> Report {
    let progress = Arc::new(Progress { wanted: task.history(), ..Progress::default() });
    let (answer, answered) = mpsc::channel();
    let begun = Instant::now();
    let (model, of) = (Arc::clone(&subject), Arc::clone(&progress));
    spawn(Box::pin(async move {
        let caught_up = model.project(of).await;
        // Nobody listens any more if the time is over.
        let _ = answer.send((caught_up, begun.elapsed()));
    }));
    // A thread waits, because the runtimes have no clock in common.
    let (ended, ends) = oneshot::channel();
    let (time, so_far) = (Duration::from_secs_f64(task.seconds), Arc::clone(&progress));
    thread::spawn(move || {
        let answer = answered.recv_timeout(time);
        let _ = ended.send((answer, so_far.events(), begun.elapsed()));
    });
    match ends.await {
        Ok((Ok((Ok(()), elapsed)), ..)) => match subject.projected().await {
            Ok(events) => caught_up(events.unwrap_or_else(|| progress.events()), progress.wanted, elapsed),
            Err(failure) => Report::failed(failure),
        },
        Ok((Ok((Err(failure), _)), ..)) => Report::failed(failure),
        Ok((Err(RecvTimeoutError::Timeout), events, elapsed)) if events > 0 => {
            Report { done: events, elapsed, ..Report::default() }
        }
        Ok((Err(RecvTimeoutError::Timeout), ..)) => Report::failed("nothing was in the read model when the time was over"),
        Ok((Err(RecvTimeoutError::Disconnected), ..)) | Err(_) => Report::failed("the read model panicked"),
    }
}

fn caught_up(events: u64, wanted: u64, elapsed: Duration) -> Report {
    if events == wanted {
        return Report { done: events, elapsed, ..Report::default() };
    }
    Report::failed(format!("{events} events are in the read model, not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_model_that_misses_events_or_has_them_twice_is_not_measured() {
        let time = Duration::from_secs(1);
        assert_eq!(caught_up(100, 100, time), Report { done: 100, elapsed: time, ..Report::default() });
        assert_eq!(caught_up(99, 100, time).failure.as_deref(), Some("99 events are in the read model, not 100"));
        assert_eq!(caught_up(101, 100, time).done, 0);
    }
}
