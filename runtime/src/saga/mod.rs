//! The engine under sagas: it starts instances, takes their steps, and wakes them when something is due.

mod drive;
mod handle;
mod hear;
mod listener;
mod live;
mod react;
mod runner;
mod starter;
mod store;

use annals_core::store::ReadError;
use annals_core::{Category, Timestamp};

pub use handle::{Intervention, SagaState, Sagas};
pub(crate) use runner::Runner;

use crate::shared::Shared;

/// The name of the timer that says when an instance must be looked at.
const TIMER: &str = "run";

/// The name of the timer of an instance that has nothing to do before an event comes: it says when the wait is over, or never.
const IDLE: &str = "idle";

/// The name of the timer that marks a suspended instance. It is never due: it is how operators find what waits for them.
const SUSPENDED: &str = "suspended";

/// Whether an instance of any saga has something to do, or a command that was put off is due. The timers are the index of
/// both.
pub(crate) async fn running(shared: &Shared) -> Result<bool, ReadError> {
    let Some(timers) = shared.timers() else { return Ok(false) };
    for name in shared.progress.keys().filter(|name| name.starts_with("$saga.")) {
        let Ok(category) = Category::new(name) else { continue };
        // Instances that wait for an event or for an operator have timers too: more are read until one has work to do.
        let mut read = 1;
        loop {
            let due = timers.due(&category, Timestamp::MAX, read).await?;
            let now = shared.env().now();
            if due.iter().any(|timer| timer.name == TIMER || timer.due <= now) {
                return Ok(true);
            }
            if due.len() < read {
                break;
            }
            read *= 8;
        }
    }
    match crate::schedule::category() {
        Some(category) => Ok(!timers.due(&category, shared.env().now(), 1).await?.is_empty()),
        None => Ok(false),
    }
}
