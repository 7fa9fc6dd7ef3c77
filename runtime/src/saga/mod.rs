//! The engine under sagas: it starts instances, takes their steps, and wakes them when something is due.

mod drive;
mod handle;
mod live;
mod runner;
mod starter;

use annals_core::store::ReadError;
use annals_core::{Category, Timestamp};

pub use handle::{SagaState, Sagas};
pub(crate) use runner::Runner;

use crate::shared::Shared;

/// The name of the timer that says when an instance must be looked at.
const TIMER: &str = "run";

/// The name of the timer that marks a suspended instance. It is never due: it is how operators find what waits for them.
const SUSPENDED: &str = "suspended";

/// Whether an instance of any saga is running, or a command that was put off is due. The timers are the index of both.
pub(crate) async fn running(shared: &Shared) -> Result<bool, ReadError> {
    let Some(timers) = shared.timers() else { return Ok(false) };
    for name in shared.progress.keys().filter(|name| name.starts_with("$saga.")) {
        let Ok(category) = Category::new(name) else { continue };
        // What is due first comes first, so suspended instances, which are never due, come last.
        if timers.due(&category, Timestamp::MAX, 1).await?.iter().any(|timer| timer.name == TIMER) {
            return Ok(true);
        }
    }
    match crate::schedule::category() {
        Some(category) => Ok(!timers.due(&category, shared.env().now(), 1).await?.is_empty()),
        None => Ok(false),
    }
}
