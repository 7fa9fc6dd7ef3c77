use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use annals_core::store::{Anchor, Checkpoint, PageSize, ReadError, ReadLog, ViewError};
use annals_core::{Filter, LogId, LogPage, LogPosition, Position, ProjectionSink, RecordedEvent, SinkError};
use futures_util::FutureExt;
use futures_util::future::Either;

use crate::engine::panic_message;
use crate::error::full;
use crate::progress::{Health, Progress};
use crate::shared::{Shared, patience};
use crate::subscription::Subscription;

/// How far a checkpoint may lag behind while nothing matches.
const LAG: u64 = 1_000;

/// Why a sink stopped reading.
enum End {
    /// The application stops.
    Stopped,
    /// It may go on from what is stored.
    Retry(String),
    /// Going on would fail again, or go wrong.
    Failed(String),
}

/// Feeds a sink until the application stops.
pub(crate) async fn run(mut sink: Box<dyn ProjectionSink>, shared: Arc<Shared>, progress: Progress) {
    let mut failures = 0;
    loop {
        let mut has_moved = false;
        let fed = tokio::select! {
            fed = AssertUnwindSafe(feed(&mut *sink, &shared, &progress, &mut has_moved)).catch_unwind() => fed,
            () = shared.life.kill.cancelled() => Ok(End::Stopped),
        };
        let end = fed.unwrap_or_else(|panic| End::Failed(format!("it panicked: {}", panic_message(&*panic))));
        // Not where another process has moved it.
        if has_moved {
            failures = 0;
        }
        match end {
            End::Stopped => return progress.report(Health::Stopped),
            End::Failed(reason) => {
                tracing::error!(part = %progress.name, reason, "stopped at a defect");
                return progress.report(Health::Failed(reason.into()));
            }
            End::Retry(reason) => {
                tracing::warn!(part = %progress.name, reason, failures, "will be tried again");
                progress.report(Health::Retrying(reason.into()));
                if !shared.pause(patience(failures)).await {
                    return progress.report(Health::Stopped);
                }
                failures = failures.saturating_add(1);
            }
        }
    }
}

async fn feed(sink: &mut dyn ProjectionSink, shared: &Shared, progress: &Progress, has_moved: &mut bool) -> End {
    match try_feed(sink, shared, progress, has_moved).await {
        Ok(()) => End::Stopped,
        Err(error) => classify(error),
    }
}

async fn try_feed(
    sink: &mut dyn ProjectionSink,
    shared: &Shared,
    progress: &Progress,
    has_moved: &mut bool,
) -> Result<(), SinkError> {
    let mut stored = sink.checkpoint().await?;
    let mut current = match stored {
        Some(checkpoint) => resumed(sink.filter(), shared, checkpoint).await?,
        None => Checkpoint::start(LogId::MAIN, epoch(shared)?),
    };
    progress.reached(current.scanned_to);
    let after = LogPosition::new(current.log, current.scanned_to);
    let pages = Subscription::new(shared.store().clone(), sink.filter(), after, shared.life.stop.clone());
    let mut pages = pages.page_size(sink.page_size());
    let mut next = pages.next_page().await?;
    while let Some(page) = next {
        current = current.advanced(page.scanned_to, anchor(&page));
        let lag = current.scanned_to.get().saturating_sub(stored.map_or(0, |stored| stored.scanned_to.get()));
        let is_another_life = stored.is_some_and(|stored| stored.epoch != current.epoch);
        let take_in = async {
            if !page.events.is_empty() || lag >= LAG || is_another_life {
                sink.apply(&page, stored, current).await?;
                stored = Some(current);
            }
            progress.reached(current.scanned_to);
            *has_moved = true;
            Ok(())
        };
        next = if page.at_end {
            take_in.await?;
            pages.next_page().await?
        } else {
            read_ahead(take_in, pages.next_page()).await?
        };
    }
    Ok(())
}

/// Reads the next page while one is taken in. Whether that page comes soon or late does not matter to this one.
async fn read_ahead(
    take_in: impl Future<Output = Result<(), SinkError>>,
    read: impl Future<Output = Result<Option<LogPage>, ReadError>>,
) -> Result<Option<LogPage>, SinkError> {
    match futures_util::future::select(pin!(take_in), pin!(read)).await {
        Either::Left((taken_in, read)) => {
            taken_in?;
            Ok(read.await?)
        }
        Either::Right((read, take_in)) => {
            take_in.await?;
            Ok(read?)
        }
    }
}

fn anchor(page: &LogPage) -> Option<Anchor> {
    page.events.last().map(|event| Anchor { position: event.position, event: event.id })
}

pub(super) fn epoch(shared: &Shared) -> Result<annals_core::store::Epoch, ReadError> {
    shared.store().info().log(LogId::MAIN).map(|log| log.epoch).ok_or(ReadError::UnknownLog(LogId::MAIN))
}

/// Goes on from a checkpoint, once it is sure that the log is the one that was read: the event that was taken in last
/// is still at its place.
async fn resumed(filter: Filter, shared: &Shared, mut checkpoint: Checkpoint) -> Result<Checkpoint, SinkError> {
    let epoch = epoch(shared)?;
    let same_life = checkpoint.epoch == epoch;
    checkpoint.epoch = epoch;
    let Some(anchor) = checkpoint.anchor else {
        if !same_life {
            checkpoint.scanned_to = Position::ZERO;
        }
        return Ok(checkpoint);
    };
    let there = |filter| ReadLog::new(filter).log(checkpoint.log).after(anchor.position.previous()).size(PageSize::events(1));
    let is_it = |event: &&RecordedEvent| event.position == anchor.position && event.id == anchor.event;
    let page = shared.store().read_log(there(filter)).await?;
    if page.events.first().filter(is_it).is_none() {
        let page = shared.store().read_log(there(Filter::everything())).await?;
        return Err(match page.events.first() {
            Some(event) if is_it(&event) => SinkError::Unmatched { at: anchor.position, name: event.name.clone() },
            // Who read the event may have been in another process, which saw farther.
            None if same_life && page.scanned_to < anchor.position => {
                SinkError::Behind { at: anchor.position, end: page.scanned_to }
            }
            _ => SinkError::Diverged { at: anchor.position },
        });
    }
    if !same_life {
        // What lies above the anchor may have been given out anew.
        checkpoint.scanned_to = anchor.position;
    }
    Ok(checkpoint)
}

fn classify(error: SinkError) -> End {
    let text = full(&error);
    match error {
        SinkError::View(ViewError::Fenced { .. } | ViewError::Store(_))
        | SinkError::Read(_)
        | SinkError::Event { .. }
        | SinkError::Behind { .. } => End::Retry(text),
        _ => End::Failed(text),
    }
}
