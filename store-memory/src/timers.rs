use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};

use annals_core::store::{ReadError, Timer, Timers};
use annals_core::{Category, StreamId, Timestamp};
use async_trait::async_trait;

use crate::MemoryStore;

/// The timers that are set: by owner, and by when they are due.
#[derive(Default)]
pub(crate) struct Schedule {
    by_owner: HashMap<StreamId, BTreeMap<String, Timestamp>>,
    by_due: HashMap<Category, BTreeMap<Timestamp, BTreeSet<(StreamId, String)>>>,
}

impl Schedule {
    /// Sets a timer, or moves the one of this owner and name.
    pub(crate) fn set(&mut self, timer: Timer) {
        let Timer { owner, name, due } = timer;
        self.cancel(&owner, &name);
        self.by_owner.entry(owner.clone()).or_default().insert(name.clone(), due);
        self.by_due.entry(owner.category().clone()).or_default().entry(due).or_default().insert((owner, name));
    }

    /// Removes a timer, if it is set.
    pub(crate) fn cancel(&mut self, owner: &StreamId, name: &str) {
        let Some(timers) = self.by_owner.get_mut(owner) else { return };
        let Some(due) = timers.remove(name) else { return };
        if timers.is_empty() {
            self.by_owner.remove(owner);
        }
        let Some(category) = self.by_due.get_mut(owner.category()) else { return };
        let Some(moment) = category.get_mut(&due) else { return };
        moment.remove(&(owner.clone(), name.to_owned()));
        if moment.is_empty() {
            category.remove(&due);
        }
    }

    fn due(&self, category: &Category, now: Timestamp, limit: usize) -> Vec<Timer> {
        let moments = self.by_due.get(category).into_iter().flat_map(|moments| moments.range(..=now));
        let timers = moments.flat_map(|(due, timers)| timers.iter().map(|(owner, name)| (owner, name, *due)));
        timers.take(limit).map(|(owner, name, due)| Timer { owner: owner.clone(), name: name.clone(), due }).collect()
    }

    fn next_due(&self, category: &Category, now: Timestamp) -> Option<Timestamp> {
        let moments = self.by_due.get(category)?;
        moments.range((Excluded(now), Unbounded)).next().map(|(due, _)| *due)
    }

    fn of(&self, owner: &StreamId) -> Vec<Timer> {
        let timers = self.by_owner.get(owner).into_iter().flatten();
        timers.map(|(name, due)| Timer { owner: owner.clone(), name: name.clone(), due: *due }).collect()
    }
}

#[async_trait]
impl Timers for MemoryStore {
    async fn due(&self, category: &Category, now: Timestamp, limit: usize) -> Result<Vec<Timer>, ReadError> {
        Ok(self.state().timers.due(category, now, limit))
    }

    async fn next_due(&self, category: &Category, now: Timestamp) -> Result<Option<Timestamp>, ReadError> {
        Ok(self.state().timers.next_due(category, now))
    }

    async fn of(&self, owner: &StreamId) -> Result<Vec<Timer>, ReadError> {
        Ok(self.state().timers.of(owner))
    }
}
