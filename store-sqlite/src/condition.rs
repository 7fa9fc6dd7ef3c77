//! Checking that nothing a decision excludes has happened since it read.

use annals_core::store::{AppendError, Condition};
use annals_core::{LogId, LogPosition};

use crate::error::Result;
use crate::session::Session;
use crate::tagged::first_match;

/// Checks a condition, exactly: it fails only because of an event that matches. The appends that come before in the
/// same batch count, because it is the same transaction.
pub(crate) fn check(session: &mut Session<'_>, condition: &Condition) -> Result<Result<(), AppendError>> {
    let log = condition.after.log;
    if log != LogId::MAIN {
        return Ok(Err(AppendError::UnknownLog(log)));
    }
    let connection = session.connection;
    match first_match(connection, session.memory(), &condition.filter, condition.after.position)? {
        None => Ok(Ok(())),
        Some(position) => Ok(Err(AppendError::ConditionFailed { at: LogPosition::new(log, position) })),
    }
}
