//! Driving what is due: the timers of a category are the index of what somebody must look at.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use annals_core::store::ReadError;
use annals_core::{Category, StreamId};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::shared::{Shared, patience};

/// How many streams are driven at once.
const AT_ONCE: usize = 128;

/// How many due timers are read at once.
const BATCH: usize = 512;

/// How soon the timers are looked at again when nothing in this process says that there is a reason: what another process
/// has begun and left is found by then. As long as there is nothing, the wait doubles.
const GLANCE: Duration = Duration::from_secs(1);

/// The longest wait between two looks.
const LONGEST_GLANCE: Duration = Duration::from_secs(32);

/// Drives the streams of a category whose timers are due, each by one task at a time.
pub(crate) struct Alarm {
    category: Category,
    driven: Mutex<BTreeSet<StreamId>>,
    nudge: Notify,
    permits: Arc<Semaphore>,
}

impl Alarm {
    pub(crate) fn new(category: Category) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        Arc::new(Self { category, driven: Mutex::default(), nudge: Notify::new(), permits })
    }

    /// Says that something may be due.
    pub(crate) fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Drives what is due until the application stops. Whatever `drive` does not finish keeps its timer.
    pub(crate) async fn serve<Fut>(self: Arc<Self>, shared: Arc<Shared>, drive: impl Fn(StreamId) -> Fut + Send + Sync)
    where
        Fut: Future<Output = ()> + Send + 'static,
    {
        let mut failures = 0;
        while let Err(error) = self.serve_while_it_works(&shared, &drive).await {
            tracing::warn!(category = %self.category, %error, failures, "timers cannot be read, trying again");
            if !shared.pause(patience(failures)).await {
                return;
            }
            failures = failures.saturating_add(1);
        }
    }

    async fn serve_while_it_works<Fut>(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        drive: &(impl Fn(StreamId) -> Fut + Sync),
    ) -> Result<(), ReadError>
    where
        Fut: Future<Output = ()> + Send + 'static,
    {
        let mut patience = GLANCE;
        loop {
            let due = self.due(shared).await?;
            let any_due = !due.is_empty();
            for stream in due {
                let permit = tokio::select! {
                    () = shared.life.stop.cancelled() => return Ok(()),
                    permit = Arc::clone(&self.permits).acquire_owned() => permit,
                };
                let Ok(permit) = permit else { return Ok(()) };
                if self.driven().insert(stream.clone()) {
                    self.begin(shared, stream.clone(), permit, drive(stream));
                }
            }
            if any_due {
                patience = GLANCE;
                continue;
            }
            let now = shared.env().now();
            let glance = now.after(patience);
            patience = (patience * 2).min(LONGEST_GLANCE);
            let next = match shared.timers() {
                Some(timers) => timers.next_due(&self.category, now).await?.map_or(glance, |due| due.min(glance)),
                None => glance,
            };
            tokio::select! {
                () = shared.life.stop.cancelled() => return Ok(()),
                () = self.nudge.notified() => patience = GLANCE,
                () = shared.env().sleep_until(next) => {}
            }
        }
    }

    /// The streams that are due and not being driven, the longest due first.
    async fn due(&self, shared: &Shared) -> Result<Vec<StreamId>, ReadError> {
        let Some(timers) = shared.timers() else { return Ok(Vec::new()) };
        let limit = self.driven().len() + BATCH;
        let due = timers.due(&self.category, shared.env().now(), limit).await?;
        let driven = self.driven();
        Ok(due.into_iter().map(|timer| timer.owner).filter(|stream| !driven.contains(stream)).collect())
    }

    fn begin(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        stream: StreamId,
        permit: OwnedSemaphorePermit,
        driving: impl Future<Output = ()> + Send + 'static,
    ) {
        let alarm = Arc::clone(self);
        shared.spawn(async move {
            driving.await;
            alarm.driven().remove(&stream);
            drop(permit);
            alarm.nudge();
        });
    }

    fn driven(&self) -> MutexGuard<'_, BTreeSet<StreamId>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm").field("category", &self.category).field("driven", &self.driven().len()).finish_non_exhaustive()
    }
}
