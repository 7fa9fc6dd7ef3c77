use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use annals_core::store::{FailureKind, ReadError, StoreFailure, ViewName, Views};
use annals_core::{Payload, Projection};

use crate::error::{ViewReadError, WaitError};
use crate::send::Receipt;
use crate::shared::Shared;

/// The documents of a projection, for reading.
///
/// What is read is as new as the projection has come. To read what one has just written, wait for the receipt first:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = bank().await?;
/// let receipt = app.send(deposit("ann", 5)).await?;
/// let totals = app.view::<Totals>()?.at_least(&receipt).await?.single().await?;
/// assert_eq!(totals.deposited, 5);
/// # Ok(())
/// # }
/// ```
pub struct View<P> {
    shared: Arc<Shared>,
    name: ViewName,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> View<P> {
    pub(crate) fn new(shared: &Arc<Shared>) -> Result<Self, ViewReadError> {
        let unknown = || ViewReadError::UnknownProjection(P::NAME);
        let name = ViewName::new(P::NAME).map_err(|_| unknown())?;
        if !shared.projections.contains(P::NAME) {
            return Err(unknown());
        }
        Ok(Self { shared: Arc::clone(shared), name, projection: PhantomData })
    }

    /// Waits until the projection has taken in what a command wrote.
    ///
    /// # Errors
    /// [`WaitError`] if the projection has stopped or the application shuts down.
    pub async fn at_least(self, receipt: &Receipt) -> Result<Self, WaitError> {
        if let (Some(target), Some(progress)) = (receipt.position, self.shared.progress.get(P::NAME)) {
            progress.wait_for(target).await?;
        }
        Ok(self)
    }

    /// A document, if there is one.
    ///
    /// # Errors
    /// [`ViewReadError`] if the store or the document cannot be read.
    pub async fn get(&self, key: &str) -> Result<Option<P>, ViewReadError> {
        let data = self.views()?.get(&self.name, P::VERSION, key).await?;
        data.map(|data| read(key, &data)).transpose()
    }

    /// The document of a projection that has only one; its default if nothing has happened yet.
    ///
    /// # Errors
    /// [`ViewReadError`] if the store or the document cannot be read.
    pub async fn single(&self) -> Result<P, ViewReadError> {
        Ok(self.get("").await?.unwrap_or_default())
    }

    /// Up to `limit` documents whose keys start with `prefix`, with their keys and in byte order of them, after the key
    /// `after`. The empty prefix is that of all; the last key of a page is the `after` of the next.
    ///
    /// # Errors
    /// [`ViewReadError`] if the store or a document cannot be read.
    pub async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, P)>, ViewReadError> {
        let entries = self.views()?.list(&self.name, P::VERSION, prefix, after, limit).await?;
        entries.into_iter().map(|entry| Ok((entry.key.clone(), read(&entry.key, &entry.data)?))).collect()
    }

    fn views(&self) -> Result<&dyn Views, ReadError> {
        let missing = || StoreFailure::plain(FailureKind::Closed, "read views").into();
        self.shared.store().views().ok_or_else(missing)
    }
}

fn read<P: Projection>(key: &str, data: &Payload) -> Result<P, ViewReadError> {
    data.read().map_err(|source| ViewReadError::Document { projection: P::NAME, key: key.to_owned(), source })
}

impl<P: Projection> fmt::Debug for View<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({})", P::NAME)
    }
}
