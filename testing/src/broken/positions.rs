use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use annals_core::store::{Append, AppendError, Appended, LogPage, ReadError, ReadLog, ReadStream, StreamPage};
use annals_core::{EventStore, Position, RecordedEvent};
use async_trait::async_trait;
use tokio::task::yield_now;

use super::Flaw;

/// Lets readers past appends that have their positions but are not visible yet: `SELECT … WHERE id > $1` over a
/// `bigserial`, the flaw that nearly every SQL event store has had.
#[derive(Debug, Default)]
pub struct SkippingReader {
    /// Held while an append takes its positions, and while a page is read.
    gate: tokio::sync::Mutex<()>,
    invisible: Mutex<BTreeSet<Position>>,
    appends: AtomicUsize,
}

impl SkippingReader {
    fn with_invisible<T>(&self, act: impl FnOnce(&mut BTreeSet<Position>) -> T) -> T {
        act(&mut self.invisible.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An append that is stored, and becomes visible when this is dropped.
struct Committing<'a>(&'a SkippingReader, Vec<Position>);

impl Drop for Committing<'_> {
    fn drop(&mut self) {
        self.0.with_invisible(|invisible| invisible.retain(|position| !self.1.contains(position)));
    }
}

#[async_trait]
impl Flaw for SkippingReader {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let gate = self.gate.lock().await;
        let appended = store.append(append).await?;
        let positions = (appended.first.get()..=appended.last.get()).filter_map(|position| Position::new(position).ok());
        let committing = Committing(self, if appended.repeated { Vec::new() } else { positions.collect() });
        self.with_invisible(|invisible| invisible.extend(&committing.1));
        drop(gate);
        for _ in 0..self.appends.fetch_add(1, Ordering::Relaxed) % 7 {
            yield_now().await;
        }
        drop(committing);
        Ok(appended)
    }

    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let _gate = self.gate.lock().await;
        let mut page = store.read_log(read).await?;
        self.with_invisible(|invisible| page.events.retain(|event| !invisible.contains(&event.position)));
        Ok(page)
    }
}

/// Gives all events of an append one position: that of the transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReusedPosition;

async fn share_positions(store: &dyn EventStore, events: &mut [RecordedEvent]) -> Result<(), ReadError> {
    for event in events {
        if let Some(appended) = store.appended(event.append_id).await? {
            event.position = appended.last;
        }
    }
    Ok(())
}

#[async_trait]
impl Flaw for ReusedPosition {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let appended = store.append(append).await?;
        Ok(Appended { first: appended.last, ..appended })
    }

    async fn read_stream(&self, store: &dyn EventStore, read: ReadStream) -> Result<StreamPage, ReadError> {
        let mut page = store.read_stream(read).await?;
        share_positions(store, &mut page.events).await?;
        Ok(page)
    }

    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let mut page = store.read_log(read).await?;
        share_positions(store, &mut page.events).await?;
        Ok(page)
    }
}

/// Says that it has scanned to where nothing is yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct OverreachingReader;

#[async_trait]
impl Flaw for OverreachingReader {
    async fn read_log(&self, store: &dyn EventStore, read: ReadLog) -> Result<LogPage, ReadError> {
        let page = store.read_log(read).await?;
        let beyond = page.scanned_to.next().unwrap_or(page.scanned_to);
        Ok(LogPage { scanned_to: if page.at_end { beyond } else { page.scanned_to }, ..page })
    }
}
