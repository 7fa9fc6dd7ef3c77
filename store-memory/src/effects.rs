use std::collections::{BTreeMap, HashSet};

use annals_core::store::{AppendError, Effect};

use crate::state::State;

impl State {
    /// Checks effects in their order, each as if those before it had been applied.
    pub(crate) fn check_effects(&self, effects: &[Effect]) -> Result<(), AppendError> {
        let mut marked = HashSet::new();
        let mut owners = BTreeMap::new();
        for effect in effects {
            match effect {
                Effect::MarkInbox { consumer, message } => {
                    let is_marked = self.inbox.is_marked(consumer, *message) || !marked.insert((consumer, *message));
                    if is_marked {
                        return Err(AppendError::DuplicateMessage { consumer: consumer.clone(), message: *message });
                    }
                }
                Effect::ReserveKey { key, owner } => {
                    let holder = owners.get(key).copied().unwrap_or_else(|| self.keys.owner(key));
                    if let Some(holder) = holder.filter(|holder| *holder != owner) {
                        return Err(AppendError::KeyTaken { key: key.clone(), owner: holder.clone() });
                    }
                    owners.insert(key, Some(owner));
                }
                Effect::ReleaseKey { key, owner } => {
                    let holder = owners.get(key).copied().unwrap_or_else(|| self.keys.owner(key));
                    if holder == Some(owner) {
                        owners.insert(key, None);
                    }
                }
                // The others cannot fail.
                _ => {}
            }
        }
        Ok(())
    }

    /// Applies an effect that was checked.
    pub(crate) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Enqueue(message) => self.outbox.enqueue(message),
            Effect::SetTimer(timer) => self.timers.set(timer),
            Effect::CancelTimer { owner, name } => self.timers.cancel(&owner, &name),
            Effect::MarkInbox { consumer, message } => self.inbox.mark(consumer, message),
            Effect::ReserveKey { key, owner } => self.keys.reserve(key, owner),
            Effect::ReleaseKey { key, owner } => self.keys.release(&key, &owner),
            // `MemoryStore::append` has refused what is unknown.
            _ => {}
        }
    }
}
