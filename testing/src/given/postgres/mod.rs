mod rows;
mod stage;

use std::fmt;
use std::panic::resume_unwind;

use annals_core::{Aggregate, Event, RecordedEvent, StreamId, Tenant, Timestamp};
use annals_store_postgres::sqlx::Error;
use annals_store_postgres::{PgConnection, PgProjection};
use serde::Serialize;

use self::rows::{Rows, bound};
use self::stage::Stage;
use super::recording::Recording;
use crate::story::{LEGEND, chain, difference, for_reader, lines};

/// Starts the test of a projection in SQL, whose tables are set up in a schema of their own on the
/// [server of the tests](crate::PostgresSchema): `search_path` leads there.
///
/// ```
/// # use annals::prelude::*;
/// # use annals::store::ViewName;
/// # use annals::postgres::sqlx::{query, raw_sql};
/// # use annals::postgres::{PgBatch, PgConnection, PgProjection, PgProjectionError};
/// # use annals_testing::given_postgres_projection;
/// # #[derive(Event)] enum OrderEvent { Placed { customer: String, total: i64 }, Cancelled }
/// # #[aggregate(id = u32, event = OrderEvent)] #[derive(Default)] struct Order;
/// # struct Customers;
/// # impl PgProjection for Customers {
/// #     fn name(&self) -> ViewName { ViewName::from_static("customers") }
/// #     fn version(&self) -> u32 { 1 }
/// #     fn filter(&self) -> annals::Filter { annals::Filter::events::<OrderEvent>() }
/// #     async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
/// #         let tables = "drop table if exists customer; create table customer (name text primary key, bought bigint not null)";
/// #         raw_sql(tables).execute(tx).await?;
/// #         Ok(())
/// #     }
/// #     async fn apply(&self, tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
/// #         let (names, totals): (Vec<String>, Vec<i64>) = batch.columns(|event: OrderEvent, _| match event {
/// #             OrderEvent::Placed { customer, total } => Some((customer, total)),
/// #             OrderEvent::Cancelled => None,
/// #         })?;
/// #         let insert = "insert into customer select name, sum(total) from unnest($1::text[], $2::bigint[]) as sale (name, total)
/// #             group by name on conflict (name) do update set bought = customer.bought + excluded.bought";
/// #         query(insert).bind(names).bind(totals).execute(tx).await?;
/// #         Ok(())
/// #     }
/// # }
/// given_postgres_projection(Customers)
///     .events_of::<Order>(&1, [OrderEvent::Placed { customer: "Ann".into(), total: 300 }])
///     .events_of::<Order>(&2, [OrderEvent::Placed { customer: "Ann".into(), total: 120 }, OrderEvent::Cancelled])
///     .then_rows("select name, bought from customer order by name", [("Ann", 420)])
///     .then_no_rows("select * from customer where name = 'Bob'");
/// ```
///
/// # Panics
/// If the server cannot be reached; if `setup` or `reset` fails, also where an earlier version has left its tables.
#[track_caller]
pub fn given_postgres_projection<P: PgProjection>(projection: P) -> GivenPostgresProjection<P> {
    let mut stage = Stage::new(projection);
    stage.set_up().unwrap_or_else(|error| panic!("{}", chain(&error)));
    stage.reset().unwrap_or_else(|error| panic!("the tables cannot be made anew where they are: {}", chain(&error)));
    GivenPostgresProjection { recording: Recording::new(), taken_in: Vec::new(), stage }
}

/// A projection in SQL and what it has made of the events so far.
///
/// Events are written and read the way a store keeps them, and taken in as in an application: first one by one, and then, before
/// something is looked at for the second time, all together in one batch. What comes of them must not depend on that. Events that the
/// filter of the projection does not match are left out, as the engine does.
pub struct GivenPostgresProjection<P> {
    recording: Recording,
    taken_in: Vec<RecordedEvent>,
    stage: Stage<P>,
}

impl<P: PgProjection> GivenPostgresProjection<P> {
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
            self.take_in(record);
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
    fn take_in(&mut self, record: RecordedEvent) {
        if !self.stage.filter().matches(&record) {
            self.recording.became(": left out, the projection does not take it in");
        } else if let Err(error) = self.stage.take_in(std::slice::from_ref(&record)) {
            self.recording.became(": failed");
            panic!("{}", self.story(&chain(&error)));
        } else {
            self.taken_in.push(record);
        }
    }

    /// The query finds these rows, in this order: tuples of what serde writes as the JSON that PostgreSQL makes of the columns,
    /// so that a moment is a text and a `numeric` a number. A row of one column may be the value alone.
    ///
    /// # Panics
    /// If it finds others, with the values that differ, also where all events are taken in as one batch; if it fails.
    #[track_caller]
    pub fn then_rows<R: Serialize>(mut self, query: &str, expected: impl IntoIterator<Item = R>) -> Self {
        let expected: Vec<_> = expected.into_iter().map(|row| bound(&row).unwrap_or_else(|error| panic!("{error}"))).collect();
        self.compare(query, &expected, "the query finds other rows than expected");
        self.take_in_together();
        self.compare(query, &expected, "where all events are one batch, the query finds other rows than expected");
        self
    }

    /// The query finds nothing.
    ///
    /// # Panics
    /// If it finds a row, or fails.
    #[track_caller]
    pub fn then_no_rows(self, query: &str) -> Self {
        self.then_rows::<()>(query, [])
    }

    /// What `check` reads is as it says: for the queries of the application.
    ///
    /// # Panics
    /// If `check` fails or panics, also where all events are taken in as one batch. It can only read.
    #[track_caller]
    pub fn then_read<F>(mut self, check: F) -> Self
    where
        F: AsyncFn(&mut PgConnection) -> Result<(), Error> + Sync,
    {
        self.check(&check);
        self.take_in_together();
        self.check(&check);
        self
    }

    #[track_caller]
    fn check<F>(&self, check: &F)
    where
        F: AsyncFn(&mut PgConnection) -> Result<(), Error> + Sync,
    {
        match self.stage.read(check) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => panic!("{}", self.story(&chain(&error))),
            Err(panic) => {
                eprint!("\n{}", self.story("this is what was looked at:"));
                resume_unwind(panic)
            }
        }
    }

    #[track_caller]
    fn compare(&self, query: &str, expected: &[rows::Row], headline: &str) {
        let found = self.stage.rows(query);
        let Rows { columns, rows } =
            found.unwrap_or_else(|error| panic!("{}", self.story(&format!("{}\n    {query}", chain(&error)))));
        let named = |values: &rows::Row| values.named(&columns);
        let expected: Vec<_> = expected.iter().map(named).collect();
        if expected != rows {
            let story = self.story(&format!("{headline}\n    {query}"));
            let difference = difference(&expected, &rows);
            panic!("{}", for_reader(&format!("{story}then\n    {}\n{difference}{LEGEND}", columns.join(" | "))));
        }
    }

    /// From the start, in one batch.
    #[track_caller]
    fn take_in_together(&mut self) {
        let taken_in = self.stage.reset().and_then(|()| self.stage.take_in(&self.taken_in));
        if let Err(error) = taken_in {
            panic!("{}", self.story(&format!("all events together, in one batch, fail: {}", chain(&error))));
        }
    }

    /// What was given.
    fn story(&self, headline: &str) -> String {
        format!("{headline}\n\ngiven\n{}", lines("    ", &self.recording.lines))
    }
}

impl<P> fmt::Debug for GivenPostgresProjection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenPostgresProjection").field("events", &self.recording.lines).finish_non_exhaustive()
    }
}
