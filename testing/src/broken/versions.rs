use annals_core::store::{Append, AppendError, Appended};
use annals_core::{EventStore, ExpectedVersion};
use async_trait::async_trait;

use super::Flaw;

/// Ignores what an append expects of its streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVersionCheck;

#[async_trait]
impl Flaw for NoVersionCheck {
    async fn append(&self, store: &dyn EventStore, mut append: Append) -> Result<Appended, AppendError> {
        for part in &mut append.streams {
            part.expected = ExpectedVersion::Any;
        }
        store.append(append).await
    }
}

/// Checks only the streams that it writes, as a store does whose check is the unique key of a new row.
#[derive(Clone, Copy, Debug, Default)]
pub struct UncheckedStream;

#[async_trait]
impl Flaw for UncheckedStream {
    async fn append(&self, store: &dyn EventStore, mut append: Append) -> Result<Appended, AppendError> {
        append.streams.retain(|part| !part.events.is_empty());
        store.append(append).await
    }
}
