//! How far the log goes for readers, and waiting for it to go on.
//!
//! One reader of the horizon serves the whole process: who reads at the same time shares its answer, and while somebody
//! waits it looks again at once after an append of this process, and else after a pause that grows from
//! [`SOON`] to [`LATER`] while nothing happens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use annals_core::Position;
use sqlx::{PgPool, Row};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, watch};

use crate::connection::within;
use crate::error::{Fault, Result};
use crate::row::place;
use crate::sql::Statement;

/// How soon the server is asked again after something happened.
const SOON: Duration = Duration::from_millis(2);

/// How soon the server is asked again when nothing has happened for a while.
const LATER: Duration = Duration::from_millis(50);

/// What waiters are told.
#[derive(Clone, Default)]
struct Seen {
    position: Position,
    /// Counts failures to look: each wakes everybody, so that their next read says what is wrong.
    failures: u64,
    closed: bool,
}

/// The horizon of the log: a position below which nothing can appear any more. It never goes back.
pub(crate) struct Horizon {
    pool: PgPool,
    read: Statement,
    runtime: Handle,
    seen: watch::Sender<Seen>,
    /// How many times the server was asked. Who holds it asks.
    asked: Mutex<u64>,
    /// The same, for those who only want to know.
    started: std::sync::atomic::AtomicU64,
    waiting: AtomicUsize,
    /// An append of this process was committed, or somebody waits.
    stir: Notify,
}

impl Horizon {
    pub(crate) fn new(pool: PgPool, read: Statement, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            pool,
            read,
            runtime,
            seen: watch::Sender::new(Seen::default()),
            asked: Mutex::new(0),
            started: std::sync::atomic::AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            stir: Notify::new(),
        })
    }

    /// Looks after those who wait, for as long as the store is open.
    pub(crate) fn watch(self: &Arc<Self>) {
        let watched = Arc::downgrade(self);
        self.runtime.spawn(watch_over(watched));
    }

    /// What is known of it. Behind what is stored, perhaps, and never ahead.
    pub(crate) fn known(&self) -> Position {
        self.seen.borrow().position
    }

    /// Asks the server. Whoever asks while somebody else is about to shares the answer, which is never older than the
    /// question.
    pub(crate) async fn look(&self) -> Result<Position> {
        let before = self.started.load(Ordering::SeqCst);
        let mut asked = self.asked.lock().await;
        if *asked > before {
            // One that started after this question was put has been answered meanwhile.
            return Ok(self.known());
        }
        self.started.fetch_add(1, Ordering::SeqCst);
        let row = self.read.query().fetch_one(&self.pool).await?;
        *asked = self.started.load(Ordering::SeqCst);
        let position = place(row.try_get(0)?)?;
        self.advance(position);
        Ok(self.known())
    }

    fn advance(&self, position: Position) {
        self.seen.send_if_modified(|seen| {
            let is_new = position > seen.position;
            seen.position = seen.position.max(position);
            is_new
        });
    }

    /// Notes that an append of this process was committed.
    pub(crate) fn committed(&self, last: Position) {
        if last > self.known() && self.waiting.load(Ordering::SeqCst) > 0 {
            self.stir.notify_one();
        }
    }

    /// Ends the waiting of everybody.
    pub(crate) fn close(&self) {
        self.seen.send_modify(|seen| seen.closed = true);
        self.stir.notify_one();
    }

    /// Completes when the horizon is above `after`, or when the server cannot be asked.
    pub(crate) async fn wait(&self, after: Position) -> Result<()> {
        let mut seen = self.seen.subscribe();
        let failures = seen.borrow().failures;
        let is_over = |seen: &Seen| seen.position > after || seen.failures != failures || seen.closed;
        let reached = if seen.borrow().position > after {
            return Ok(());
        } else {
            let _waiting = Waiting::new(self);
            let reached = seen.wait_for(is_over).await.map_err(|_| Fault::Closed)?;
            reached.closed
        };
        if reached { Err(Fault::Closed) } else { Ok(()) }
    }
}

/// Somebody who waits.
struct Waiting<'a>(&'a Horizon);

impl<'a> Waiting<'a> {
    fn new(horizon: &'a Horizon) -> Self {
        horizon.waiting.fetch_add(1, Ordering::SeqCst);
        horizon.stir.notify_one();
        Self(horizon)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Asks the server again and again while somebody waits, and rests while nobody does.
async fn watch_over(horizon: Weak<Horizon>) {
    let mut pause = SOON;
    while let Some(horizon) = horizon.upgrade() {
        if horizon.seen.borrow().closed {
            break;
        }
        if horizon.waiting.load(Ordering::SeqCst) == 0 {
            // Whoever waits next stirs, and so does the end of the store.
            horizon.stir.notified().await;
            pause = SOON;
            continue;
        }
        let before = horizon.known();
        match horizon.look().await {
            Ok(position) if position > before => pause = SOON,
            Ok(_) => {}
            Err(_) => {
                horizon.seen.send_modify(|seen| seen.failures += 1);
                pause = LATER;
            }
        }
        let is_stirred = within(pause, horizon.stir.notified()).await;
        pause = if is_stirred { SOON } else { (pause * 2).min(LATER) };
    }
}
