//! Waiting for events: woken at once by a commit of this process, within milliseconds by one of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use annals_core::Position;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::error::{Fault, Result};
use crate::read::horizon;
use crate::sql::{first, sql};
use crate::{OpenError, SqliteOptions, connection};

/// How soon the file is looked at again after something happened.
const SOON: Duration = Duration::from_millis(2);

/// How soon the file is looked at again when nothing has happened for a while.
const LATER: Duration = Duration::from_millis(25);

/// What waiters are told.
#[derive(Clone, Copy, Default)]
struct Seen {
    position: Position,
    /// Counts failures to look: each wakes everybody, so that their next read says what is wrong.
    failures: u64,
    closed: bool,
}

/// How far the log goes, as far as this process knows.
pub(crate) struct Horizon(watch::Sender<Seen>);

impl Horizon {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Seen::default()))
    }

    /// Notes that the log goes as far as `position`, and wakes who waits for that.
    /// Says whether that was news.
    pub(crate) fn advance(&self, position: Position) -> bool {
        self.0.send_if_modified(|seen| {
            let is_new = position > seen.position;
            seen.position = seen.position.max(position);
            is_new
        })
    }

    fn fail(&self) {
        self.0.send_modify(|seen| seen.failures += 1);
    }

    fn close(&self) {
        self.0.send_modify(|seen| seen.closed = true);
    }
}

/// Lets callers wait, and watches the file for commits of other processes while some do.
pub(crate) struct Watcher {
    horizon: Arc<Horizon>,
    shared: Arc<Shared>,
    handle: Thread,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    /// Whether the thread sleeps until somebody wakes it.
    asleep: AtomicBool,
    closed: AtomicBool,
}

impl Watcher {
    pub(crate) fn start(options: &SqliteOptions, horizon: Arc<Horizon>) -> Result<Self, OpenError> {
        let connection = connection::reader(options)?;
        let shared = Arc::<Shared>::default();
        let watch = Watch { connection, horizon: Arc::clone(&horizon), shared: Arc::clone(&shared) };
        let thread = thread::Builder::new()
            .name("annals-sqlite-watcher".to_owned())
            .spawn(move || watch.serve())
            .map_err(|source| OpenError::Thread { path: options.path.clone(), source })?;
        Ok(Self { horizon, shared, handle: thread.thread().clone(), thread: Some(thread) })
    }

    /// Completes when the log may go beyond `after`.
    pub(crate) async fn wait(&self, after: Position) -> Result<()> {
        let mut changes = self.horizon.0.subscribe();
        let start = *changes.borrow();
        if start.position > after && !start.closed {
            return Ok(());
        }
        let _waiting = Waiting::new(self);
        let is_news = |seen: &Seen| seen.position > after || seen.failures != start.failures || seen.closed;
        match changes.wait_for(is_news).await {
            Ok(seen) if !seen.closed => Ok(()),
            _ => Err(Fault::Closed),
        }
    }

    /// Wakes everybody who waits, with an error.
    pub(crate) fn close(&self) {
        self.horizon.close();
        self.shared.closed.store(true, Ordering::SeqCst);
        self.handle.unpark();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.close();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

/// Somebody who waits: while there is one, the file is watched.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(watcher: &'a Watcher) -> Self {
        // Each side first says what it does and then looks at the other, so at least one of them notices.
        watcher.shared.waiting.fetch_add(1, Ordering::SeqCst);
        if watcher.shared.asleep.load(Ordering::SeqCst) {
            watcher.handle.unpark();
        }
        Self(&watcher.shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The side of the thread that looks.
struct Watch {
    connection: Connection,
    horizon: Arc<Horizon>,
    shared: Arc<Shared>,
}

impl Watch {
    fn serve(self) {
        let mut version = None;
        let mut pause = SOON;
        while !self.shared.closed.load(Ordering::SeqCst) {
            self.shared.asleep.store(true, Ordering::SeqCst);
            if self.shared.waiting.load(Ordering::SeqCst) == 0 {
                thread::park();
                pause = SOON;
                continue;
            }
            self.shared.asleep.store(false, Ordering::SeqCst);
            match self.look(&mut version) {
                Ok(true) => pause = SOON,
                Ok(false) => pause = (pause * 2).min(LATER),
                Err(_) => {
                    self.horizon.fail();
                    pause = LATER;
                }
            }
            thread::park_timeout(pause);
        }
    }

    /// Looks whether another process has committed since the last time.
    fn look(&self, version: &mut Option<i64>) -> Result<bool> {
        let current = first(&self.connection, sql!("read_data_version"), [], |row| row.get(0))?;
        if current == *version {
            return Ok(false);
        }
        let is_news = self.horizon.advance(horizon(&self.connection)?);
        *version = current;
        Ok(is_news)
    }
}
