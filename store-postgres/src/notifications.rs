//! Processes that tell one another of what they have committed, so that nobody has to ask all the time.
//!
//! They tell one another outside of the transactions that append: `NOTIFY` has transactions commit one after another. And not
//! of each commit: all that is committed within [`REST`] is told of at once. A notification says nothing but that it is time
//! to look at the horizon, so it does no harm if one comes twice, or for nothing. Where none comes, because a process died
//! before it told, or does not tell at all, the next look finds what there is.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::connection::{pause, within};
use crate::horizon::Horizon;

/// How long a process that has told the others rests before it tells them again.
const REST: Duration = Duration::from_millis(10);

/// How long a notification may take that a process sends to itself.
const PROOF: Duration = Duration::from_secs(5);

/// How long nothing may arrive, at most, before a process sends one to itself: a connection can be lost without a word.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a process that cannot tell or listen waits before it tries again.
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
    is_due: AtomicBool,
    /// It is being told.
    is_sending: AtomicBool,
    /// There is, or the store is closed.
    wake: Notify,
}

impl Notifications {
    pub(crate) fn new(store: Uuid, poll_every: Duration) -> Self {
        let channel = format!("annals_{}", store.simple());
        let [is_heard, is_due, is_sending] = [const { AtomicBool::new(false) }; 3];
        Self { channel, poll_every, is_heard, is_due, is_sending, wake: Notify::new() }
    }

    /// Tells the other processes, soon.
    pub(crate) fn tell(&self) {
        self.is_due.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Whether there is something that was not sent yet.
    fn is_under_way(&self) -> bool {
        self.is_due.load(Ordering::SeqCst) || self.is_sending.load(Ordering::SeqCst)
    }

    pub(crate) fn are_heard(&self) -> bool {
        self.is_heard.load(Ordering::SeqCst)
    }
}

/// Tells the others when there is something to tell, until the store is closed, and then once more: what it keeps alive
/// is what the last word is said of.
pub(crate) async fn tell(horizon: Arc<Horizon>) {
    let Some(notifications) = &horizon.notifications else { return };
    let mut is_warned = false;
    loop {
        notifications.wake.notified().await;
        // Who appends after that tells by itself.
        let is_closed = horizon.is_closed();
        let told = send(&horizon).await;
        if is_closed {
            return;
        }
        if let Err(error) = &told {
            notifications.wake();
            if !std::mem::replace(&mut is_warned, true) {
                tracing::warn!(store = horizon.place, %error, "other processes cannot be told of commits, and find them by asking");
            }
        }
        pause(if told.is_ok() { REST } else { AGAIN }).await;
    }
}

/// Tells the others now, if there is something to tell.
pub(crate) async fn send(horizon: &Horizon) -> sqlx::Result<()> {
    let Some(notifications) = horizon.notifications.as_ref() else { return Ok(()) };
    // Before it is not due any more: it is one or the other until it was sent.
    notifications.is_sending.store(true, Ordering::SeqCst);
    let sent = if notifications.is_due.swap(false, Ordering::SeqCst) {
        horizon.statements.notify.query().bind(&*notifications.channel).execute(&horizon.pool).await.map(drop)
    } else {
        Ok(())
    };
    if sent.is_err() {
        notifications.is_due.store(true, Ordering::SeqCst);
    }
    notifications.is_sending.store(false, Ordering::SeqCst);
    sent
}

/// Why a process does not listen any more.
enum End {
    Lost(Option<sqlx::Error>),
    /// What it sent to itself did not arrive.
    Silent,
}

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> Self {
        Self::Lost(Some(error))
    }
}

/// Listens, for as long as the store is open.
pub(crate) async fn hear(horizon: Weak<Horizon>) {
    let (mut has_heard, mut is_told) = (false, false);
    while let Some(horizon) = horizon.upgrade() {
        let Some(notifications) = horizon.notifications.as_ref().filter(|_| !horizon.is_closed()) else { return };
        let end = match select(pin!(listen(&horizon, notifications)), pin!(horizon.closed())).await {
            Either::Left((Err(end), _)) => end,
            Either::Right(_) => return,
        };
        let was_heard = notifications.is_heard.swap(false, Ordering::SeqCst);
        if was_heard {
            // From here on the server is asked again.
            horizon.stir();
        }
        if horizon.pool.is_closed() {
            return;
        }
        has_heard |= was_heard;
        if !has_heard && matches!(end, End::Silent) {
            // Perhaps a pooler has given the session that listens to others, who cannot make anything of what arrives there.
            tracing::warn!(store = horizon.place, "no notification arrives, so the server is asked for commits all the time");
            return;
        }
        if !std::mem::replace(&mut is_told, true) || was_heard {
            let error = if let End::Lost(Some(error)) = &end { Some(error.to_string()) } else { None };
            tracing::warn!(
                store = horizon.place,
                error,
                "no connection listens for commits of other processes, until one does the server is asked"
            );
        }
        pause(AGAIN).await;
    }
}

/// Listens until the connection is lost.
async fn listen(horizon: &Horizon, notifications: &Notifications) -> Result<Infallible, End> {
    let mut listener = PgListener::connect_with(&horizon.pool).await?;
    listener.eager_reconnect(false);
    listener.listen(&notifications.channel).await?;
    // To oneself: a pooler between here and the server may pass statements, and no notifications.
    notifications.tell();
    let mut is_proof = true;
    let silence = (notifications.poll_every.saturating_mul(30)).min(SILENCE);
    loop {
        let mut received = None;
        let patience = if is_proof { PROOF } else { silence };
        // Nothing is lost if it is dropped between two notifications.
        within(patience, async { received = Some(listener.try_recv().await) }).await;
        match received {
            Some(received) => {
                received?.ok_or(End::Lost(None))?;
                notifications.is_heard.store(true, Ordering::SeqCst);
                horizon.stir();
                is_proof = false;
            }
            None if !is_proof => {
                notifications.tell();
                is_proof = true;
            }
            // It was sent.
            None if !notifications.is_under_way() => return Err(End::Silent),
            None => {}
        }
    }
}
