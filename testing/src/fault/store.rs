use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use annals_core::store::{
    Append, AppendError, Appended, FailureKind, Inbox, Keys, LogPage, Outbox, ReadError, ReadLog, ReadStream, StoreFailure,
    StoreInfo, StreamPage, Timers, Views,
};
use annals_core::{AppendId, EventStore, LogId, Position};
use async_trait::async_trait;
use tokio::sync::watch;

use super::{Fault, FaultPlan, Operation};

/// A store that fails as planned, in front of one that does not. Clones share plan, counts and fate.
///
/// ```
/// use std::sync::Arc;
///
/// use annals_store_memory::MemoryStore;
/// use annals_testing::{Fault, FaultPlan, FaultStore, Operation};
///
/// let sound = Arc::new(MemoryStore::new());
/// let store = FaultStore::new(sound, FaultPlan::new().on(Operation::Append, 1, Fault::LoseReply));
/// // The first append through `store` is stored, and answers that its outcome is unknown.
/// # let _ = store;
/// ```
///
/// A crash is that of the program that uses the store: what it had appended is there after
/// [`restart`](Self::restart).
#[derive(Clone)]
pub struct FaultStore(Arc<Inner>);

struct Inner {
    store: Arc<dyn EventStore>,
    plan: FaultPlan,
    counts: [AtomicU64; Operation::ALL.len()],
    crashed: watch::Sender<bool>,
}

/// What a call is told when it fails.
pub(super) enum Failed {
    /// Nothing was done.
    Refused(StoreFailure),
    /// It may have been done.
    Unknown(StoreFailure),
}

impl FaultStore {
    /// Puts a plan in front of a store.
    pub fn new(store: Arc<dyn EventStore>, plan: FaultPlan) -> Self {
        let (crashed, _) = watch::channel(false);
        Self(Arc::new(Inner { store, plan: plan.prepared(), counts: Default::default(), crashed }))
    }

    /// How many operations of a kind there have been, failed ones included.
    pub fn count(&self, operation: Operation) -> u64 {
        self.counter(operation).load(Ordering::SeqCst)
    }

    /// Whether a crash was met.
    pub fn has_crashed(&self) -> bool {
        *self.0.crashed.borrow()
    }

    /// Lets the next calls through again after a crash. Counting goes on.
    pub fn restart(&self) {
        self.0.crashed.send_replace(false);
    }

    /// The store behind.
    pub fn sound(&self) -> &Arc<dyn EventStore> {
        &self.0.store
    }

    fn counter(&self, operation: Operation) -> &AtomicU64 {
        &self.0.counts[Operation::ALL.iter().position(|of| *of == operation).unwrap_or_default()]
    }

    fn failure(&self, kind: FailureKind, text: &str) -> StoreFailure {
        StoreFailure::plain(kind, format!("reach the store `{}`: {text}", self.0.store.info().name))
    }

    fn crash(&self) -> StoreFailure {
        self.0.crashed.send_replace(true);
        self.failure(FailureKind::Closed, "the program has crashed, as planned")
    }

    pub(super) fn check_alive(&self) -> Result<(), StoreFailure> {
        if self.has_crashed() { Err(self.failure(FailureKind::Closed, "the program has crashed")) } else { Ok(()) }
    }

    /// Does something that may fail, as the plan says.
    pub(super) async fn attempt<T>(&self, operation: Operation, act: impl Future<Output = T>) -> Result<T, Failed> {
        self.check_alive().map_err(Failed::Refused)?;
        let n = self.counter(operation).fetch_add(1, Ordering::SeqCst) + 1;
        let fault = self.0.plan.fault(operation, n);
        let lost = |what: &str| {
            let text = format!("{what} of {operation:?} {n} was lost, as planned");
            Failed::Unknown(self.failure(FailureKind::Unavailable, &text))
        };
        match &fault {
            Some(Fault::Refuse) => {
                let text = format!("it refuses {operation:?} {n}, as planned");
                return Err(Failed::Refused(self.failure(FailureKind::Unavailable, &text)));
            }
            Some(Fault::LoseRequest) => return Err(lost("the request")),
            Some(Fault::CrashBefore) => return Err(Failed::Unknown(self.crash())),
            Some(Fault::Delay(env, duration)) => env.sleep_until(env.now().after(*duration)).await,
            Some(Fault::Before(hook)) => hook(),
            Some(Fault::LoseReply | Fault::CrashAfter | Fault::After(_)) | None => {}
        }
        let done = act.await;
        match &fault {
            Some(Fault::LoseReply) => return Err(lost("the reply")),
            Some(Fault::CrashAfter) => return Err(Failed::Unknown(self.crash())),
            Some(Fault::After(hook)) => hook(),
            _ => {}
        }
        // Another call may have crashed meanwhile: then nobody is there to learn of this one.
        self.check_alive().map_err(Failed::Unknown)?;
        Ok(done)
    }

    pub(super) async fn read<T>(&self, act: impl Future<Output = Result<T, ReadError>>) -> Result<T, ReadError> {
        match self.attempt(Operation::Read, act).await {
            Ok(result) => result,
            Err(Failed::Refused(failure) | Failed::Unknown(failure)) => Err(failure.into()),
        }
    }
}

impl fmt::Debug for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultStore").field("plan", &self.0.plan).field("counts", &self.0.counts).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for FaultStore {
    fn info(&self) -> &StoreInfo {
        self.0.store.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        match self.attempt(Operation::Append, self.0.store.append(append)).await {
            Ok(result) => result,
            Err(Failed::Refused(failure)) => Err(AppendError::NotStored(failure)),
            Err(Failed::Unknown(failure)) => Err(AppendError::Unknown(failure)),
        }
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.read(self.0.store.appended(id)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.read(self.0.store.read_stream(read)).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.read(self.0.store.read_log(read)).await
    }

    /// Fails when the program has crashed, also while it waits.
    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        let mut crashed = self.0.crashed.subscribe();
        tokio::select! {
            biased;
            _ = crashed.wait_for(|crashed| *crashed) => Ok(self.check_alive()?),
            result = self.0.store.wait(log, after) => result,
        }
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.0.store.timers().map(|_| self as &dyn Timers)
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.0.store.outbox().map(|_| self as &dyn Outbox)
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        self.0.store.inbox().map(|_| self as &dyn Inbox)
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.0.store.keys().map(|_| self as &dyn Keys)
    }

    fn views(&self) -> Option<&dyn Views> {
        self.0.store.views().map(|_| self as &dyn Views)
    }
}
