//! Clients that send one command after the other.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use crate::key::{OPENED, READY};
use crate::{Failure, Report, Result, Spawn, Subject, Task, mix};

/// How many clients seed.
const SEEDING: usize = 8;

/// For how long and for how many commands clients are driven.
#[derive(Clone, Copy)]
struct Bounds {
    clients: usize,
    limit: u64,
    time: Duration,
}

impl Bounds {
    fn of(task: &Task) -> Self {
        Self { clients: task.clients, limit: task.limit, time: Duration::from_secs_f64(task.seconds) }
    }

    /// So many commands, however long they take.
    const fn all(clients: usize, limit: u64) -> Self {
        Self { clients, limit, time: Duration::MAX }
    }
}

pub(crate) async fn seed(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    let (events, tagged) = (task.events, task.tagged);
    let clients = SEEDING.min(task.clients);
    drive(spawn, Bounds::all(clients, task.streams), subject, move |subject, number| async move {
        let seeded = if tagged { subject.seed_tagged(number, events).await } else { subject.seed(number, events).await };
        seeded.map(|()| 0)
    })
    .await
}

pub(crate) async fn open(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    ready(task, subject, spawn).await;
    let open = |subject: Arc<_>, number| async move { Subject::open(&*subject, OPENED + number).await };
    drive(spawn, Bounds::of(task), subject, open).await
}

pub(crate) async fn append(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    ready(task, subject, spawn).await;
    let streams = task.streams;
    let deposit = move |subject: Arc<_>, number| async move { Subject::deposit(&*subject, mix(number) % streams).await };
    drive(spawn, Bounds::of(task), subject, deposit).await
}

/// As `append`, with every state in memory before the clock starts.
pub(crate) async fn warm(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    ready(task, subject, spawn).await;
    let streams = task.streams;
    let each = |subject: Arc<_>, number| async move { Subject::deposit_warm(&*subject, number).await };
    let warmed = drive(spawn, Bounds::all(SEEDING, streams), subject, each).await;
    if warmed.failures > 0 {
        return warmed;
    }
    let deposit = move |subject: Arc<_>, number| async move { Subject::deposit_warm(&*subject, mix(number) % streams).await };
    drive(spawn, Bounds::of(task), subject, deposit).await
}

/// All clients on one stream.
pub(crate) async fn hot(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    ready(task, subject, spawn).await;
    drive(spawn, Bounds::of(task), subject, |subject, _| async move { subject.deposit_warm(0).await }).await
}

pub(crate) async fn condition(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    ready(task, subject, spawn).await;
    let streams = task.streams;
    let deposit = move |subject: Arc<_>, number| async move { Subject::deposit_tagged(&*subject, mix(number) % streams).await };
    drive(spawn, Bounds::of(task), subject, deposit).await
}

/// Reads one long stream again and again, and makes sure that all of it was read.
pub(crate) async fn long(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    let wanted = u64::from(task.events) - 1;
    let load = move |subject: Arc<_>, _| async move {
        match Subject::load(&*subject, 0).await? {
            deposits if deposits == wanted => Ok(0),
            deposits => Err(Failure::from(format!("the state has {deposits} deposits, not {wanted}"))),
        }
    };
    let first = drive(spawn, Bounds::all(1, 1), subject, load).await;
    if first.failures > 0 {
        return first;
    }
    let mut report = drive(spawn, Bounds { clients: 1, ..Bounds::of(task) }, subject, load).await;
    report.done *= u64::from(task.events);
    report
}

/// Gets connections and statements ready, on accounts that nothing else uses: each client sends two commands.
async fn ready(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) {
    if task.fill {
        seed(task, subject, spawn).await;
    }
    let ready = |subject: Arc<_>, number| async move {
        Subject::open(&*subject, READY + number).await?;
        Subject::deposit(&*subject, READY + number).await
    };
    let clients = task.clients;
    // What fails here fails again when it is measured.
    drive(spawn, Bounds::all(clients, clients as u64), subject, ready).await;
}

/// Has clients send one command after the other, each of another number.
async fn drive<S: Subject, F>(
    spawn: &impl Spawn,
    bounds: Bounds,
    subject: &Arc<S>,
    command: impl Fn(Arc<S>, u64) -> F + Copy + Send + 'static,
) -> Report
where
    F: Future<Output = Result<u32>> + Send,
{
    let (next, all) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Report::default())));
    let begun = Instant::now();
    let mut clients = Vec::with_capacity(bounds.clients);
    for _ in 0..bounds.clients {
        let (subject, next, all) = (Arc::clone(subject), Arc::clone(&next), Arc::clone(&all));
        let (ended, ends) = oneshot::channel();
        clients.push(ends);
        spawn(Box::pin(async move {
            let mut own = Report::default();
            while begun.elapsed() < bounds.time {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= bounds.limit {
                    break;
                }
                let sent = Instant::now();
                match command(Arc::clone(&subject), number).await {
                    Ok(retries) => {
                        own.took.push(sent.elapsed());
                        own.retries += u64::from(retries);
                    }
                    Err(failure) => {
                        own.failures += 1;
                        own.failure.get_or_insert_with(|| failure.to_string());
                    }
                }
            }
            own.elapsed = begun.elapsed();
            all.lock().unwrap_or_else(PoisonError::into_inner).add(own);
            let _ = ended.send(());
        }));
    }
    for client in clients {
        // A client that is gone without a word has panicked; what it did is missing from the report.
        if client.await.is_err() {
            all.lock().unwrap_or_else(PoisonError::into_inner).add(Report::failed("a client panicked"));
        }
    }
    let mut report = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    report.took.sort_unstable();
    report
}

impl Report {
    /// Adds what another client did at the same time.
    pub(crate) fn add(&mut self, other: Self) {
        self.done += other.took.len() as u64;
        self.elapsed = self.elapsed.max(other.elapsed);
        self.took.extend(other.took);
        self.retries += other.retries;
        self.failures += other.failures;
        self.failure = self.failure.take().or(other.failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(millis: u64, took: &[u64], failure: Option<&str>) -> Report {
        Report {
            elapsed: Duration::from_millis(millis),
            took: took.iter().copied().map(Duration::from_micros).collect(),
            failures: failure.iter().len() as u64,
            failure: failure.map(str::to_owned),
            ..Report::default()
        }
    }

    #[test]
    fn what_clients_did_is_added_up() {
        let mut all = Report::default();
        for report in [client(10, &[5, 6], None), client(12, &[4], Some("first")), client(11, &[], Some("second"))] {
            all.add(report);
        }
        assert_eq!((all.done, all.elapsed), (3, Duration::from_millis(12)));
        assert_eq!((all.failures, all.failure.as_deref()), (2, Some("first")));
    }
}
