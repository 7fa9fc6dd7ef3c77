//! Commands for later: stored with a timer, sent when it is due, exactly once.

mod cancel;
mod deliver;
mod history;
mod record;
mod scheduling;

use annals_core::store::{Effect, Timer};
use annals_core::{Category, InvalidStreamId, ScheduleEvent, StreamId, Tenant, Timestamp};

pub(crate) use cancel::cancel;
pub(crate) use deliver::deliver;
pub(crate) use history::history;
pub use scheduling::{Scheduled, Scheduling};

/// The name of the timer of a command for later.
const TIMER: &str = "send";

/// The category of the streams of commands for later.
pub(crate) fn category() -> Option<Category> {
    Category::new(ScheduleEvent::CATEGORY).ok()
}

/// The stream of a command for later.
pub(crate) fn stream(tenant: &Tenant, id: annals_core::CommandId) -> Result<StreamId, InvalidStreamId> {
    StreamId::of(tenant.clone(), Category::new(ScheduleEvent::CATEGORY)?, id.to_string())
}

/// The timer that goes with what happened to the command: when to look at it again, or never.
pub(crate) fn timer(stream: &StreamId, due: Option<Timestamp>) -> Effect {
    match due {
        Some(due) => Effect::SetTimer(Timer { owner: stream.clone(), name: TIMER.into(), due }),
        None => Effect::CancelTimer { owner: stream.clone(), name: TIMER.into() },
    }
}
