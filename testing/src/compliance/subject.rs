use std::any::Any;
use std::fmt;
use std::sync::Arc;

use annals_core::EventStore;

/// A fresh store under test, with what it needs to stay alive.
///
/// A store by itself is a subject, so that most factories simply return their store.
pub struct Subject {
    handles: Vec<Arc<dyn EventStore>>,
    _kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl Subject {
    /// A store.
    pub fn new(store: impl EventStore) -> Self {
        Self::shared(Arc::new(store))
    }

    /// A store that is shared already.
    pub fn shared(store: Arc<dyn EventStore>) -> Self {
        Self { handles: vec![store], _kept: Vec::new() }
    }

    /// Adds a second way to the same events, such as another connection to the same database: what one appends the
    /// other must see. Checks that let several writers and readers race spread them over all ways.
    #[must_use]
    pub fn also_through(mut self, store: Arc<dyn EventStore>) -> Self {
        self.handles.push(store);
        self
    }

    /// Keeps something, such as a temporary folder, until the check has ended and the store is closed.
    #[must_use]
    pub fn keep(mut self, resource: impl Any + Send + Sync) -> Self {
        self._kept.push(Box::new(resource));
        self
    }

    /// The store.
    pub(super) fn store(&self) -> &dyn EventStore {
        &*self.handles[0]
    }

    /// A handle for the `n`th of several that race.
    pub(super) fn handle(&self, n: usize) -> Arc<dyn EventStore> {
        Arc::clone(&self.handles[n % self.handles.len()])
    }
}

impl<S: EventStore> From<S> for Subject {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("store", &self.store().info().name).finish_non_exhaustive()
    }
}
