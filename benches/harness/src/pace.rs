//! Commands that come at a steady rate, whatever became of those before.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use crate::key::{OPENED, READY};
use crate::{Report, Spawn, Subject, Task};

/// How many commands get the read model going before the clock starts.
const FIRST: u64 = 20;

/// Opens accounts at a steady rate, and notes how long after its commit the read model has each.
pub(crate) async fn live(task: &Task, subject: &Arc<impl Subject>, spawn: &impl Spawn) -> Report {
    if let Err(failure) = subject.watch().await {
        return Report::failed(failure);
    }
    for number in 0..FIRST {
        if let Err(failure) = subject.opened_and_seen(READY + number).await {
            return Report::failed(failure);
        }
    }
    let begun = Instant::now();
    let wanted = (task.pace as f64 * task.seconds) as u64;
    let (started, starts) = oneshot::channel();
    let (subject, spawn, pace) = (Arc::clone(subject), spawn.clone(), task.pace);
    // A thread, because the runtimes have no clock in common.
    thread::spawn(move || {
        let mut answers = Vec::new();
        for number in 0..wanted {
            let due = begun + Duration::from_secs_f64(number as f64 / pace as f64);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let (subject, (answer, answered)) = (Arc::clone(&subject), oneshot::channel());
            answers.push(answered);
            spawn(Box::pin(async move {
                let _ = answer.send(subject.opened_and_seen(OPENED + number).await);
            }));
        }
        let _ = started.send(answers);
    });
    let mut report = Report::default();
    for answered in starts.await.unwrap_or_default() {
        match answered.await {
            Ok(Ok(took)) => report.took.push(took),
            Ok(Err(failure)) => report.add(Report::failed(failure)),
            Err(_) => report.add(Report::failed("a command panicked")),
        }
    }
    report.elapsed = begun.elapsed();
    report.done = report.took.len() as u64;
    report.took.sort_unstable();
    report
}
