use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use super::{Checkpoint, ReadError, StoreFailure};
use crate::Payload;
use crate::text::{is_word, name};

name! {
    /// The name of a projection, such as `order_summary`: `[a-z][a-z0-9_]*`, perhaps after a `$`.
    ViewName, InvalidViewName,
    "a projection name consists of lower-case letters, digits and `_`, and starts with a letter; `.` and a leading `$` are for Annals itself",
    max = 64,
    |text| is_word(text.as_bytes()) || text.strip_prefix('$').is_some_and(crate::text::is_dotted)
}

impl ViewName {
    /// Takes the name of a projection that is written in the program, such as `ViewName::from_static("sales")`.
    ///
    /// # Panics
    /// If it is not a word of at most 64 bytes. In a constant that is an error of the compiler.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(
            text.len() <= Self::MAX_LEN && is_word(text.as_bytes()),
            "a projection name consists of at most 64 lower-case letters, digits and `_`, and starts with a letter"
        );
        Self(crate::text::Text::Static(text))
    }
}

/// One document of a read model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewEntry {
    /// Its key, unique in the view; it may be empty. At most 255 bytes.
    pub key: String,
    /// Its content.
    pub data: Payload,
}

/// What a commit does to one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewChange {
    /// Writes a document, new or not.
    Put(ViewEntry),
    /// Deletes a document, if it is there.
    Delete {
        /// Its key.
        key: String,
    },
}

/// Changes of a read model, together with the checkpoint they bring it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewCommit {
    /// The view.
    pub view: ViewName,
    /// The version of the projection. Each version has documents and a checkpoint of its own.
    pub version: u32,
    /// The checkpoint that the changes start from: the fence against a second writer.
    pub expected: Option<Checkpoint>,
    /// The checkpoint that they lead to.
    pub checkpoint: Checkpoint,
    /// The changes, in order.
    pub changes: Vec<ViewChange>,
}

/// Why changes of a read model were not stored.
#[derive(Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The checkpoint is another than expected: somebody else writes the view.
    #[error("the view `{view}` is at {}, not at {}: another process writes it", At(.actual), At(.expected))]
    Fenced {
        /// The view.
        view: ViewName,
        /// Where the changes start from.
        expected: Option<Checkpoint>,
        /// Where the view is.
        actual: Option<Checkpoint>,
    },
    /// The key of a document is too long.
    #[error("a key of the view `{view}` has {len} bytes, the limit is 255")]
    KeyTooLong {
        /// The view.
        view: ViewName,
        /// The length of the key.
        len: usize,
    },
    /// The store failed. Nothing was stored, or all of it: read the checkpoint to know.
    #[error(transparent)]
    Store(#[from] StoreFailure),
}

crate::__debug_as_told!(ViewError);

struct At<'a>(&'a Option<Checkpoint>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(checkpoint) => write!(f, "position {}", checkpoint.scanned_to),
            None => f.write_str("its start"),
        }
    }
}

/// A store that keeps documents of read models with the checkpoint of their projection, so that each event is taken
/// in exactly once.
#[async_trait]
pub trait Views: Send + Sync {
    /// The checkpoint of a version of a view, if it has one.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError>;

    /// A document.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError>;

    /// Up to `limit` documents whose keys start with `prefix`, in byte order of their keys, after the key `after`.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError>;

    /// Stores changes and checkpoint, all or nothing, if the view is where they start from.
    ///
    /// # Errors
    /// [`ViewError`]; `Fenced` if another process has moved the checkpoint.
    ///
    /// # Cancellation
    /// If the future is dropped, the commit happens as a whole or not at all.
    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError>;

    /// Removes a version of a view with its checkpoint, so that it is built anew.
    ///
    /// # Errors
    /// [`ViewError`] if the store cannot be written.
    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError>;
}

#[cfg(test)]
fn _is_object_safe(_: &dyn Views) {}
