//! Unique keys: which stream has which.

use annals_core::StreamId;
use annals_core::store::{Keys, ReadError, ReservedKeyName};
use async_trait::async_trait;
use sqlx::Row;

use crate::PostgresStore;
use crate::row::stream_of;

#[async_trait]
impl Keys for PostgresStore {
    async fn owner(&self, key: &ReservedKeyName) -> Result<Option<StreamId>, ReadError> {
        let query = || self.statements.key_owner.query().bind(key.tenant().as_str()).bind(key.scope()).bind(key.key());
        self.first("read keys of", query, |row| stream_of(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).await
    }
}
