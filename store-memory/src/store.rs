use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use annals_core::store::{
    Append, AppendError, Appended, Capability, ConditionModel, Epoch, Inbox, Keys, Limits, LogInfo, LogPage, Outbox, ReadError,
    ReadLog, ReadStream, StoreInfo, StreamPage, Timers, Views,
};
use annals_core::{AppendId, Clock, Env, EventStore, LogId, Position, Random, SystemClock, SystemRandom};
use async_trait::async_trait;
use uuid::Uuid;

use crate::state::State;
use crate::wait::End;

/// An event store in memory. Clones share one state, which is gone with the last of them.
#[derive(Clone)]
pub struct MemoryStore {
    info: Arc<StoreInfo>,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    /// Held for a moment at a time, never across an `await`.
    state: Mutex<State>,
    end: End,
}

impl MemoryStore {
    /// An empty store with the clock of the machine.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store with another clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::create(clock, Uuid::from_u64_pair(SystemRandom.next_u64(), SystemRandom.next_u64()))
    }

    /// An empty store with the clock of `env` and an identity from its randomness, so that a run can be repeated.
    pub fn in_env(env: &Env) -> Self {
        Self::create(env.clock(), env.uuid())
    }

    fn create(clock: Arc<dyn Clock>, epoch: Uuid) -> Self {
        let info = StoreInfo {
            name: "memory",
            logs: vec![LogInfo { id: LogId::MAIN, epoch: Epoch::from_uuid(epoch) }],
            limits: Limits::default(),
            conditions: ConditionModel::Exact,
            capabilities: vec![Capability::Timers, Capability::Outbox, Capability::Inbox, Capability::Keys, Capability::Views],
            durable: false,
        };
        let shared = Shared { clock, state: Mutex::default(), end: End::default() };
        Self { info: Arc::new(info), shared: Arc::new(shared) }
    }

    /// The same store, with other limits for what is appended through this handle and its clones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        Arc::make_mut(&mut self.info).limits = limits;
        self
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("no code that panics runs under this lock")
    }

    fn check_log(&self, log: LogId) -> Result<(), ReadError> {
        if self.info.log(log).is_some() { Ok(()) } else { Err(ReadError::UnknownLog(log)) }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("end", &self.state().end()).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn info(&self) -> &StoreInfo {
        &self.info
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check(&self.info.limits)?;
        let lacking = append.effects.iter().map(|effect| effect.capability()).find(|needed| !self.info.can(*needed));
        if let Some(capability) = lacking {
            return Err(AppendError::Unsupported { store: self.info.name, capability });
        }
        let now = self.shared.clock.now();
        let appended = self.state().append(append, now)?;
        self.shared.end.reached(appended.last);
        Ok(appended)
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        Ok(self.state().outcome(id))
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        Ok(self.state().read_stream(&read))
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.check_log(read.log)?;
        Ok(self.state().read_log(&read))
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.check_log(log)?;
        self.shared.end.above(after).await;
        Ok(())
    }

    fn timers(&self) -> Option<&dyn Timers> {
        Some(self)
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        Some(self)
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        Some(self)
    }

    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }

    fn views(&self) -> Option<&dyn Views> {
        Some(self)
    }
}
