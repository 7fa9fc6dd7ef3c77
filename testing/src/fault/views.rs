use annals_core::Payload;
use annals_core::store::{Checkpoint, ReadError, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use async_trait::async_trait;

use super::store::Failed;
use super::{FaultStore, Operation};

impl FaultStore {
    fn sound_views(&self) -> &dyn Views {
        self.sound().views().expect("a store without views is not asked for them")
    }
}

#[async_trait]
impl Views for FaultStore {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        self.read(self.sound_views().checkpoint(view, version)).await
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        self.read(self.sound_views().get(view, version, key)).await
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        self.read(self.sound_views().list(view, version, prefix, after, limit)).await
    }

    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError> {
        match self.attempt(Operation::Commit, self.sound_views().commit(commit)).await {
            Ok(result) => result,
            Err(Failed::Refused(failure) | Failed::Unknown(failure)) => Err(failure.into()),
        }
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        self.check_alive()?;
        self.while_busy(self.sound_views().reset(view, version)).await
    }
}
