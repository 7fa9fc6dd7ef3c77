//! Unique keys: which stream has which.

use annals_core::StreamId;
use annals_core::store::{AppendError, Keys, ReadError, ReservedKeyName};
use async_trait::async_trait;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::error::{Fault, Result};
use crate::memory::stream_of;
use crate::sql::{execute, first, sql};

/// Reserves a key. Refuses if another stream has it.
pub(crate) fn reserve(connection: &Connection, key: &ReservedKeyName, owner: &StreamId) -> Result<Result<(), AppendError>> {
    if execute(connection, sql!("reserve_key"), row(key, owner))? > 0 {
        return Ok(Ok(()));
    }
    let taken = find(connection, key)?.ok_or_else(|| Fault::corrupt(format!("the {key} is in the index only")))?;
    Ok(if taken == *owner { Ok(()) } else { Err(AppendError::KeyTaken { key: key.clone(), owner: taken }) })
}

/// Gives a key back, if `owner` has it.
pub(crate) fn release(connection: &Connection, key: &ReservedKeyName, owner: &StreamId) -> Result<()> {
    execute(connection, sql!("release_key"), row(key, owner)).map(drop)
}

fn row<'a>(key: &'a ReservedKeyName, owner: &'a StreamId) -> [&'a str; 6] {
    let (tenant, category) = (owner.tenant().as_str(), owner.category().as_str());
    [key.tenant().as_str(), key.scope(), key.key(), tenant, category, owner.id()]
}

fn find(connection: &Connection, key: &ReservedKeyName) -> Result<Option<StreamId>> {
    let parts = first(connection, sql!("key_owner"), params![key.tenant().as_str(), key.scope(), key.key()], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    parts.map(|(tenant, category, name)| stream_of(&tenant, &category, &name)).transpose()
}

#[async_trait]
impl Keys for SqliteStore {
    async fn owner(&self, key: &ReservedKeyName) -> Result<Option<StreamId>, ReadError> {
        let key = key.clone();
        self.ask("read keys of", move |reader| find(&reader.connection, &key)).await
    }
}
