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
use crate::TestEnv;
use crate::activity::Activity;

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
pub struct FaultStore {
    inner: Arc<Inner>,
    activity: Option<Arc<Activity>>,
}

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
        let inner = Inner { store, plan: plan.prepared(), counts: Default::default(), crashed };
        Self { inner: Arc::new(inner), activity: None }
    }

    /// Virtual time stands still in `test` while the store works: for stores with threads of their own.
    #[must_use]
    pub fn watched(self, test: &TestEnv) -> Self {
        Self { activity: Some(Arc::clone(test.activity())), ..self }
    }

    /// How many operations of a kind there have been, failed ones included.
    pub fn count(&self, operation: Operation) -> u64 {
        self.counter(operation).load(Ordering::SeqCst)
    }

    /// Whether a crash was met.
    pub fn has_crashed(&self) -> bool {
        *self.inner.crashed.borrow()
    }

    /// Lets the next calls through again after a crash. Counting goes on.
    pub fn restart(&self) {
        self.inner.crashed.send_replace(false);
    }

    /// The store behind.
    pub fn sound(&self) -> &Arc<dyn EventStore> {
        &self.inner.store
    }

    fn counter(&self, operation: Operation) -> &AtomicU64 {
        &self.inner.counts[Operation::ALL.iter().position(|of| *of == operation).unwrap_or_default()]
    }

    fn failure(&self, kind: FailureKind, text: &str) -> StoreFailure {
        StoreFailure::plain(kind, format!("reach the store `{}`: {text}", self.inner.store.info().name))
    }

    fn crash(&self) -> StoreFailure {
        self.inner.crashed.send_replace(true);
        self.failure(FailureKind::Closed, "the program has crashed, as planned")
    }

    pub(super) fn check_alive(&self) -> Result<(), StoreFailure> {
        if self.has_crashed() { Err(self.failure(FailureKind::Closed, "the program has crashed")) } else { Ok(()) }
    }

    /// Does something that may fail, as the plan says.
    pub(super) async fn attempt<T>(&self, operation: Operation, act: impl Future<Output = T>) -> Result<T, Failed> {
        self.check_alive().map_err(Failed::Refused)?;
        let n = self.counter(operation).fetch_add(1, Ordering::SeqCst) + 1;
        let fault = self.inner.plan.fault(operation, n);
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
        let done = self.while_busy(act).await;
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

    /// Does something in the store, which counts as activity as long as it takes.
    pub(super) async fn while_busy<T>(&self, act: impl Future<Output = T>) -> T {
        let _busy = self.activity.as_ref().map(Activity::begin);
        act.await
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
        f.debug_struct("FaultStore").field("plan", &self.inner.plan).field("counts", &self.inner.counts).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for FaultStore {
    fn info(&self) -> &StoreInfo {
        self.inner.store.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        match self.attempt(Operation::Append, self.inner.store.append(append)).await {
            Ok(result) => result,
            Err(Failed::Refused(failure)) => Err(AppendError::NotStored(failure)),
            Err(Failed::Unknown(failure)) => Err(AppendError::Unknown(failure)),
        }
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.read(self.inner.store.appended(id)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.read(self.inner.store.read_stream(read)).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.read(self.inner.store.read_log(read)).await
    }

    /// Fails when the program has crashed, also while it waits.
    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        let mut crashed = self.inner.crashed.subscribe();
        tokio::select! {
            biased;
            _ = crashed.wait_for(|crashed| *crashed) => Ok(self.check_alive()?),
            result = self.inner.store.wait(log, after) => result,
        }
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.inner.store.timers().map(|_| self as &dyn Timers)
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.inner.store.outbox().map(|_| self as &dyn Outbox)
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        self.inner.store.inbox().map(|_| self as &dyn Inbox)
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.inner.store.keys().map(|_| self as &dyn Keys)
    }

    fn views(&self) -> Option<&dyn Views> {
        self.inner.store.views().map(|_| self as &dyn Views)
    }
}
