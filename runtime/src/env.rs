//! The environment of an application that runs on tokio.

use std::sync::Arc;

use annals_core::{Clock, Env, Executor, SystemClock, SystemRandom, Timestamp};
use futures_util::future::BoxFuture;

/// The clock of the machine, the randomness of the operating system, and tasks on the current tokio runtime.
///
/// # Panics
/// Not here, but where a task is started outside a tokio runtime.
pub fn system_env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(SystemRandom), Arc::new(TokioExecutor))
}

/// Starts tasks on the current tokio runtime and waits by its timer.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioExecutor;

impl Executor for TokioExecutor {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts tasks")]
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // The handle is dropped, which detaches the task: who needs its end tracks the future itself.
        drop(tokio::spawn(task));
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that waits by the machine's timer")]
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let wait = deadline.since(SystemClock.now());
        Box::pin(async move { tokio::time::sleep(wait).await })
    }
}
