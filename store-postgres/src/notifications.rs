//! Processes that tell one another of what they have committed, so that nobody has to ask all the time.
//!
//! They tell one another outside of the transactions that append: `NOTIFY` has transactions commit one after another. And not
//! of each commit: all that is committed within [`REST`] is told of at once. A notification says nothing but that it is time
//! to look at the horizon, so it does no harm if one comes twice, or for nothing. Where none comes, because a process died
//! before it told, or does not tell at all, the next look finds what there is.

use std::pin::pin;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::connection::{pause, within};
use crate::horizon::Horizon;

/// How long a process that has told the others rests before it tells them again.
const REST: Duration = Duration::from_millis(10);

/// How long the first notification may take, which a process that listens sends to itself.
const PROOF: Duration = Duration::from_secs(5);

/// How long a process that cannot listen waits before it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// How a store takes part in it.
pub(crate) struct Notifications {
    /// Where the processes of a store meet.
    channel: String,
    /// How seldom the server is asked while notifications arrive.
    pub(crate) poll_every: Duration,
    /// One has arrived, and the connection is the same since.
    is_heard: AtomicBool,
    /// There is something to tell.
    due: Notify,
}

impl Notifications {
    pub(crate) fn new(store: Uuid, poll_every: Duration) -> Self {
        let channel = format!("annals_{}", store.simple());
        Self { channel, poll_every, is_heard: AtomicBool::new(false), due: Notify::new() }
    }

    /// Tells the other processes, soon.
    pub(crate) fn tell(&self) {
        self.due.notify_one();
    }

    pub(crate) fn are_heard(&self) -> bool {
        self.is_heard.load(Ordering::SeqCst)
    }
}

/// Tells the others when there is something to tell, for as long as the store is open.
pub(crate) async fn tell(horizon: Weak<Horizon>) {
    while let Some(horizon) = horizon.upgrade() {
        let Some(notifications) = horizon.notifications.as_ref().filter(|_| !horizon.is_closed()) else { return };
        notifications.due.notified().await;
        let told = horizon.statements.notify.query().bind(&*notifications.channel).execute(&horizon.pool).await;
        if let Err(error) = told {
            tracing::debug!(store = horizon.place, %error, "other processes were not told of a commit, and find it by themselves");
        }
        pause(REST).await;
    }
}

/// Listens, for as long as the store is open.
pub(crate) async fn hear(horizon: Weak<Horizon>) {
    while let Some(horizon) = horizon.upgrade() {
        let Some(notifications) = horizon.notifications.as_ref().filter(|_| !horizon.is_closed()) else { return };
        let ended = match select(pin!(listen(&horizon, notifications)), pin!(horizon.closed())).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => return,
        };
        if horizon.pool.is_closed() {
            return;
        }
        if notifications.is_heard.swap(false, Ordering::SeqCst) {
            // From here on the server is asked again.
            horizon.stir();
            let error = ended.err().map(|error| error.to_string());
            tracing::warn!(store = horizon.place, error, "the connection that listens for commits of other processes is lost");
        }
        pause(AGAIN).await;
    }
}

/// Listens until the connection is lost.
async fn listen(horizon: &Horizon, notifications: &Notifications) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(&horizon.pool).await?;
    listener.eager_reconnect(false);
    listener.listen(&notifications.channel).await?;
    // To oneself: a pooler between here and the server may pass statements, and no notifications.
    notifications.tell();
    let mut patience = PROOF;
    loop {
        let mut received = None;
        // Nothing is lost if it is dropped between two notifications.
        within(patience, async { received = Some(listener.try_recv().await) }).await;
        match received {
            Some(Ok(Some(_))) => {
                notifications.is_heard.store(true, Ordering::SeqCst);
                horizon.stir();
            }
            Some(Ok(None)) => return Ok(()),
            Some(Err(error)) => return Err(error),
            None => {
                tracing::warn!(store = horizon.place, "no notification arrives, so the server is asked for commits all the time")
            }
        }
        patience = Duration::MAX;
    }
}
