use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use annals_core::store::{Checkpoint, ReadError, ViewChange, ViewCommit, ViewEntry, ViewName, Views};
use annals_core::{Document, Filter, LogPage, Payload, Projection, ProjectionSink, SinkError};
use async_trait::async_trait;

use crate::engine::Store;

/// How many documents a sink keeps between pages.
const KEPT: usize = 10_000;

/// A projection that is folded into documents, which the store keeps together with the checkpoint.
pub(crate) struct FoldedSink<P> {
    store: Store,
    name: ViewName,
    /// The documents that are known, as they are after the last event; none: there is no document.
    documents: BTreeMap<String, Option<P>>,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> FoldedSink<P> {
    pub(crate) fn new(store: Store, name: ViewName) -> Self {
        Self { store, name, documents: BTreeMap::new(), projection: PhantomData }
    }

    fn views(&self) -> Result<&dyn Views, SinkError> {
        views(&self.store)
    }

    /// Makes sure that the document is among those that are known.
    async fn load(&mut self, key: &str) -> Result<(), SinkError> {
        if self.documents.contains_key(key) {
            return Ok(());
        }
        let stored = self.views()?.get(&self.name, P::VERSION, key).await?;
        let read = |data: Payload| data.read().map_err(|source| SinkError::Document { key: key.to_owned(), source });
        self.documents.insert(key.to_owned(), stored.map(read).transpose()?);
        Ok(())
    }

    async fn fold(&mut self, page: &LogPage) -> Result<Vec<ViewChange>, SinkError> {
        let mut touched = BTreeSet::new();
        for event in &page.events {
            for key in P::keys(event)? {
                self.load(&key).await?;
                if let Some(known) = self.documents.get_mut(&key) {
                    match known.get_or_insert_default().apply(event, &key)? {
                        Document::Keep => {}
                        Document::Delete => *known = None,
                    }
                }
                touched.insert(key);
            }
        }
        touched.into_iter().map(|key| self.change(key)).collect()
    }

    /// What a commit does to a document that has taken something in.
    fn change(&self, key: String) -> Result<ViewChange, SinkError> {
        let Some(document) = self.documents.get(&key).and_then(Option::as_ref) else {
            return Ok(ViewChange::Delete { key });
        };
        match Payload::json(document) {
            Ok(data) => Ok(ViewChange::Put(ViewEntry { key, data })),
            Err(source) => Err(SinkError::Write { key, source }),
        }
    }
}

#[async_trait]
impl<P: Projection> ProjectionSink for FoldedSink<P> {
    fn name(&self) -> &ViewName {
        &self.name
    }

    fn filter(&self) -> Filter {
        P::filter()
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        // Whoever asks starts over from what is stored, so what is kept may be ahead of it.
        self.documents.clear();
        Ok(self.views()?.checkpoint(&self.name, P::VERSION).await?)
    }

    async fn apply(&mut self, page: &LogPage, expected: Option<Checkpoint>, checkpoint: Checkpoint) -> Result<(), SinkError> {
        if self.documents.len() > KEPT {
            self.documents.clear();
        }
        let changes = self.fold(page).await?;
        let commit = ViewCommit { view: self.name.clone(), version: P::VERSION, expected, checkpoint, changes };
        Ok(self.views()?.commit(commit).await?)
    }
}

/// The views of a store that was found to have them when the application started.
pub(crate) fn views(store: &Store) -> Result<&dyn Views, SinkError> {
    store.views().ok_or_else(|| {
        let failure = annals_core::store::StoreFailure::plain(annals_core::store::FailureKind::Closed, "keep views");
        SinkError::Read(ReadError::Store(failure))
    })
}
