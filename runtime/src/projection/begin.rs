use annals_core::store::{Checkpoint, ViewCommit, ViewError, ViewName};
use annals_core::{LogId, SinkError};

use super::fold::views;
use super::worker::epoch;
use crate::shared::Shared;

/// Lets a part that has taken nothing in begin where the log ends.
pub(crate) async fn begin_now(shared: &Shared, view: &ViewName) -> Result<(), SinkError> {
    let views = views(shared.store())?;
    let (stored, epoch) = (views.checkpoint(view, 1).await?, epoch(shared)?);
    // Positions of another life of the store say nothing about this one; an event that was taken in still does.
    if stored.is_some_and(|stored| stored.anchor.is_some() || stored.epoch == epoch) {
        return Ok(());
    }
    let end = shared.end_of_log().await?;
    let checkpoint = Checkpoint::start(LogId::MAIN, epoch).advanced(end.position, None);
    let commit = ViewCommit { view: view.clone(), version: 1, expected: stored, checkpoint, changes: Vec::new() };
    match views.commit(commit).await {
        // Another process has begun it at the same time.
        Err(ViewError::Fenced { .. }) => Ok(()),
        committed => Ok(committed?),
    }
}
