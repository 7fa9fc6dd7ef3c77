//! Stores with one flaw each, to show that the [compliance suite](crate::compliance) notices it.
//!
//! Each is a sound store in which a [`Flaw`] breaks one promise, the way real stores have broken it:
//!
//! ```
//! use annals_store_memory::MemoryStore;
//! use annals_testing::broken::{Broken, NoVersionCheck};
//! use annals_testing::compliance::CHECKS;
//!
//! let check = CHECKS.iter().find(|check| check.name() == "an_exact_version_is_met_only_by_that_version").unwrap();
//! assert!(check.run(async || MemoryStore::new()).is_ok());
//! assert!(check.run(async || Broken::new(MemoryStore::new(), NoVersionCheck)).is_err());
//! ```

mod bodies;
mod cancellation;
mod conditions;
mod effects;
mod positions;
mod reading;
mod retries;
mod streams;
mod versions;
mod views;
mod waiting;

use std::fmt;
use std::sync::Arc;

use annals_core::store::{
    Append, AppendError, Appended, Inbox, Keys, LogPage, Outbox, ReadError, ReadLog, ReadStream, StoreInfo, StreamPage, Timers,
    Views,
};
use annals_core::{AppendId, EventStore, LogId, Position};
use async_trait::async_trait;

pub use bodies::{RewrittenBody, TruncatedBody};
pub use cancellation::HalfCancelledAppend;
pub use conditions::StaleCondition;
pub use effects::{EffectsAfterwards, EffectsBeforehand};
pub use positions::{OverreachingReader, ReusedPosition, SkippingReader};
pub use reading::{StuckReader, TagsAsAlternatives};
pub use retries::{ForgottenAppendId, RacingAppendId};
pub use streams::{MixedTenants, TornAppend};
pub use versions::{NoVersionCheck, UncheckedStream};
pub use views::{DeletedBeforehand, UnfencedViews};
pub use waiting::LostWakeUp;

/// What is wrong with a store: each method does what the sound store does, unless the flaw is there.
#[async_trait]
pub trait Flaw: Send + Sync + 'static {
    /// See [`EventStore::append`].
    ///
    /// # Errors
    /// As there.
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        store.append(append).await
    }

    /// See [`EventStore::appended`].
    ///
    /// # Errors
    /// As there.
    async fn appended(&self, store: &dyn EventStore, id: AppendId) -> Result<Option<Appended>, ReadError> {
        store.appended(id).await
    }

    /// See [`EventStore::read_stream`].
    ///
    /// # Errors
    /// As there.
    async fn read_stream(&self, store: &dyn EventStore, read: ReadStream) -> Result<StreamPage, ReadError> {
        store.read_stream(read).await
    }

    /// See [`EventStore::read_log`].
    ///
    /// # Errors
    /// As there.
    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        store.read_log(read).await
    }

    /// See [`EventStore::wait`].
    ///
    /// # Errors
    /// As there.
    async fn wait(&self, store: &dyn EventStore, log: LogId, after: Position) -> Result<(), ReadError> {
        store.wait(log, after).await
    }

    /// See [`Views::commit`]: whether a commit is checked against the checkpoint.
    fn fences_views(&self) -> bool {
        true
    }

    /// See [`Views::commit`]: whether documents are deleted only by a commit that is not fenced off.
    fn deletes_documents_last(&self) -> bool {
        true
    }
}

/// A store with a flaw.
pub struct Broken<F> {
    store: Arc<dyn EventStore>,
    flaw: F,
}

impl<F: Flaw> Broken<F> {
    /// Breaks a store.
    pub fn new(store: impl EventStore, flaw: F) -> Self {
        Self { store: Arc::new(store), flaw }
    }
}

impl<F> fmt::Debug for Broken<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broken").field("store", &self.store.info().name).finish_non_exhaustive()
    }
}

#[async_trait]
impl<F: Flaw> EventStore for Broken<F> {
    fn info(&self) -> &StoreInfo {
        self.store.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.flaw.append(&*self.store, append).await
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.flaw.appended(&*self.store, id).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.flaw.read_stream(&*self.store, read).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.flaw.read_log(&*self.store, read).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.flaw.wait(&*self.store, log, after).await
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.store.timers()
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.store.outbox()
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        self.store.inbox()
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.store.keys()
    }

    fn views(&self) -> Option<&dyn Views> {
        let is_sound = self.flaw.fences_views() && self.flaw.deletes_documents_last();
        if is_sound { self.store.views() } else { self.store.views().map(|_| self as &dyn Views) }
    }
}
