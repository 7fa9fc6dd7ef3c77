//! How a store is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use annals_core::store::Limits;
use annals_core::{Clock, SystemClock};

use crate::{OpenError, SqliteStore};

/// How a [`SqliteStore`] is opened. What is not said has a default that suits most applications.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # use annals_store_sqlite as annals;
/// use annals::SqliteOptions;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("orders.db");
/// let store = SqliteOptions::new(&path).readers(4).open().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteOptions {
    pub(crate) path: PathBuf,
    pub(crate) create: bool,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_pages: Option<u32>,
}

impl SqliteOptions {
    /// The store in the file `path`, which is created where there is none.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            create: true,
            busy_timeout: Duration::from_secs(5),
            readers: thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8)),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            max_pages: None,
        }
    }

    /// Whether the file is created where there is none. By default it is.
    #[must_use]
    pub fn create(self, create: bool) -> Self {
        Self { create, ..self }
    }

    /// How long an append waits while another process writes to the file, by default five seconds. After that it is
    /// answered with a failure of kind [`Busy`](annals_core::store::FailureKind::Busy).
    #[must_use]
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// How many reads can run at a time, each on a thread and a connection of its own. By default one for each core, from
    /// two to eight.
    #[must_use]
    pub fn readers(self, readers: usize) -> Self {
        Self { readers: readers.max(1), ..self }
    }

    /// What the store refuses for its size.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The clock by which the store says when it recorded an event. By default that of the machine.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Lets the file grow to so many pages of 4 KiB and no further, as if the disk were full: for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn max_pages(self, pages: u32) -> Self {
        Self { max_pages: Some(pages), ..self }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`], which names the file. A file that is not an event store, or a newer one, is left as it is.
    ///
    /// # Cancellation
    /// If the future is dropped, the file may have been created; nothing else stays behind.
    pub async fn open(self) -> Result<SqliteStore, OpenError> {
        SqliteStore::start(self).await
    }
}

impl fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteOptions")
            .field("path", &self.path)
            .field("create", &self.create)
            .field("busy_timeout", &self.busy_timeout)
            .field("readers", &self.readers)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
