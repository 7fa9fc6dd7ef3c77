use annals_core::EventStore;
use annals_core::store::{Criterion, Filter, LogPage, ReadError, ReadLog};
use async_trait::async_trait;

use super::Flaw;

/// Remembers only the last event that matched, so that the checkpoint of a filtered reader stands still.
#[derive(Clone, Copy, Debug, Default)]
pub struct StuckReader;

#[async_trait]
impl Flaw for StuckReader {
    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let mut after = read.after;
        loop {
            let page = store.read_log(read.clone().after(after)).await?;
            after = page.scanned_to;
            if page.at_end || !page.events.is_empty() {
                let scanned_to = page.events.last().map_or(read.after, |event| event.position);
                return Ok(LogPage { scanned_to, ..page });
            }
        }
    }
}

/// Takes the tags of a criterion for alternatives.
#[derive(Clone, Copy, Debug, Default)]
pub struct TagsAsAlternatives;

#[async_trait]
impl Flaw for TagsAsAlternatives {
    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let alternatives = read.filter.criteria().iter().flat_map(|criterion| {
            let with = |tags: &[_]| {
                let names = criterion.names().iter().cloned().fold(Criterion::new(), Criterion::name);
                let parts = criterion.categories().iter().cloned().fold(names, Criterion::category);
                tags.iter().cloned().fold(parts, Criterion::tag)
            };
            let tags = criterion.tags();
            if tags.is_empty() { vec![with(tags)] } else { tags.chunks(1).map(with).collect() }
        });
        let filter = alternatives.fold(Filter::all(), Filter::or);
        store.read_log(ReadLog { filter, ..read }).await
    }
}
