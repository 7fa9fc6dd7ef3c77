use annals_core::Payload;
use annals_core::store::{Checkpoint, ReadError, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use async_trait::async_trait;

use super::{Broken, Flaw};

/// Commits documents whatever the checkpoint is.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnfencedViews;

impl Flaw for UnfencedViews {
    fn fences_views(&self) -> bool {
        false
    }
}

/// Deletes documents before it looks at the checkpoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeletedBeforehand;

impl Flaw for DeletedBeforehand {
    fn deletes_documents_last(&self) -> bool {
        false
    }
}

impl<F: Flaw> Broken<F> {
    fn sound_views(&self) -> &dyn Views {
        self.store.views().expect("a store without views is not asked for them")
    }
}

/// The views of a store that does not fence them, or deletes too early.
#[async_trait]
impl<F: Flaw> Views for Broken<F> {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        self.sound_views().checkpoint(view, version).await
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        self.sound_views().get(view, version, key).await
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        self.sound_views().list(view, version, prefix, after, limit).await
    }

    async fn commit(&self, mut commit: ViewCommit) -> Result<(), ViewError> {
        if !self.flaw.deletes_documents_last()
            && let Some(checkpoint) = self.checkpoint(&commit.view, commit.version).await.ok().flatten()
        {
            let deletes = |change: &ViewChange| matches!(change, ViewChange::Delete { .. });
            let changes = commit.changes.iter().filter(|change| deletes(change)).cloned().collect();
            let early = ViewCommit { expected: Some(checkpoint), checkpoint, changes, ..commit.clone() };
            self.sound_views().commit(early).await?;
        }
        loop {
            match self.sound_views().commit(commit.clone()).await {
                Err(ViewError::Fenced { actual, .. }) if !self.flaw.fences_views() => commit.expected = actual,
                result => return result,
            }
        }
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        self.sound_views().reset(view, version).await
    }
}
