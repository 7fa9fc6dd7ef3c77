use annals_core::Payload;
use annals_core::store::{Append, AppendError, Appended, LogPage, ReadError, ReadLog, ReadStream, StreamPage};
use annals_core::{EventStore, Json, RecordedEvent};
use async_trait::async_trait;

use super::Flaw;

/// Reads JSON and writes it anew, as a column of type `jsonb` does.
#[derive(Clone, Copy, Debug, Default)]
pub struct RewrittenBody;

fn rewrite(event: &mut RecordedEvent) {
    let rewritten = event.payload.read::<Json>().ok().and_then(|json| Payload::json(&json).ok());
    if let Some(payload) = rewritten {
        event.payload = payload;
    }
}

#[async_trait]
impl Flaw for RewrittenBody {
    async fn read_stream(&self, store: &dyn EventStore, read: ReadStream) -> Result<StreamPage, ReadError> {
        let mut page = store.read_stream(read).await?;
        page.events.iter_mut().for_each(rewrite);
        Ok(page)
    }

    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let mut page = store.read_log(read).await?;
        page.events.iter_mut().for_each(rewrite);
        Ok(page)
    }
}

/// Cuts off a body that is too large instead of refusing it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TruncatedBody;

#[async_trait]
impl Flaw for TruncatedBody {
    async fn append(&self, store: &dyn EventStore, mut append: Append) -> Result<Appended, AppendError> {
        let limit = store.info().limits.payload_bytes;
        for event in append.streams.iter_mut().flat_map(|part| &mut part.events) {
            event.payload.data.truncate(limit);
        }
        store.append(append).await
    }
}
