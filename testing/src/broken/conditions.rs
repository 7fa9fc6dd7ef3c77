use annals_core::store::{Append, AppendError, Appended, ReadLog};
use annals_core::{EventStore, LogPosition, Position};
use async_trait::async_trait;
use tokio::task::yield_now;

use super::Flaw;

/// Checks a condition first and appends afterwards, with room for others in between.
#[derive(Clone, Copy, Debug, Default)]
pub struct StaleCondition;

/// The first event that a condition excludes.
async fn excluded(store: &dyn EventStore, read: ReadLog) -> Option<Position> {
    let mut after = read.after;
    loop {
        let page = store.read_log(read.clone().after(after)).await.ok()?;
        if let Some(event) = page.events.first() {
            return Some(event.position);
        }
        if page.at_end {
            return None;
        }
        after = page.scanned_to;
    }
}

#[async_trait]
impl Flaw for StaleCondition {
    async fn append(&self, store: &dyn EventStore, mut append: Append) -> Result<Appended, AppendError> {
        append.check(&store.info().limits)?;
        let is_known = matches!(store.appended(append.id).await, Ok(Some(_)));
        if let Some(condition) = append.condition.take()
            && !is_known
        {
            let read = ReadLog::new(condition.filter).after(condition.after.position);
            if let Some(position) = excluded(store, read).await {
                return Err(AppendError::ConditionFailed { at: LogPosition::new(condition.after.log, position) });
            }
            yield_now().await;
        }
        store.append(append).await
    }
}
