//! The threads that read: each has a connection, and none is the caller's.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{Fault, Result};
use crate::guard::Guard;
use crate::memory::Memory;
use crate::{OpenError, SqliteOptions, connection};

/// A connection that reads, with what it remembers.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) guard: Guard,
    pub(crate) memory: Memory,
}

type Job = Box<dyn FnOnce(&mut Reader) + Send>;

/// What waits for a reader.
#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nobody panics between two changes of the queue, so it is whole whatever happened to another thread.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A few threads that read, fed from one queue.
pub(crate) struct Readers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub(crate) fn start(options: &SqliteOptions) -> Result<Self, OpenError> {
        let mut readers = Self { shared: Arc::default(), threads: Vec::with_capacity(options.readers) };
        for number in 0..options.readers {
            let mut connection = connection::reader(options)?;
            let guard = Guard::on(&mut connection).map_err(|error| connection::open_error(&options.path, error))?;
            let mut reader = Reader { connection, guard, memory: Memory::default() };
            let shared = Arc::clone(&readers.shared);
            let thread = thread::Builder::new().name(format!("annals-sqlite-reader-{number}"));
            let serve = move || {
                while let Some(job) = shared.next() {
                    job(&mut reader);
                }
            };
            readers.threads.push(thread.spawn(serve).map_err(|source| OpenError::Thread { path: options.path.clone(), source })?);
        }
        Ok(readers)
    }

    /// Runs `job` on one of the threads. If the caller stops waiting before it starts, it does not run.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce(&mut Reader) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |reader| {
            if !reply.is_closed() {
                // The caller may stop waiting at any time; then nobody needs the answer.
                let _ = reply.send(job(reader));
            }
        });
        {
            let mut queue = self.shared.queue();
            if queue.closed {
                return Err(Fault::Closed);
            }
            queue.jobs.push_back(job);
        }
        self.shared.filled.notify_one();
        answer.await.unwrap_or(Err(Fault::Closed))
    }

    /// Takes no more work; the threads end when what waits has been read.
    pub(crate) fn close(&self) {
        self.shared.queue().closed = true;
        self.shared.filled.notify_all();
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so; there is nothing to add here.
            let _ = thread.join();
        }
    }
}
