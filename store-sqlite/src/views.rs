//! Documents of read models, each view with its checkpoint.

use annals_core::store::{Checkpoint, ReadError, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use annals_core::{Encoding, Payload};
use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::error::Result;
use crate::job::Job;
use crate::row::Arena;
use crate::sql::{execute, first, prepare, sql};

/// The longest key of a document, in bytes.
const MAX_KEY_LEN: usize = 255;

/// The row id and checkpoint of a version of a view.
fn find(connection: &Connection, view: &ViewName, version: u32) -> Result<Option<(i64, Checkpoint)>> {
    let row = params![view.as_str(), version];
    let found = first(connection, sql!("view_checkpoint"), row, |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let Some((id, text)) = found else { return Ok(None) };
    Ok(Some((id, serde_json::from_str(&text)?)))
}

/// Writes changes and checkpoint, if the view is where they start from.
pub(crate) fn write(connection: &Connection, commit: &ViewCommit) -> Result<Result<(), ViewError>> {
    let ViewCommit { view, version, expected, checkpoint, changes } = commit;
    let found = find(connection, view, *version)?;
    let actual = found.as_ref().map(|(_, checkpoint)| *checkpoint);
    if actual != *expected {
        return Ok(Err(ViewError::Fenced { view: view.clone(), expected: *expected, actual }));
    }
    let checkpoint = serde_json::to_string(checkpoint)?;
    let id = match found {
        Some((id, _)) => {
            execute(connection, sql!("update_view"), params![id, checkpoint])?;
            id
        }
        None => {
            execute(connection, sql!("insert_view"), params![view.as_str(), version, checkpoint])?;
            connection.last_insert_rowid()
        }
    };
    for change in changes {
        match change {
            ViewChange::Put(ViewEntry { key, data }) => {
                execute(connection, sql!("put_document"), params![id, key, data.encoding.number(), &data.data[..]])?;
            }
            ViewChange::Delete { key } => {
                execute(connection, sql!("delete_document"), params![id, key])?;
            }
        }
    }
    Ok(Ok(()))
}

/// Removes a version of a view, if it is there.
pub(crate) fn reset(connection: &Connection, view: &ViewName, version: u32) -> Result<()> {
    let row = params![view.as_str(), version];
    // The checkpoint is not read: a view is built anew perhaps because nobody can read it.
    if let Some(id) = first(connection, sql!("view_checkpoint"), row, |row| row.get::<_, i64>(0))? {
        execute(connection, sql!("delete_documents"), [id])?;
        execute(connection, sql!("delete_view"), [id])?;
    }
    Ok(())
}

#[async_trait]
impl Views for SqliteStore {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        let view = view.clone();
        self.ask("read a view of", move |reader| Ok(find(&reader.connection, &view, version)?.map(|(_, checkpoint)| checkpoint)))
            .await
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        let (view, key) = (view.clone(), key.to_owned());
        self.ask("read a view of", move |reader| {
            first(&reader.connection, sql!("get_document"), params![view.as_str(), version, key], |row| {
                Ok(Payload { encoding: Encoding::from_number(row.get(0)?), data: Bytes::from(row.get::<_, Vec<u8>>(1)?) })
            })
        })
        .await
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        // What starts with the prefix is all together, from the prefix itself on.
        let after = after.filter(|after| *after >= prefix);
        let (is_inclusive, start) = (after.is_none(), after.unwrap_or(prefix).to_owned());
        let (view, prefix) = (view.clone(), prefix.to_owned());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.ask("read a view of", move |reader| {
            let mut arena = Arena::default();
            let mut statement = prepare(&reader.connection, sql!("list_documents"))?;
            let mut rows = statement.query(params![view.as_str(), version, start, is_inclusive, limit])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let key: String = row.get(0)?;
                if !key.starts_with(&prefix) {
                    break;
                }
                let data = arena.keep(row.get_ref(2)?.as_blob()?);
                entries.push(ViewEntry { key, data: Payload { encoding: Encoding::from_number(row.get(1)?), data } });
            }
            Ok(entries)
        })
        .await
    }

    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError> {
        for change in &commit.changes {
            let (ViewChange::Put(ViewEntry { key, .. }) | ViewChange::Delete { key }) = change;
            if key.len() > MAX_KEY_LEN {
                return Err(ViewError::KeyTooLong { view: commit.view, len: key.len() });
            }
        }
        self.write(|reply| Job::CommitView(commit, reply), |fault, file| fault.view_error(&format!("commit a view to {file}")))
            .await
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        let view = view.clone();
        self.write(
            |reply| Job::ResetView(view, version, reply),
            |fault, file| fault.view_error(&format!("reset a view in {file}")),
        )
        .await
    }
}
