//! Writing the effects of an append, each where its capability keeps it.

use annals_core::store::{AppendError, Effect};
use rusqlite::Connection;

use crate::error::Result;
use crate::{inbox, keys, outbox, timers};

/// Whether the effect can refuse the append.
pub(crate) const fn can_refuse(effect: &Effect) -> bool {
    !matches!(effect, Effect::Enqueue(_) | Effect::SetTimer(_) | Effect::CancelTimer { .. } | Effect::ReleaseKey { .. })
}

/// Writes an effect. The inner error refuses the append.
pub(crate) fn apply(connection: &Connection, effect: &Effect) -> Result<Result<(), AppendError>> {
    match effect {
        Effect::Enqueue(message) => outbox::enqueue(connection, message).map(Ok),
        Effect::SetTimer(timer) => timers::set(connection, timer).map(Ok),
        Effect::CancelTimer { owner, name } => timers::cancel(connection, owner, name).map(Ok),
        Effect::MarkInbox { consumer, message } => inbox::mark(connection, consumer, *message),
        Effect::ReserveKey { key, owner } => keys::reserve(connection, key, owner),
        Effect::ReleaseKey { key, owner } => keys::release(connection, key, owner).map(Ok),
        other => Ok(Err(AppendError::Unsupported { store: crate::NAME, capability: other.capability() })),
    }
}
