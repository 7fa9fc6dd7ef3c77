//! What the parts of a running application have in common.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use annals_core::describe::Application;
use annals_core::dispatch::AnyCommand;
use annals_core::store::Timers;
use annals_core::store::{PageSize, ReadError, ReadLog};
use annals_core::{Env, Filter, LogId, LogPosition, Payload, PayloadError, Position};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alarm::Alarm;
use crate::bus::Bus;
use crate::engine::{Engine, Store};
use crate::progress::Progress;

/// What the parts of a running application have in common.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) bus: Bus,
    pub(crate) aggregates: BTreeSet<TypeId>,
    /// How the commands of the aggregates are read, by category and name.
    pub(crate) commands: BTreeMap<(String, String), ReadCommand>,
    /// What sends commands that were put off; none if the store keeps no timers.
    pub(crate) schedule: Option<Arc<Alarm>>,
    /// How far projections and subscribers have come, by name.
    pub(crate) progress: BTreeMap<String, Progress>,
    /// The names of those among them that are projections.
    pub(crate) projections: BTreeSet<String>,
    /// The runners of sagas, by the type of their state.
    pub(crate) sagas: BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>,
    pub(crate) description: Application,
    pub(crate) life: Life,
    /// Where the log was last seen to end.
    pub(crate) seen_end: AtomicU64,
}

/// Reads a stored command.
pub(crate) type ReadCommand = fn(&Payload) -> Result<Box<dyn AnyCommand>, PayloadError>;

/// The end of an application, in two stages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    /// Nothing new is begun.
    pub(crate) stop: CancellationToken,
    /// What is still being done is handed back.
    pub(crate) kill: CancellationToken,
    /// What the application runs by itself.
    pub(crate) tasks: TaskTracker,
    /// Commands that are being sent, by whoever polls them.
    pub(crate) sending: TaskTracker,
}

impl Shared {
    pub(crate) fn env(&self) -> &Env {
        &self.engine.env
    }

    pub(crate) fn store(&self) -> &Store {
        &self.engine.store
    }

    pub(crate) fn timers(&self) -> Option<&dyn Timers> {
        self.engine.store.timers()
    }

    /// Starts a task that the shutdown waits for, and drops once it has waited enough.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let kill = self.life.kill.clone();
        let task = async move {
            tokio::select! {
                // The task first: it may have something to say at the end.
                biased;
                () = task => {}
                () = kill.cancelled() => {}
            }
        };
        self.env().spawn(self.life.tasks.track_future(task));
    }

    /// Waits, unless the application stops first: then `false`.
    pub(crate) async fn pause(&self, wait: Duration) -> bool {
        let until = self.env().now().after(wait);
        tokio::select! {
            () = self.life.stop.cancelled() => false,
            () = self.env().sleep_until(until) => true,
        }
    }

    /// The end of the main log as it is now.
    pub(crate) async fn end_of_log(&self) -> Result<LogPosition, ReadError> {
        // A filter on a category that nobody writes matches nothing: the pages are empty, and the last one says where the
        // log ends. It never ends before where it was last seen to.
        let nothing = annals_core::Category::new("$nothing").map(Filter::category).unwrap_or_default();
        let mut after = Position::new(self.seen_end.load(Ordering::Relaxed)).unwrap_or_default();
        loop {
            let read = ReadLog::new(nothing.clone()).after(after).size(PageSize::events(PageSize::MAX_EVENTS));
            let page = self.store().read_log(read).await?;
            self.seen_end.fetch_max(page.scanned_to.get(), Ordering::Relaxed);
            if page.at_end {
                return Ok(LogPosition::new(LogId::MAIN, page.scanned_to));
            }
            after = page.scanned_to;
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("engine", &self.engine).field("parts", &self.progress.keys()).finish_non_exhaustive()
    }
}

/// How long to wait before something that failed `failures` times in a row is tried again: 50 ms, doubling up to 10 s.
pub(crate) fn patience(failures: u32) -> Duration {
    Duration::from_millis(50_u64.saturating_mul(1 << failures.min(10))).min(Duration::from_secs(10))
}
