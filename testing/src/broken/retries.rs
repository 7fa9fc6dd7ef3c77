use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use annals_core::store::{Append, AppendError, Appended, ReadError};
use annals_core::{AppendId, EventStore};
use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::task::yield_now;

use super::Flaw;

/// Remembers only the latest append ids, so that an append that is sent again late is stored twice.
#[derive(Debug, Default)]
pub struct ForgottenAppendId {
    latest: Mutex<VecDeque<AppendId>>,
    sent: AtomicU64,
}

const REMEMBERED: usize = 100;

#[async_trait]
impl Flaw for ForgottenAppendId {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let mut latest = self.latest.lock().await;
        let id = append.id;
        let was_stored = matches!(store.appended(id).await, Ok(Some(_)));
        if was_stored && !latest.contains(&id) {
            let again = id.derive(&self.sent.fetch_add(1, Ordering::Relaxed).to_string());
            return store.append(Append { id: again, ..append }).await;
        }
        let appended = store.append(append).await?;
        latest.push_back(id);
        if latest.len() > REMEMBERED {
            latest.pop_front();
        }
        Ok(appended)
    }
}

/// Looks an append id up first and stores it afterwards, with room for a duplicate in between.
#[derive(Debug, Default)]
pub struct RacingAppendId {
    stored_as: Mutex<HashMap<AppendId, AppendId>>,
    sent: AtomicU64,
}

#[async_trait]
impl Flaw for RacingAppendId {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let id = append.id;
        let known = self.stored_as.lock().await.get(&id).copied();
        if let Some(known) = known {
            return store.append(Append { id: known, ..append }).await;
        }
        yield_now().await;
        let own = id.derive(&self.sent.fetch_add(1, Ordering::Relaxed).to_string());
        let appended = store.append(Append { id: own, ..append }).await?;
        self.stored_as.lock().await.insert(id, own);
        Ok(appended)
    }

    async fn appended(&self, store: &dyn EventStore, id: AppendId) -> Result<Option<Appended>, ReadError> {
        let known = self.stored_as.lock().await.get(&id).copied();
        store.appended(known.unwrap_or(id)).await
    }
}
