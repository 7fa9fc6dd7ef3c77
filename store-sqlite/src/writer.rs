//! The thread that writes, and its group commit.
//!
//! One transaction takes in everything that waits when the one before is on the disk: an append that comes alone is
//! committed at once, and under pressure many share one fsync. Nobody is answered before the commit.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::thread::{self, JoinHandle};

use annals_core::Clock;
use annals_core::store::FailureKind;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::connection::open_error;
use crate::error::{Fault, Result};
use crate::guard::Guard;
use crate::job::{Job, Outcome};
use crate::session::{Session, State};
use crate::sql::{execute, first, sql};
use crate::wait::Horizon;
use crate::{OpenError, SqliteOptions};

/// Pieces of work in a batch, at most.
const BATCH: usize = 512;

/// Bytes in a batch, at most, besides its last piece of work.
const BATCH_BYTES: usize = 8 << 20;

/// What the queue of the writer holds.
enum Message {
    Work(Job),
    /// Everything before this is done first.
    Close,
}

/// The way to the thread that writes. Dropping it waits until what was queued is on the disk.
pub(crate) struct Writer {
    queue: Sender<Message>,
    file: String,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection that is ready.
    pub(crate) fn start(mut connection: Connection, options: &SqliteOptions, horizon: Arc<Horizon>) -> Result<Self, OpenError> {
        let (queue, work) = channel();
        let file = options.path.display().to_string();
        let guard = Guard::on(&mut connection).map_err(|error| open_error(&options.path, error))?;
        let (state, clock) = (State::default(), Arc::clone(&options.clock));
        let thread = Thread { connection, guard, state, clock, horizon, file: file.clone() };
        let thread = thread::Builder::new()
            .name("annals-sqlite-writer".to_owned())
            .spawn(move || thread.serve(&work))
            .map_err(|source| OpenError::Thread { path: options.path.clone(), source })?;
        Ok(Self { queue, file, thread: Some(thread) })
    }

    /// Queues work. If the store is closed, it is answered with that.
    pub(crate) fn send(&self, job: Job) {
        if let Err(SendError(Message::Work(job))) = self.queue.send(Message::Work(job)) {
            job.fail(&Fault::Closed, &self.file);
        }
    }

    /// Lets the thread end after what is queued. Whatever comes later is refused.
    pub(crate) fn close(&self) {
        // If it has ended already, that is what was wanted.
        let _ = self.queue.send(Message::Close);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

/// The thread's own side.
struct Thread {
    connection: Connection,
    guard: Guard,
    state: State,
    clock: Arc<dyn Clock>,
    horizon: Arc<Horizon>,
    file: String,
}

impl Thread {
    fn serve(mut self, work: &Receiver<Message>) {
        while let Ok(Message::Work(job)) = work.recv() {
            let mut bytes = job.bytes();
            let mut batch = vec![job];
            let mut after = ControlFlow::Continue(());
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                match work.try_recv() {
                    Ok(Message::Work(job)) => {
                        bytes += job.bytes();
                        batch.push(job);
                    }
                    Ok(Message::Close) => {
                        after = ControlFlow::Break(());
                        break;
                    }
                    Err(_) => break,
                }
            }
            self.commit(batch);
            if after.is_break() {
                break;
            }
        }
        for left in work.try_iter() {
            if let Message::Work(job) = left {
                job.fail(&Fault::Closed, &self.file);
            }
        }
    }

    /// Commits a batch and answers. If one piece of work spoils it, each gets a transaction of its own; and if that was the
    /// code of a projection, it is run again without what spoilt it.
    fn commit(&mut self, batch: Vec<Job>) {
        match self.transact(&batch) {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    job.answer(outcome);
                }
            }
            Err(fault) if (batch.len() > 1 && fault.is_of_one()) || matches!(fault, Fault::Undone(_)) => {
                self.make_room(&fault);
                for job in batch {
                    self.commit(vec![job]);
                }
            }
            Err(fault) => {
                self.make_room(&fault);
                for job in batch {
                    job.fail(&fault, &self.file);
                }
            }
        }
    }

    fn transact(&mut self, batch: &[Job]) -> Result<Vec<Outcome>> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let now = self.clock.now();
        let ran = Session::begin(&transaction, &self.guard, &mut self.state, now).and_then(|mut session| {
            let outcomes = batch.iter().map(|job| job.run(&mut session)).collect::<Result<Vec<_>>>()?;
            Ok((outcomes, session.finish()?))
        });
        match ran {
            Ok((outcomes, position)) => match transaction.commit() {
                Ok(()) => {
                    self.horizon.advance(position);
                    Ok(outcomes)
                }
                Err(error) => Err(self.commit_failed(error)),
            },
            Err(fault) => {
                // SQLite may have taken it back itself. If that fails, the next `begin` fails and says so.
                drop(transaction);
                self.state.forget();
                Err(fault)
            }
        }
    }

    /// Copies the write-ahead log into the file where it could not grow, so that the next batch finds room in it.
    fn make_room(&self, fault: &Fault) {
        if matches!(fault.kind(), FailureKind::Full | FailureKind::Unavailable) {
            // If there is no room for that either, the next batch fails as this one did.
            let _ = first(&self.connection, sql!("checkpoint"), [], |_| Ok(()));
        }
    }

    /// Says what a commit that failed came to.
    ///
    /// SQLite takes the transaction back, but its pages may lie in the write-ahead log already, with the mark of a commit:
    /// if the fsync failed and the machine stopped now, they would be there after the restart. The next commit overwrites
    /// them, so one is made here; only where that fails too the outcome is unknown.
    fn commit_failed(&mut self, error: rusqlite::Error) -> Fault {
        self.state.forget();
        let error = Arc::new(error);
        if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
            && execute(&self.connection, sql!("touch_log"), []).is_err()
        {
            return Fault::Commit(error);
        }
        Fault::Sqlite(error)
    }
}
