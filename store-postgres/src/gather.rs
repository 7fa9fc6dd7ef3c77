//! Reads of streams that are in flight together share round trips, as appends do.
//!
//! A read that finds a way free goes alone, at once. While all ways are busy reads wait, and a way that comes back takes
//! what waits. What comes back for each is the start of its stream; who wants more than that reads on alone. So does who
//! has waited for long: what is on its way may be that of a caller who has stopped polling.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use annals_core::{StreamId, Version};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::connection::within;
use crate::error::Result;
use crate::row::limit;
use crate::sql::Statement;

/// Reads that are in flight at a time, alone or together.
const WAYS: usize = 3;

/// Reads that share a round trip, at most.
const READS: usize = 64;

/// Events that a shared round trip brings of a stream, at most.
const EVENTS: usize = 64;

/// Bytes of events that a shared round trip brings of a stream, at most, besides the last event.
const BYTES: usize = 32 << 10;

/// How long a read waits for others to come back before it goes alone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which column of a shared answer tells whose row it is.
const NUMBER: usize = 12;

/// What puts reads together.
pub(crate) struct Gatherer {
    state: Mutex<State>,
    pool: PgPool,
    statement: Statement,
    runtime: Handle,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Wish>,
    ways: usize,
}

/// A read that waits for others.
struct Wish {
    stream: StreamId,
    from: Version,
    answer: oneshot::Sender<Vec<PgRow>>,
}

/// What a read is told when it comes.
pub(crate) enum Turn {
    /// It goes alone, now, and keeps this while it does.
    Alone(Way),
    /// It goes with others.
    Shared(Share),
}

/// What others bring for a read.
pub(crate) struct Share(oneshot::Receiver<Vec<PgRow>>);

impl Share {
    /// The start of the stream. None: it goes alone, and if something is wrong with the server it is told by that.
    pub(crate) async fn rows(self) -> Option<Vec<PgRow>> {
        let mut rows = None;
        within(PATIENCE, async { rows = self.0.await.ok() }).await;
        rows
    }
}

impl Gatherer {
    pub(crate) fn new(pool: PgPool, statement: Statement, runtime: Handle) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), pool, statement, runtime })
    }

    /// Takes a turn for a stream, from a version on.
    pub(crate) fn turn(self: &Arc<Self>, stream: &StreamId, from: Version) -> Turn {
        let mut state = self.state();
        // Who went alone after all.
        while state.waiting.front().is_some_and(|wish| wish.answer.is_closed()) {
            state.waiting.pop_front();
        }
        if state.ways < WAYS {
            state.ways += 1;
            drop(state);
            return Turn::Alone(Way { gatherer: Arc::clone(self), is_left: false });
        }
        let (answer, rows) = oneshot::channel();
        state.waiting.push_back(Wish { stream: stream.clone(), from, answer });
        Turn::Shared(Share(rows))
    }

    /// Whether a page that is read alone, with so many events so far, is too long for others to wait for its end.
    pub(crate) const fn is_long(events: usize) -> bool {
        events >= EVENTS
    }

    /// Whether a shared answer with so many events and bytes is all that there is of a stream.
    pub(crate) const fn is_whole(events: usize, bytes: usize) -> bool {
        events < EVENTS && bytes < BYTES
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, wishes: &[Wish]) -> Result<Vec<Vec<PgRow>>> {
        let keys: Vec<_> = wishes.iter().map(|wish| Uuid::from_bytes(*wish.stream.key().as_bytes())).collect();
        let from: Vec<_> = wishes.iter().map(|wish| wish.from.as_i64()).collect();
        let query = self.statement.query().bind(keys).bind(from).bind(limit(EVENTS)).bind(limit(BYTES));
        let tenants: Vec<_> = wishes.iter().map(|wish| wish.stream.tenant().as_str()).collect();
        let categories: Vec<_> = wishes.iter().map(|wish| wish.stream.category().as_str()).collect();
        let ids: Vec<_> = wishes.iter().map(|wish| wish.stream.id()).collect();
        let query = query.bind(tenants).bind(categories).bind(ids);
        let mut answers: Vec<Vec<PgRow>> = wishes.iter().map(|_| Vec::new()).collect();
        for row in query.fetch_all(&self.pool).await? {
            let number: i64 = row.try_get(NUMBER)?;
            if let Some(answer) = usize::try_from(number - 1).ok().and_then(|at| answers.get_mut(at)) {
                answer.push(row);
            }
        }
        Ok(answers)
    }
}

/// A way to the server that is taken.
pub(crate) struct Way {
    gatherer: Arc<Gatherer>,
    is_left: bool,
}

impl Way {
    /// Brings what waits, until nothing does.
    async fn serve(mut self) {
        while let Some(wishes) = self.take() {
            // If it fails, each reads alone: what is wrong with one stream is no matter of another.
            let Ok(answers) = self.gatherer.read(&wishes).await else { continue };
            for (wish, rows) in wishes.into_iter().zip(answers) {
                // Who has stopped waiting is not told.
                let _ = wish.answer.send(rows);
            }
        }
    }

    /// Takes what waits, or leaves. Both under one lock: a read that came between them would wait for nobody.
    fn take(&mut self) -> Option<Vec<Wish>> {
        let mut state = self.gatherer.state();
        let mut wishes = Vec::new();
        while wishes.len() < READS
            && let Some(wish) = state.waiting.pop_front()
        {
            if !wish.answer.is_closed() {
                wishes.push(wish);
            }
        }
        if wishes.is_empty() {
            state.ways -= 1;
            self.is_left = true;
            return None;
        }
        Some(wishes)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        self.is_left = true;
        let mut state = self.gatherer.state();
        if state.waiting.is_empty() {
            state.ways -= 1;
            return;
        }
        drop(state);
        let next = Carrier(Some(Self { gatherer: Arc::clone(&self.gatherer), is_left: false }));
        self.gatherer.runtime.spawn(next.serve());
    }
}

/// A way that a task of its own is to serve. Where the runtime has ended the task is dropped: then those who wait read alone.
struct Carrier(Option<Way>);

impl Carrier {
    async fn serve(mut self) {
        if let Some(way) = self.0.take() {
            way.serve().await;
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        if let Some(mut way) = self.0.take() {
            way.is_left = true;
            let mut state = way.gatherer.state();
            state.ways -= 1;
            state.waiting.clear();
        }
    }
}
