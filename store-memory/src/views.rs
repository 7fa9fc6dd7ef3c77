use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Included, Unbounded};

use annals_core::Payload;
use annals_core::store::{Checkpoint, ReadError, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use async_trait::async_trait;

use crate::MemoryStore;

/// The read models, each version by itself.
#[derive(Default)]
pub(crate) struct Documents(HashMap<(ViewName, u32), View>);

#[derive(Default)]
struct View {
    checkpoint: Option<Checkpoint>,
    documents: BTreeMap<String, Payload>,
}

impl Documents {
    fn view(&self, view: &ViewName, version: u32) -> Option<&View> {
        self.0.get(&(view.clone(), version))
    }

    fn list(&self, view: &ViewName, version: u32, prefix: &str, after: Option<&str>, limit: usize) -> Vec<ViewEntry> {
        // What starts with the prefix is all together, from the prefix itself on.
        let start = after.filter(|after| *after >= prefix).map_or(Included(prefix), Excluded);
        let all = self.view(view, version).into_iter().flat_map(|view| view.documents.range::<str, _>((start, Unbounded)));
        let documents = all.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        documents.map(|(key, data)| ViewEntry { key: key.clone(), data: data.clone() }).collect()
    }

    /// Stores a commit: the checks first, then the changes.
    #[allow(clippy::result_large_err, reason = "a fenced commit is rare, and its error tells both checkpoints")]
    fn commit(&mut self, commit: ViewCommit) -> Result<(), ViewError> {
        check_keys(&commit)?;
        let ViewCommit { view, version, expected, checkpoint, changes } = commit;
        let actual = self.view(&view, version).and_then(|view| view.checkpoint);
        if actual != expected {
            return Err(ViewError::Fenced { view, expected, actual });
        }
        let stored = self.0.entry((view, version)).or_default();
        stored.checkpoint = Some(checkpoint);
        for change in changes {
            match change {
                ViewChange::Put(ViewEntry { key, data }) => stored.documents.insert(key, data),
                ViewChange::Delete { key } => stored.documents.remove(&key),
            };
        }
        Ok(())
    }
}

#[allow(clippy::result_large_err, reason = "as for `commit`")]
fn check_keys(commit: &ViewCommit) -> Result<(), ViewError> {
    for change in &commit.changes {
        let (ViewChange::Put(ViewEntry { key, .. }) | ViewChange::Delete { key }) = change;
        if key.len() > 255 {
            return Err(ViewError::KeyTooLong { view: commit.view.clone(), len: key.len() });
        }
    }
    Ok(())
}

#[async_trait]
impl Views for MemoryStore {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        Ok(self.state().views.view(view, version).and_then(|view| view.checkpoint))
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        Ok(self.state().views.view(view, version).and_then(|view| view.documents.get(key).cloned()))
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        Ok(self.state().views.list(view, version, prefix, after, limit))
    }

    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError> {
        self.state().views.commit(commit)
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        self.state().views.0.remove(&(view.clone(), version));
        Ok(())
    }
}
