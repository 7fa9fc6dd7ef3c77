//! Reading a log as it grows: catch-up, then live, without gap or duplicate at the seam.

use annals_core::store::{PageSize, ReadError, ReadLog};
use annals_core::{Filter, LogId, LogPage, LogPosition, Position};
use tokio_util::sync::CancellationToken;

use crate::engine::Store;

/// Reads a log from a position on, page after page, and waits at its end for more.
///
/// There is one way of reading, for what is old and what is new, so there is no seam at which something could be lost
/// or come twice: each page starts where the one before ended, and the store never lets anything appear below that.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use annals::{Filter, LogPosition};
///
/// let app = bank().await?;
/// app.send(deposit("ann", 5)).await?;
/// let mut events = app.subscribe(Filter::all(), LogPosition::default());
/// if let Some(page) = events.next_page().await? {
///     assert_eq!(page.events[0].name.as_str(), "account.deposited");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Subscription {
    store: Store,
    filter: Filter,
    log: LogId,
    after: Position,
    size: PageSize,
    stop: CancellationToken,
}

impl Subscription {
    pub(crate) fn new(store: Store, filter: Filter, after: LogPosition, stop: CancellationToken) -> Self {
        Self { store, filter, log: after.log, after: after.position, size: PageSize::default(), stop }
    }

    /// Sets the size of the pages.
    #[must_use]
    pub fn page_size(self, size: PageSize) -> Self {
        Self { size, ..self }
    }

    /// The next page that has events or moves on; none once the application shuts down.
    ///
    /// Waits at the end of the log. A page without events says that the log has moved on and nothing in it matched.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read. Call again to go on from the same place.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing: the next call reads the same page.
    pub async fn next_page(&mut self) -> Result<Option<LogPage>, ReadError> {
        loop {
            if self.stop.is_cancelled() {
                return Ok(None);
            }
            let read = ReadLog::new(self.filter.clone()).log(self.log).after(self.after).size(self.size);
            let page = self.store.read_log(read).await?;
            if page.scanned_to > self.after {
                self.after = page.scanned_to;
                return Ok(Some(page));
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                waited = self.store.wait(self.log, self.after) => waited?,
            }
        }
    }

    /// Where the next page starts.
    pub fn position(&self) -> LogPosition {
        LogPosition::new(self.log, self.after)
    }
}
