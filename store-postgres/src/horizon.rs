//! How far the log goes for readers, and waiting for it to go on.
//!
//! One reader of the horizon serves the whole process: who reads at the same time shares its answer, and while somebody
//! waits it looks again at once after an append of this process, and else after a pause that grows from
//! [`SOON`] to [`LATER`] while nothing happens; or when another process tells of one, if they do
//! ([`crate::notifications`]).

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use annals_core::Position;
use sqlx::{PgPool, Row};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

use crate::connection::within;
use crate::error::{Fault, Result};
use crate::health::{self, StoreHealth};
use crate::notifications::{self, Notifications};
use crate::row::place;
use crate::sql::Statements;
use crate::stall::{self, News, Stall};

/// How soon the server is asked again after something happened.
const SOON: Duration = Duration::from_millis(2);

/// How soon the server is asked again when nothing has happened for a while.
const LATER: Duration = Duration::from_millis(50);

/// How long a reader waits for the answer to another before it asks by itself: the other may be one whose caller has stopped
/// polling.
const PATIENCE: Duration = Duration::from_secs(1);

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
    pub(crate) pool: PgPool,
    pub(crate) statements: Arc<Statements>,
    runtime: Handle,
    /// Which store, for what is told of it.
    pub(crate) place: String,
    /// If processes tell one another of commits.
    pub(crate) notifications: Option<Notifications>,
    seen: watch::Sender<Seen>,
    /// How many times somebody has begun to ask the server.
    started: AtomicU64,
    /// What the last one was answered. Who holds it asks.
    answer: Mutex<Answer>,
    /// Whether the last one found a writer that had positions.
    in_flight: AtomicBool,
    waiting: AtomicUsize,
    /// An append of this process was committed, or somebody waits.
    stir: Notify,
    stall: std::sync::Mutex<Stall>,
    /// It is time to ask who holds the horizon.
    pub(crate) suspicion: Notify,
}

/// What the server answered, or why it did not.
#[derive(Default)]
struct Answer {
    /// Which question it was.
    number: u64,
    failure: Option<Fault>,
}

impl Horizon {
    /// `stall_after` is how long it may be held up before somebody is told.
    pub(crate) fn new(
        pool: PgPool,
        statements: Arc<Statements>,
        runtime: Handle,
        place: &str,
        stall_after: Duration,
        notifications: Option<Notifications>,
    ) -> Arc<Self> {
        Arc::new(Self {
            pool,
            statements,
            runtime,
            place: place.to_owned(),
            notifications,
            seen: watch::Sender::new(Seen::default()),
            started: AtomicU64::new(0),
            answer: Mutex::default(),
            in_flight: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            stir: Notify::new(),
            stall: Stall::new(stall_after).into(),
            suspicion: Notify::new(),
        })
    }

    /// Looks after those who wait, for as long as the store is open.
    pub(crate) fn watch(self: &Arc<Self>) {
        self.runtime.spawn(watch_over(Arc::downgrade(self)));
        self.runtime.spawn(stall::guard(Arc::downgrade(self)));
        if self.notifications.is_some() {
            self.runtime.spawn(notifications::tell(Arc::clone(self)));
            self.runtime.spawn(notifications::hear(Arc::downgrade(self)));
        }
    }

    /// What is known of it. Behind what is stored, perhaps, and never ahead.
    pub(crate) fn known(&self) -> Position {
        self.seen.borrow().position
    }

    /// Asks the server. Whoever asks while somebody else is about to shares the answer, which is never older than the
    /// question. A failure is an answer too: else each would wait for one of its own, one after another.
    pub(crate) async fn look(&self) -> Result<Position> {
        let before = self.started.load(Ordering::SeqCst);
        let mut turn = None;
        within(PATIENCE, async { turn = Some(self.answer.lock().await) }).await;
        let Some(mut answer) = turn else {
            let position = self.ask().await?;
            self.advance(position);
            return Ok(self.known());
        };
        if answer.number > before {
            // This question started after ours was put.
            return answer.failure.clone().map_or_else(|| Ok(self.known()), Err);
        }
        let number = self.started.fetch_add(1, Ordering::SeqCst) + 1;
        let asked = self.ask().await;
        *answer = Answer { number, failure: asked.as_ref().err().cloned() };
        let position = asked?;
        self.advance(position);
        if self.stall().see(position, Instant::now()) {
            self.suspicion.notify_one();
        }
        Ok(self.known())
    }

    async fn ask(&self) -> Result<Position> {
        let row = self.statements.read_horizon.query().fetch_one(&self.pool).await?;
        self.in_flight.store(row.try_get(1)?, Ordering::SeqCst);
        place(row.try_get(0)?)
    }

    /// Finds out who holds it, and tells the log if that has lasted for too long, or is over.
    pub(crate) async fn examine(&self) -> Result<StoreHealth> {
        let (horizon, drawn, blockers) = health::ask(&self.pool, &self.statements).await?;
        let now = Instant::now();
        let (news, held_up_for, stalls) = {
            let mut stall = self.stall();
            (stall.examine(&blockers, now), stall.held_up_for(now), stall.count)
        };
        let notified = self.notifications.as_ref().is_some_and(Notifications::are_heard);
        let health = StoreHealth { horizon, drawn, blockers, held_up_for, stalls, notified };
        health.measure(&self.place, news.as_ref());
        match news {
            Some(News::Stalled) => health.warn(&self.place),
            Some(News::Over(after)) => tracing::info!(store = self.place, ?after, "readers are no longer held up"),
            None => {}
        }
        Ok(health)
    }

    fn stall(&self) -> MutexGuard<'_, Stall> {
        // Nothing that holds it can panic halfway through a change.
        self.stall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.seen.borrow().closed
    }

    fn advance(&self, position: Position) {
        self.seen.send_if_modified(|seen| {
            let is_new = position > seen.position;
            seen.position = seen.position.max(position);
            is_new
        });
    }

    /// Notes that an append of this process was committed, or will be when its caller does so.
    pub(crate) fn appended(self: &Arc<Self>, last: Position) {
        if last > self.known() {
            self.stir();
        }
        self.tell();
    }

    /// Notes that an append of this process may have been committed some time ago.
    pub(crate) fn may_have_appended(self: &Arc<Self>) {
        self.stir();
        self.tell();
    }

    /// Has whoever waits look again.
    pub(crate) fn stir(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.stir.notify_one();
        }
    }

    fn tell(self: &Arc<Self>) {
        let Some(notifications) = &self.notifications else { return };
        notifications.tell();
        if self.is_closed() {
            let horizon = Arc::clone(self);
            // If it fails nobody is left to try again: others find it by asking.
            self.runtime.spawn(async move { notifications::send(&horizon).await });
        }
    }

    /// How long it can rest although somebody waits, because notifications would stir it. While somebody is writing it cannot:
    /// if that comes to nothing nobody tells, and there may be events behind it.
    fn rest(&self) -> Option<Duration> {
        let notifications = self.notifications.as_ref().filter(|notifications| notifications.are_heard())?;
        (!self.in_flight.load(Ordering::SeqCst)).then_some(notifications.poll_every)
    }

    /// Ends the waiting of everybody.
    pub(crate) fn close(&self) {
        self.seen.send_modify(|seen| seen.closed = true);
        self.stir.notify_one();
        self.suspicion.notify_one();
        if let Some(notifications) = &self.notifications {
            notifications.wake();
        }
    }

    /// Completes when it is closed.
    pub(crate) async fn closed(&self) {
        // If it is gone, it is closed.
        let _ = self.seen.subscribe().wait_for(|seen| seen.closed).await;
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
        if horizon.is_closed() {
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
        let is_stirred = within(horizon.rest().unwrap_or(pause), horizon.stir.notified()).await;
        pause = if is_stirred { SOON } else { (pause * 2).min(LATER) };
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use sqlx::postgres::PgPoolOptions;
    use tokio::net::TcpListener;

    use super::*;
    use crate::sql::Schema;

    #[tokio::test]
    async fn readers_share_a_look_that_fails() {
        // A server that hangs up on whoever comes.
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://app@{}/shop", server.local_addr().unwrap());
        let pool = PgPoolOptions::new().connect_lazy(&url).unwrap();
        let statements = Arc::new(Statements::new(&Schema::new("annals").unwrap()));
        let horizon = Horizon::new(pool, statements, Handle::current(), "a schema", Duration::MAX, None);
        let readers = join_all((0..64).map(|_| horizon.look()));
        let mut looks = 0;
        let refuse = async {
            loop {
                drop(server.accept().await.unwrap());
                looks += 1;
            }
        };
        let answers = tokio::select! {
            answers = readers => answers,
            () = refuse => unreachable!("it goes on for ever"),
        };
        assert!(answers.iter().all(|answer| matches!(answer, Err(Fault::Lost(_)))), "{answers:?}");
        // The first one asked for itself; all others came while it did, and one asked for them.
        assert_eq!(looks, 2);
    }
}
