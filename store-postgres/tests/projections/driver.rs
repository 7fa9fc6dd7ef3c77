//! What drives a projection in these tests, as the engine of an application does, and a projection to be driven.

use std::error::Error;
use std::sync::{Arc, Mutex};

use annals_core::store::{Anchor, Checkpoint, PageSize, ReadLog, ViewName};
use annals_core::{EventStore, Filter, LogId, ProjectionSink, SinkError};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection, Row, query, raw_sql};
use annals_store_postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError, PgSink, PostgresStore};

use crate::support::{Schema, event};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// What is done when a batch has the event of a certain stream, before anything else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trick {
    /// Sends these statements, each by itself, and returns the first error.
    Sends(&'static [&'static str]),
    /// The same, whatever becomes of them.
    SendsAndGoesOn(&'static [&'static str]),
    /// Tries statements in a transaction within the transaction.
    Tries(&'static str),
    Fails,
    Panics,
}

/// Writes down each event that it sees.
#[derive(Clone)]
pub(crate) struct Diary {
    pub(crate) version: u32,
    pub(crate) setup: String,
    pub(crate) reset: Option<&'static str>,
    pub(crate) schema: String,
    pub(crate) trick: Arc<Mutex<Option<(&'static str, Trick)>>>,
    /// How many events each call was given.
    pub(crate) batches: Arc<Mutex<Vec<usize>>>,
}

impl Diary {
    pub(crate) fn of(schema: &Schema) -> Self {
        let setup = "drop table if exists {schema}.diary;
            create table {schema}.diary (number bigint generated always as identity, position bigint not null, stream text not null)";
        let schema = schema.name.clone();
        let (trick, batches) = (Arc::default(), Arc::default());
        Self { version: 1, setup: setup.replace("{schema}", &schema), reset: None, schema, trick, batches }
    }

    pub(crate) fn tricked(&self, stream: &'static str, trick: Trick) {
        *self.trick.lock().expect("nobody panics with it") = Some((stream, trick));
    }

    pub(crate) fn cured(&self) {
        *self.trick.lock().expect("nobody panics with it") = None;
    }

    fn sql(&self, text: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(text.replace("{schema}", &self.schema))
    }

    async fn play(&self, trick: Trick, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        match trick {
            Trick::Sends(statements) => {
                for statement in statements {
                    raw_sql(self.sql(statement)).execute(&mut *tx).await?;
                }
            }
            Trick::SendsAndGoesOn(statements) => {
                for statement in statements {
                    let _ = raw_sql(self.sql(statement)).execute(&mut *tx).await;
                }
            }
            Trick::Tries(statement) => {
                let mut within = tx.begin().await?;
                if raw_sql(self.sql(statement)).execute(&mut *within).await.is_ok() {
                    within.commit().await?;
                }
            }
            Trick::Fails => {
                raw_sql(self.sql("insert into {schema}.diary (position, stream) values (0, 'half done')")).execute(tx).await?;
                return Err(PgProjectionError::failed("there is no order `c`"));
            }
            Trick::Panics => panic!("nobody thought of `c`"),
        }
        Ok(())
    }
}

impl PgProjection for Diary {
    fn name(&self) -> ViewName {
        ViewName::from_static("diary")
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn filter(&self) -> Filter {
        Filter::all()
    }

    async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        raw_sql(self.sql(&self.setup)).execute(tx).await?;
        Ok(())
    }

    async fn reset(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        raw_sql(self.sql(self.reset.unwrap_or(&self.setup))).execute(tx).await?;
        Ok(())
    }

    async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
        let events = batch.events();
        self.batches.lock().expect("nobody panics with it").push(events.len());
        let trick = *self.trick.lock().expect("nobody panics with it");
        let (before, after) = match trick {
            Some((stream, _)) => events.split_at(events.iter().position(|event| event.stream.id() == stream).unwrap_or(0)),
            None => (&events[..0], events),
        };
        for (part, comes_after) in [(before, false), (after, true)] {
            if let Some((_, trick)) =
                trick.filter(|(stream, _)| comes_after && part.first().is_some_and(|it| it.stream.id() == *stream))
            {
                self.play(trick, tx).await?;
            }
            let positions: Vec<i64> = part.iter().map(|event| event.position.as_i64()).collect();
            let streams: Vec<&str> = part.iter().map(|event| event.stream.id()).collect();
            let insert = self.sql(
                "insert into {schema}.diary (position, stream)
                 select position, stream from unnest($1::bigint[], $2::text[]) as event (position, stream) order by position",
            );
            query(insert).bind(positions).bind(streams).execute(&mut *tx).await?;
        }
        Ok(())
    }
}

/// A store with an event in each of these streams.
pub(crate) async fn store_with(streams: &[&str]) -> (Schema, PostgresStore) {
    let schema = Schema::new();
    let store = schema.open().await;
    for stream in streams {
        store.append(event(stream)).await.expect("it is stored");
    }
    (schema, store)
}

/// Takes in what is in the log, in pages of so many events.
pub(crate) async fn feed(sink: &mut dyn ProjectionSink, store: &PostgresStore, size: usize) -> Result<(), SinkError> {
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
pub(crate) async fn diary(schema: &Schema, store: &PostgresStore) -> Result<Vec<String>, Box<dyn Error>> {
    let select = AssertSqlSafe(format!("select stream from {}.diary order by number", schema.name));
    let rows = query(select).fetch_all(store.pool()).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A sink that is set up.
pub(crate) async fn ready(store: &PostgresStore, diary: &Diary) -> Result<PgSink<Diary>, SinkError> {
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
