//! A store that ends the process at a commit, to see that the next run goes on from there.

use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use annals::store::{
    Append, AppendError, Appended, Checkpoint, Inbox, Keys, LogPage, Outbox, ReadError, ReadLog, ReadStream, StoreInfo,
    StreamPage, Timers, ViewCommit, ViewEntry, ViewError, ViewName, Views,
};
use annals::{AppendId, EventStore, LogId, Payload, Position};
use async_trait::async_trait;

/// Counts the commits to a store: appends and view commits that were stored.
pub(crate) struct AbortingStore {
    inner: Arc<dyn EventStore>,
    before: Option<u64>,
    after: Option<u64>,
    commits: AtomicU64,
}

impl AbortingStore {
    /// Aborts the process before one commit and after another, counted from 1.
    pub(crate) fn new(inner: Arc<dyn EventStore>, before: Option<u64>, after: Option<u64>) -> Self {
        Self { inner, before, after, commits: AtomicU64::new(0) }
    }

    fn before_commit(&self) {
        if self.before.is_some_and(|before| self.commits.load(Ordering::SeqCst) + 1 >= before) {
            abort();
        }
    }

    fn after_commit(&self) {
        let commits = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if self.after == Some(commits) {
            abort();
        }
    }

    fn inner_views(&self) -> &dyn Views {
        self.inner.views().unwrap_or_else(|| unreachable!("`views` says that there are none"))
    }
}

#[async_trait]
impl EventStore for AbortingStore {
    fn info(&self) -> &StoreInfo {
        self.inner.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.before_commit();
        let appended = self.inner.append(append).await?;
        if !appended.repeated {
            self.after_commit();
        }
        Ok(appended)
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.inner.appended(id).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.inner.read_stream(read).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.inner.read_log(read).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.inner.wait(log, after).await
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.inner.timers()
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.inner.outbox()
    }

    fn inbox(&self) -> Option<&dyn Inbox> {
        self.inner.inbox()
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.inner.keys()
    }

    fn views(&self) -> Option<&dyn Views> {
        self.inner.views().map(|_| self as &dyn Views)
    }
}

#[async_trait]
impl Views for AbortingStore {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        self.inner_views().checkpoint(view, version).await
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        self.inner_views().get(view, version, key).await
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        self.inner_views().list(view, version, prefix, after, limit).await
    }

    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError> {
        self.before_commit();
        self.inner_views().commit(commit).await?;
        self.after_commit();
        Ok(())
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        self.inner_views().reset(view, version).await
    }
}
