use annals_core::store::{Append, AppendError, Appended, Filter, PageSize, ReadError, ReadLog};
use annals_core::{EventStore, LogId, Position};
use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::Flaw;

/// Looks first and listens afterwards: an append in between wakes nobody.
#[derive(Debug, Default)]
pub struct LostWakeUp(Notify);

#[async_trait]
impl Flaw for LostWakeUp {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let appended = store.append(append).await?;
        self.0.notify_waiters();
        Ok(appended)
    }

    async fn wait(&self, store: &dyn EventStore, log: LogId, after: Position) -> Result<(), ReadError> {
        let read = ReadLog::new(Filter::all()).log(log).after(after).size(PageSize::events(1));
        if store.read_log(read).await?.events.is_empty() {
            yield_now().await;
            self.0.notified().await;
        }
        Ok(())
    }
}
