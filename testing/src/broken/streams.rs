use annals_core::store::{Append, AppendError, Appended, ReadError, ReadStream, StreamPage};
use annals_core::{EventStore, StreamId};
use async_trait::async_trait;

use super::Flaw;

/// Writes stream after stream without a transaction: when one is not as expected, those before it stay written.
#[derive(Clone, Copy, Debug, Default)]
pub struct TornAppend;

#[async_trait]
impl Flaw for TornAppend {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let result = store.append(append.clone()).await;
        if let Err(AppendError::WrongExpectedVersion { stream, .. }) = &result {
            let mut part = Append { effects: Vec::new(), condition: None, ..append };
            let written = part.streams.iter().position(|part| part.stream == *stream).unwrap_or(0);
            part.streams.truncate(written);
            // If nothing is before it, this is refused as empty.
            let _ = store.append(part).await;
        }
        result
    }
}

/// Tells streams apart by category and id only, as a store does that forgot the tenant in its key.
#[derive(Clone, Copy, Debug, Default)]
pub struct MixedTenants;

fn without_tenant(stream: &StreamId) -> StreamId {
    StreamId::new(stream.category().as_str(), stream.id()).unwrap_or_else(|_| stream.clone())
}

#[async_trait]
impl Flaw for MixedTenants {
    async fn append(&self, store: &dyn EventStore, mut append: Append) -> Result<Appended, AppendError> {
        for part in &mut append.streams {
            part.stream = without_tenant(&part.stream);
        }
        store.append(append).await
    }

    async fn read_stream(&self, store: &dyn EventStore, read: ReadStream) -> Result<StreamPage, ReadError> {
        store.read_stream(ReadStream { stream: without_tenant(&read.stream), ..read }).await
    }
}
