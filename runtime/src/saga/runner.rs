use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use annals_core::saga::Saga;
use annals_core::store::{ReadError, ViewName};
use annals_core::{LogId, StreamId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::drive::drive;
use super::starter::Starter;
use crate::progress::{Health, Progress};
use crate::projection;
use crate::shared::{Shared, patience};

/// How many instances are driven at once.
const AT_ONCE: usize = 128;

/// How many due timers are read at once.
const BATCH: usize = 512;

/// How long until the timers are looked at again when nothing in this process says that there is a reason: what another
/// process has begun and left is found by then.
const GLANCE: Duration = Duration::from_secs(1);

/// Drives the instances of a saga.
pub(crate) struct Runner<S> {
    pub(crate) saga: Saga<S>,
    driven: Mutex<BTreeSet<StreamId>>,
    nudge: Notify,
    permits: Arc<Semaphore>,
}

impl<S> Runner<S> {
    pub(crate) fn new(saga: Saga<S>) -> Self {
        Self { saga, driven: Mutex::default(), nudge: Notify::new(), permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Says that something may be due.
    pub(super) fn nudge(&self) {
        self.nudge.notify_one();
    }

    fn driven(&self) -> std::sync::MutexGuard<'_, BTreeSet<StreamId>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Runner<S> {
    /// Starts the tasks of the saga: one that starts instances from events, one that drives those that are due.
    pub(crate) fn start(self: Arc<Self>, shared: &Arc<Shared>, name: ViewName, progress: Progress) {
        let runner = Arc::clone(&self);
        let with = Arc::clone(shared);
        shared.spawn(async move { runner.serve(with).await });
        match self.saga.starts_on() {
            Some(filter) => {
                let starter = Starter { runner: self, shared: Arc::clone(shared), name, filter };
                shared.spawn(projection::run(Box::new(starter), Arc::clone(shared), progress));
            }
            None => progress.idle(),
        }
    }

    async fn serve(self: Arc<Self>, shared: Arc<Shared>) {
        let mut failures = 0;
        loop {
            match self.serve_while_it_works(&shared).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(saga = self.saga.plan().name, %error, failures, "timers cannot be read, trying again");
                    if !shared.pause(patience(failures)).await {
                        return;
                    }
                    failures = failures.saturating_add(1);
                }
            }
        }
    }

    async fn serve_while_it_works(self: &Arc<Self>, shared: &Arc<Shared>) -> Result<(), ReadError> {
        loop {
            let due = self.due(shared).await?;
            let any_due = !due.is_empty();
            for stream in due {
                let permit = tokio::select! {
                    () = shared.life.stop.cancelled() => return Ok(()),
                    permit = Arc::clone(&self.permits).acquire_owned() => permit,
                };
                let Ok(permit) = permit else { return Ok(()) };
                self.begin(shared, stream, permit);
            }
            if any_due {
                continue;
            }
            let now = shared.env().now();
            let glance = now.after(GLANCE);
            let next = match shared.timers() {
                Some(timers) => timers.next_due(self.saga.category(), now).await?.map_or(glance, |due| due.min(glance)),
                None => glance,
            };
            tokio::select! {
                () = shared.life.stop.cancelled() => return Ok(()),
                () = self.nudge.notified() => {}
                () = shared.env().sleep_until(next) => {}
            }
        }
    }

    /// The instances that are due and not being driven, the longest due first.
    async fn due(&self, shared: &Shared) -> Result<Vec<StreamId>, ReadError> {
        let Some(timers) = shared.timers() else { return Ok(Vec::new()) };
        let limit = self.driven().len() + BATCH;
        let due = timers.due(self.saga.category(), shared.env().now(), limit).await?;
        let driven = self.driven();
        Ok(due.into_iter().map(|timer| timer.owner).filter(|stream| !driven.contains(stream)).collect())
    }

    fn begin(self: &Arc<Self>, shared: &Arc<Shared>, stream: StreamId, permit: OwnedSemaphorePermit) {
        if !self.driven().insert(stream.clone()) {
            return;
        }
        let runner = Arc::clone(self);
        let with = Arc::clone(shared);
        shared.spawn(async move {
            drive(&runner.saga, &with, stream.clone()).await;
            runner.driven().remove(&stream);
            drop(permit);
            runner.nudge();
        });
    }
}

impl<S> std::fmt::Debug for Runner<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("saga", &self.saga).field("log", &LogId::MAIN).finish_non_exhaustive()
    }
}

impl Progress {
    /// A part that reads no log has always come as far as anybody waits for.
    fn idle(&self) {
        self.reached(annals_core::Position::MAX);
        self.report(Health::Running);
    }
}
