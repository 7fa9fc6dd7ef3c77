use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use annals_core::{Aggregate, Event, RecordedEvent, StreamId, Tenant, Timestamp};
use annals_store_sqlite::rusqlite::Params;
use annals_store_sqlite::{__Rehearsal as Rehearsal, Connection, Error, QueryError, SqliteProjection};

use super::recording::Recording;
use super::rows::{Rows, bound, rows};
use crate::story::{LEGEND, chain, difference, for_reader, lines};

/// Starts the test of a projection in SQL, whose tables are set up in a store in memory.
///
/// ```
/// # use annals::prelude::*;
/// # use annals::sqlite::{Error, Transaction};
/// # use annals_testing::given_sqlite_projection;
/// # #[derive(Event)] enum OrderEvent { Placed { total: i64 }, Cancelled }
/// # #[aggregate(id = u32, event = OrderEvent)] #[derive(Default)] struct Order;
/// # struct Sales;
/// # #[projection(sqlite)] impl Sales {
/// #     #[setup] fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
/// #         tx.execute_batch("drop table if exists sale; create table sale (number text primary key, total integer) strict")
/// #     }
/// #     #[on] fn order(&self, event: &OrderEvent, tx: &Transaction<'_>, context: &EventContext<'_>) -> Result<(), Error> {
/// #         match event {
/// #             OrderEvent::Placed { total } => tx.execute("insert into sale values (?1, ?2)", (context.stream_id(), total)),
/// #             OrderEvent::Cancelled => tx.execute("delete from sale where number = ?1", [context.stream_id()]),
/// #         }.map(drop)
/// #     }
/// # }
/// given_sqlite_projection(Sales)
///     .events_of::<Order>(&1, [OrderEvent::Placed { total: 300 }])
///     .events_of::<Order>(&2, [OrderEvent::Placed { total: 120 }, OrderEvent::Cancelled])
///     .then_rows("select number, total from sale order by number", [("1", 300)])
///     .then_no_rows("select * from sale where number = '2'");
/// ```
///
/// # Panics
/// If `#[setup]` fails, also where an earlier version has left its tables: it is called twice.
#[track_caller]
pub fn given_sqlite_projection(projection: impl SqliteProjection) -> GivenSqliteProjection {
    let mut rehearsal = Rehearsal::new(projection).unwrap_or_else(|error| panic!("{}", chain(&error)));
    rehearsal.set_up().unwrap_or_else(|error| panic!("{}", chain(&error)));
    rehearsal.set_up().unwrap_or_else(|error| {
        panic!("`#[setup]` fails where an earlier version has left its tables: drop them first: {}", chain(&error))
    });
    GivenSqliteProjection { recording: Recording::new(), rehearsal }
}

/// A projection in SQL and what it has made of the events so far.
///
/// Events are written and read the way a store keeps them, and taken in as in an application: a statement that the store would
/// refuse is refused. Events that the filter of the projection does not match are left out, as the engine does.
pub struct GivenSqliteProjection {
    recording: Recording,
    rehearsal: Rehearsal,
}

impl GivenSqliteProjection {
    /// What follows is recorded at this moment.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.recording.now = now;
        self
    }

    /// Events of a stream.
    ///
    /// # Panics
    /// If one cannot be written, read or taken in.
    #[track_caller]
    #[must_use = "say what should come of it: `.then_rows(…)`"]
    pub fn events<E: Event>(mut self, stream: StreamId, events: impl IntoIterator<Item = E>) -> Self {
        for event in events {
            let record = self.recording.record(&stream, &event);
            self.take_in(&record);
        }
        self
    }

    /// Events of an aggregate without tenant.
    ///
    /// # Panics
    /// If the id cannot be that of a stream, or an event cannot be written, read or taken in.
    #[track_caller]
    #[must_use = "say what should come of it: `.then_rows(…)`"]
    pub fn events_of<A: Aggregate>(self, id: &A::Id, events: impl IntoIterator<Item = A::Event>) -> Self {
        let stream = A::stream(&Tenant::NONE, id).unwrap_or_else(|error| panic!("{error}"));
        self.events(stream, events)
    }

    #[track_caller]
    fn take_in(&mut self, record: &RecordedEvent) {
        if !self.rehearsal.filter().matches(record) {
            self.recording.became(": left out, the projection does not take it in");
        } else if let Err(error) = self.rehearsal.take_in(record) {
            self.recording.became(": failed");
            panic!("{}", self.story(&chain(&error)));
        }
    }

    /// The query finds these rows, in this order: tuples, or what else rusqlite takes for [`Params`].
    ///
    /// # Panics
    /// If it finds others, with the values that differ; if it fails, or has another number of columns.
    #[track_caller]
    pub fn then_rows<P: Params>(self, query: &str, expected: impl IntoIterator<Item = P>) -> Self {
        let actual = self.ask(query);
        let expected = expected.into_iter().map(|row| self.look(query, |db| bound(db, &actual.columns, row)));
        let expected: Vec<_> = expected.collect();
        if expected != actual.rows {
            let difference = difference(&expected, &actual.rows);
            let story = self.story(&format!("the query finds other rows than expected\n    {query}"));
            panic!("{}", for_reader(&format!("{story}then\n    {}\n{difference}{LEGEND}", actual.columns.join(" | "))));
        }
        self
    }

    /// The query finds nothing.
    ///
    /// # Panics
    /// If it finds a row, or fails.
    #[track_caller]
    pub fn then_no_rows(self, query: &str) -> Self {
        self.then_rows::<(i64,)>(query, [])
    }

    /// What `check` reads is as it says: for the queries of the application.
    ///
    /// # Panics
    /// If `check` fails or panics. It can only read.
    #[track_caller]
    pub fn then_read(self, check: impl FnOnce(&Connection) -> Result<(), Error>) -> Self {
        match catch_unwind(AssertUnwindSafe(|| self.rehearsal.read(check))) {
            Ok(Ok(())) => self,
            Ok(Err(error)) => panic!("{}", self.story(&chain(&error))),
            Err(panic) => {
                eprint!("\n{}", self.story("this is what was looked at:"));
                resume_unwind(panic)
            }
        }
    }

    #[track_caller]
    fn ask(&self, query: &str) -> Rows {
        let found = self.look(query, |db| rows(db, query));
        assert!(!found.columns.is_empty(), "{}", self.story(&format!("this is no query\n    {query}")));
        found
    }

    /// Reads something for a query, or tells why it cannot.
    #[track_caller]
    fn look<T>(&self, query: &str, read: impl FnOnce(&Connection) -> Result<T, Error>) -> T {
        self.rehearsal.read(read).unwrap_or_else(|error| {
            let why = match &error {
                QueryError::Sqlite(Error::InvalidParameterCount(values, columns)) => {
                    format!("a row that was expected has {values} values, the query finds {columns}")
                }
                _ => chain(&error),
            };
            panic!("{}", self.story(&format!("{why}\n    {query}")))
        })
    }

    /// What was given.
    fn story(&self, headline: &str) -> String {
        format!("{headline}\n\ngiven\n{}", lines("    ", &self.recording.lines))
    }
}

impl fmt::Debug for GivenSqliteProjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenSqliteProjection").field("events", &self.recording.lines).finish_non_exhaustive()
    }
}
