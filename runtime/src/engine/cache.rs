use std::any::TypeId;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use annals_core::dispatch::AnyState;
use annals_core::{StreamKey, Version};
use lru::LruCache;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The states of recently used aggregates.
///
/// A state is a baseline, never the truth: what is decided on it is appended with its version as the expected one, and a
/// rejection is only given out after reading what came since. Commands for one stream queue up here in order of arrival,
/// so that within a process they do not collide.
pub(crate) struct Cache(Mutex<LruCache<Key, Slot>>);

type Key = (TypeId, StreamKey);
type Slot = Arc<AsyncMutex<Option<Held>>>;

/// The place of one stream, while a command works on it. Empty if its state must be read.
pub(crate) type Place = OwnedMutexGuard<Option<Held>>;

/// A state and the version it is at.
pub(crate) struct Held {
    pub(crate) state: Box<dyn AnyState>,
    pub(crate) version: Version,
}

impl Cache {
    /// Keeps up to `capacity` states.
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(capacity)))
    }

    /// Waits for the place of a stream. Take several in ascending order of keys, or two commands may wait for each other.
    pub(crate) async fn place(&self, aggregate: TypeId, stream: StreamKey) -> Place {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.get_or_insert((aggregate, stream), Slot::default))
        };
        slot.lock_owned().await
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Cache").field("len", &len).finish_non_exhaustive()
    }
}
