//! Asks a subject of the benchmarks for work and measures it.
//!
//! A subject is one program: it reads its [`Task`] from the command line, implements [`Subject`] and hands both to
//! [`run`], which writes a [`Report`] for `cargo xtask bench`. One process does one task.

mod drive;
mod key;
mod pace;
mod project;
mod report;
mod subject;
mod task;

pub use key::{AMOUNT, NOTE, OWNER, mix, stream_id};
pub use project::Progress;
pub use report::Report;
pub use subject::{Failure, Result, Subject, failure};
pub use task::{CONNECTIONS, Task};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a subject's runtime is given to run.
pub type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts jobs on the runtime of the subject.
pub trait Spawn: Fn(Job) + Clone + Send + Sync + 'static {}

impl<S: Fn(Job) + Clone + Send + Sync + 'static> Spawn for S {}

/// Does the task and reports what came of it.
///
/// # Panics
/// If the report cannot be written.
pub async fn run(task: &Task, subject: impl Subject, spawn: impl Spawn) {
    let subject = Arc::new(subject);
    let report = match &*task.name {
        "seed" => drive::seed(task, &subject, &spawn).await,
        "open" => drive::open(task, &subject, &spawn).await,
        "append" => drive::append(task, &subject, &spawn).await,
        "warm" => drive::warm(task, &subject, &spawn).await,
        "hot" => drive::hot(task, &subject, &spawn).await,
        "condition" => drive::condition(task, &subject, &spawn).await,
        "long" => drive::long(task, &subject, &spawn).await,
        "project" => project::catch_up(task, subject, &spawn).await,
        "live" => pace::live(task, &subject, &spawn).await,
        unknown => Report::failed(format!("there is no task `{unknown}`")),
    };
    match &task.report {
        Some(file) => std::fs::write(file, report.to_string()).unwrap_or_else(|error| panic!("{}: {error}", file.display())),
        None => print!("{report}"),
    }
}
