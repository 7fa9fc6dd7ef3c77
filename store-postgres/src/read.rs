//! Reading streams and the log.

use annals_core::store::{Direction, LogPage, ReadLog, ReadStream, StreamPage};
use annals_core::{Position, RecordedEvent, Version};
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::PostgresStore;
use crate::error::Result;
use crate::filter::{Words, is_led_by_tags};
use crate::gather::{Gatherer, Turn};
use crate::row::{Arena, limit, place};
use crate::tagged;

/// Positions that one statement scans at most.
const STEP: u64 = 20_000;

/// Statements that one page takes at most, so that a page that finds nothing is still answered soon.
const STEPS: usize = 10;

/// Reads a page of a stream.
///
/// While many do, the start of the page comes together with those of others; what it has beyond that is read alone.
pub(crate) async fn read_stream(store: &PostgresStore, read: &ReadStream) -> Result<StreamPage> {
    let (key, stream) = (sqlx::types::Uuid::from_bytes(*read.stream.key().as_bytes()), &read.stream);
    let mut page = Page::new(read);
    let (statement, turn) = match read.direction {
        Direction::Forward => (&store.statements.read_stream_forward, Some(store.gatherer.turn(stream, read.from))),
        Direction::Backward => (&store.statements.read_stream_backward, None),
    };
    let (mut way, shared) = match turn {
        Some(Turn::Shared(share)) => (None, share.rows().await),
        Some(Turn::Alone(way)) => (Some(way), None),
        None => (None, None),
    };
    for row in shared.iter().flatten() {
        page.take(row)?;
    }
    if shared.is_some_and(|rows| Gatherer::is_whole(rows.len(), page.received)) {
        page.is_over = true;
    }
    if !page.is_over {
        // One more than fits tells where the next page starts.
        let most = limit(read.size.max_events() - page.events.len()) + 1;
        let bound = store.sizes.bound(read.size, page.bytes);
        let from = page.events.last().map_or(Ok(read.from), |event| event.version.next())?;
        let query = statement.query().bind(key).bind(from.as_i64()).bind(most).bind(bound);
        let query = query.bind(stream.tenant().as_str()).bind(stream.category().as_str()).bind(stream.id());
        let mut rows = query.fetch(&store.pool);
        while !page.is_over
            && let Some(row) = rows.try_next().await?
        {
            page.take(&row)?;
            // Others need not wait for the rest of a long page.
            if Gatherer::is_long(page.events.len()) {
                way = None;
            }
        }
    }
    drop(way);
    store.sizes.learn(page.largest);
    Ok(StreamPage { events: page.events, next: page.next })
}

/// A page of a stream that is being filled.
struct Page<'a> {
    read: &'a ReadStream,
    arena: Arena,
    events: Vec<RecordedEvent>,
    /// Bytes of the page, of what was received for it, and of its largest event.
    bytes: usize,
    received: usize,
    largest: usize,
    next: Option<Version>,
    is_over: bool,
}

impl<'a> Page<'a> {
    fn new(read: &'a ReadStream) -> Self {
        let (arena, events) = (Arena::default(), Vec::new());
        Self { read, arena, events, bytes: 0, received: 0, largest: 0, next: None, is_over: false }
    }

    /// Takes an event in, or ends with it.
    fn take(&mut self, row: &PgRow) -> Result<()> {
        let (event, size) = self.arena.event_in(row, &self.read.stream)?;
        self.received += size;
        if self.read.size.is_full(self.events.len(), self.bytes) {
            self.next.get_or_insert(event.version);
            self.is_over = true;
            return Ok(());
        }
        self.bytes += size;
        self.largest = size.max(self.largest);
        self.events.push(event);
        Ok(())
    }
}

/// Reads a page of the log.
///
/// The horizon comes first, in a statement of its own, and nothing above it is read. Where the one that is known leaves
/// enough for a page, nobody is asked for a newer one.
pub(crate) async fn read_log(store: &PostgresStore, read: &ReadLog) -> Result<LogPage> {
    let mut page = Filling { store, read, events: Vec::new(), bytes: 0, arena: Arena::default(), steps: 0 };
    let known = store.horizon.known();
    let enough = read.after.forward(read.size.max_events() as u64).unwrap_or(Position::MAX);
    let mut scanned_to = read.after;
    if known >= enough {
        scanned_to = page.fill(scanned_to, known).await?;
        if page.is_over() || scanned_to < known {
            return Ok(page.finish(scanned_to, false));
        }
    }
    let horizon = store.horizon.look().await?;
    if scanned_to < horizon {
        scanned_to = page.fill(scanned_to, horizon).await?;
    }
    Ok(page.finish(scanned_to, scanned_to >= horizon))
}

/// A page of the log that is being filled.
pub(crate) struct Filling<'a> {
    pub(crate) store: &'a PostgresStore,
    pub(crate) read: &'a ReadLog,
    events: Vec<RecordedEvent>,
    bytes: usize,
    pub(crate) arena: Arena,
    steps: usize,
}

impl Filling<'_> {
    fn is_over(&self) -> bool {
        self.is_full() || self.steps >= STEPS
    }

    fn is_full(&self) -> bool {
        self.read.size.is_full(self.events.len(), self.bytes)
    }

    fn finish(self, scanned_to: Position, at_end: bool) -> LogPage {
        LogPage { log: self.read.log, events: self.events, scanned_to, at_end }
    }

    /// How many bytes it still takes.
    pub(crate) fn left(&self) -> usize {
        self.read.size.max_bytes().saturating_sub(self.bytes)
    }

    /// Reads on to the horizon, or until the page is full. Returns how far it came.
    async fn fill(&mut self, mut after: Position, horizon: Position) -> Result<Position> {
        let by_tags = is_led_by_tags(&self.read.filter);
        while after < horizon && !self.is_over() {
            self.steps += 1;
            after = if by_tags { tagged::follow(self, after, horizon).await? } else { self.scan(after, horizon).await? };
        }
        Ok(after)
    }

    /// Takes an event in, if it matches. Says whether the page is full then.
    pub(crate) fn take(&mut self, event: RecordedEvent, size: usize) -> bool {
        if self.read.filter.matches(&event) {
            self.events.push(event);
            self.bytes += size;
        }
        self.is_full()
    }

    /// One step in order of positions.
    async fn scan(&mut self, after: Position, horizon: Position) -> Result<Position> {
        let up_to = after.forward(STEP).map_or(horizon, |far| far.min(horizon));
        let words = Words::of(&self.read.filter);
        let most = self.read.size.max_events();
        let bound = self.store.sizes.bound(self.read.size, self.bytes);
        let statement = self.store.statements.read_log.query();
        let mut rows = statement
            .bind(after.as_i64())
            .bind(up_to.as_i64())
            .bind(words.kinds)
            .bind(words.application)
            .bind(words.categories)
            .bind(words.everything)
            .bind(limit(most))
            .bind(bound)
            .fetch(&self.store.pool);
        let (mut count, mut last, mut bytes, mut largest, mut is_full) = (0, after, 0_i64, 0, false);
        while let Some(row) = rows.try_next().await? {
            let (event, size) = self.arena.event(&row)?;
            (count, last, bytes, largest) = (count + 1, event.position, bytes + limit(size), size.max(largest));
            is_full = self.take(event, size);
            if is_full {
                break;
            }
        }
        drop(rows);
        self.store.sizes.learn(largest);
        match count {
            // What the server has left out comes after the last one.
            _ if is_full || bound.is_some_and(|bound| bytes >= bound) => Ok(last),
            0 if up_to < horizon => self.jump(up_to, horizon).await,
            _ if count < most => Ok(up_to),
            _ => Ok(last),
        }
    }

    /// Passes positions that no event has, however many they are.
    async fn jump(&self, after: Position, horizon: Position) -> Result<Position> {
        let query = self.store.statements.next_position.query().bind(after.as_i64()).bind(horizon.as_i64());
        let next: Option<i64> = query.fetch_one(&self.store.pool).await?.try_get(0)?;
        next.map_or(Ok(horizon), |next| Ok(place(next)?.previous()))
    }
}
