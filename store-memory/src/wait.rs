use annals_core::Position;
use tokio::sync::watch;

/// Where the log ends, for those who wait for more.
///
/// A waiter compares the end with what it has seen before it falls asleep and each time it is woken, so that it cannot
/// miss an append that happens in between.
#[derive(Debug, Default)]
pub(crate) struct End(watch::Sender<Position>);

impl End {
    /// Makes it known that the log reaches up to `position`. Appends that end at the same time may arrive in any order.
    pub(crate) fn reached(&self, position: Position) {
        self.0.send_if_modified(|end| {
            let is_news = position > *end;
            *end = position.max(*end);
            is_news
        });
    }

    /// Completes when the log reaches above `after`.
    pub(crate) async fn above(&self, after: Position) {
        // The sender lives as long as `self`: there is no other way to end than to be right.
        let _ = self.0.subscribe().wait_for(|end| *end > after).await;
    }
}
