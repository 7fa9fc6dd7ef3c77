//! Events that are taken in together, in the forms in which statements take them.

use annals_core::{DecodeError, Event, EventContext, RecordedEvent};

/// Events that follow one another, of the kinds that a projection takes in.
#[derive(Clone, Copy, Debug)]
pub struct PgBatch<'a> {
    events: &'a [RecordedEvent],
}

impl<'a> PgBatch<'a> {
    pub(super) const fn new(events: &'a [RecordedEvent]) -> Self {
        Self { events }
    }

    /// The events as they are stored, in their order.
    pub const fn events(&self) -> &'a [RecordedEvent] {
        self.events
    }

    /// The events of one type, in their order, with what is known besides their content. Others are passed over.
    ///
    /// An event that cannot be read is an error in its place.
    pub fn events_of<E: Event>(&self) -> impl Iterator<Item = Result<(E, EventContext<'a>), DecodeError>> + use<'a, E> {
        let ours = self.events.iter().filter(|event| E::KINDS.iter().any(|kind| kind.is_named(event.name.as_str())));
        ours.map(|event| Ok((event.decode()?, EventContext::new(event))))
    }

    /// Makes columns of the events of one type: `rows` says which rows one comes to, none or several, and the values of each
    /// place go to a collection of their own. Bound as arrays, they are rows again in `unnest($1::text[], $2::bigint[])`.
    ///
    /// ```
    /// # mod annals { pub use annals_core::*; pub use annals_store_postgres as postgres; }
    /// use annals::Event;
    /// use annals::postgres::sqlx::query;
    /// use annals::postgres::{PgBatch, PgConnection, PgProjectionError};
    ///
    /// /// How many events of a type each stream has, and when it had the last of them.
    /// async fn count<E: Event>(tx: &mut PgConnection, batch: PgBatch<'_>) -> Result<(), PgProjectionError> {
    ///     let (streams, times): (Vec<&str>, Vec<i64>) =
    ///         batch.columns(|_: E, context| Some((context.stream_id(), context.recorded_at().as_micros())))?;
    ///     query(
    ///         "insert into counted (stream, events, last)
    ///          select stream, count(*), max(at) from unnest($1::text[], $2::bigint[]) as event (stream, at) group by stream
    ///          on conflict (stream) do update set events = counted.events + excluded.events, last = excluded.last",
    ///     )
    ///     .bind(streams)
    ///     .bind(times)
    ///     .execute(tx)
    ///     .await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// Without the `group by`, two events of a stream in one batch would be an error: `on conflict do update` changes a row once.
    ///
    /// # Errors
    /// [`DecodeError`] if one of the events cannot be read.
    pub fn columns<E, R, C>(&self, mut rows: impl FnMut(E, EventContext<'a>) -> R) -> Result<C, DecodeError>
    where
        E: Event,
        R: IntoIterator,
        C: Default + Extend<R::Item>,
    {
        let mut columns = C::default();
        for event in self.events_of() {
            let (event, context) = event?;
            columns.extend(rows(event, context));
        }
        Ok(columns)
    }
}
