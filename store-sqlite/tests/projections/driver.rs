//! What drives a projection in these tests, as the engine of an application does, and a projection to be driven.

use std::error::Error;
use std::sync::{Arc, Mutex};

use annals_core::store::{Anchor, Checkpoint, PageSize, ReadLog, ViewName};
use annals_core::{EventStore, ExpectedVersion, Filter, LogId, ProjectionSink, RecordedEvent, SinkError};
use annals_store_sqlite::{SqliteProjection, SqliteProjectionError, SqliteSink, SqliteStore, Transaction, params};

use crate::support::{one, order};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// What is done with an event of the stream that it is said for, instead of taking it in.
pub(crate) type Trick = fn(&Transaction<'_>) -> Result<(), SqliteProjectionError>;

/// Writes down each event that it sees.
#[derive(Clone)]
pub(crate) struct Diary {
    pub(crate) version: u32,
    pub(crate) setup: &'static str,
    pub(crate) trick: Arc<Mutex<Option<(&'static str, Trick)>>>,
}

impl Default for Diary {
    fn default() -> Self {
        let setup = "drop table if exists diary; create table diary (position integer not null, stream text not null) strict";
        Self { version: 1, setup, trick: Arc::default() }
    }
}

impl Diary {
    pub(crate) fn tricked(&self, stream: &'static str, trick: Trick) {
        *self.trick.lock().expect("nobody panics with it") = Some((stream, trick));
    }

    pub(crate) fn cured(&self) {
        *self.trick.lock().expect("nobody panics with it") = None;
    }
}

impl SqliteProjection for Diary {
    fn name(&self) -> ViewName {
        ViewName::from_static("diary")
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn filter(&self) -> Filter {
        Filter::all()
    }

    fn setup(&self, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
        Ok(tx.execute_batch(self.setup)?)
    }

    fn apply(&self, event: &RecordedEvent, tx: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
        let trick = *self.trick.lock().expect("nobody panics with it");
        if let Some((stream, trick)) = trick
            && stream == event.stream.id()
        {
            trick(tx)?;
        }
        let row = params![event.position.as_i64(), event.stream.id()];
        tx.prepare_cached("insert into diary values (?1, ?2)")?.execute(row)?;
        Ok(())
    }
}

/// A store in a folder of its own, with an event in each of these streams.
pub(crate) async fn store_with(streams: &[&str]) -> Result<(tempfile::TempDir, Arc<SqliteStore>), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(folder.path().join("events.db")).await?);
    for (number, stream) in (0..).zip(streams) {
        store.append(one(number, order(stream), ExpectedVersion::Any)).await?;
    }
    Ok((folder, store))
}

/// Takes in what is in the log, in pages of so many events.
pub(crate) async fn feed(sink: &mut dyn ProjectionSink, store: &SqliteStore, size: usize) -> Result<(), SinkError> {
    let mut stored = sink.checkpoint().await?;
    let mut current = stored.unwrap_or_else(|| Checkpoint::start(LogId::MAIN, store.info().logs[0].epoch));
    loop {
        let read = ReadLog::new(sink.filter()).after(current.scanned_to).size(PageSize::events(size));
        let page = store.read_log(read).await?;
        if page.scanned_to == current.scanned_to {
            return Ok(());
        }
        let anchor = page.events.last().map(|event| Anchor { position: event.position, event: event.id });
        current = current.advanced(page.scanned_to, anchor);
        sink.apply(&page, stored, current).await?;
        stored = Some(current);
    }
}

/// The streams of the events that are in the diary, in the order in which they were written there.
pub(crate) async fn diary(store: &SqliteStore) -> Result<Vec<String>, Box<dyn Error>> {
    let rows = store.read(|db| {
        let mut statement = db.prepare("select stream from diary order by rowid")?;
        statement.query_map([], |row| row.get(0))?.collect()
    });
    Ok(rows.await?)
}

/// A sink that is set up.
pub(crate) async fn ready(store: &Arc<SqliteStore>, diary: &Diary) -> Result<SqliteSink, SinkError> {
    let mut sink = store.projection(diary.clone());
    sink.setup().await?;
    Ok(sink)
}

/// An error with its causes.
pub(crate) fn full(error: &dyn Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
