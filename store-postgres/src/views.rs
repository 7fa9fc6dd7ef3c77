//! Documents of read models, each view with its checkpoint.

use std::collections::BTreeMap;

use annals_core::Payload;
use annals_core::store::{Checkpoint, ReadError, ViewChange, ViewCommit, ViewEntry, ViewError, ViewName, Views};
use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::PostgresStore;
use crate::error::{Fault, Result};
use crate::row::{Arena, encoding, limit};

/// The longest key of a document, in bytes.
const MAX_KEY_LEN: usize = 255;

/// What the documents come to that a commit changes: of several changes of one the last counts.
#[derive(Default)]
struct Changes<'a> {
    keys: Vec<&'a str>,
    encodings: Vec<i32>,
    data: Vec<&'a [u8]>,
    deleted: Vec<&'a str>,
}

impl<'a> Changes<'a> {
    fn of(commit: &'a ViewCommit) -> Self {
        let mut last: BTreeMap<&str, Option<&Payload>> = BTreeMap::new();
        for change in &commit.changes {
            match change {
                ViewChange::Put(ViewEntry { key, data }) => last.insert(key, Some(data)),
                ViewChange::Delete { key } => last.insert(key, None),
            };
        }
        let mut changes = Self::default();
        for (key, data) in last {
            match data {
                Some(payload) => {
                    changes.keys.push(key);
                    changes.encodings.push(i32::from(payload.encoding.number()));
                    changes.data.push(&payload.data);
                }
                None => changes.deleted.push(key),
            }
        }
        changes
    }
}

/// The first text that is above all keys with a prefix. The database compares bytes, whose order is that of characters.
fn end_of(prefix: &str) -> String {
    let mut start = prefix.to_owned();
    while let Some(last) = start.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            start.push(next);
            return start;
        }
    }
    // Longer than any key.
    std::iter::repeat_n(char::MAX, MAX_KEY_LEN).collect()
}

impl PostgresStore {
    /// Stores a commit. None: it is stored; else where the view is, as a text, which is empty for a view without
    /// checkpoint.
    async fn commit_once(&self, commit: &ViewCommit, expected: Option<String>) -> Result<Option<String>> {
        let Changes { keys, encodings, data, deleted } = Changes::of(commit);
        let query = self.statements.commit_view.query();
        let row = query
            .bind(commit.view.as_str())
            .bind(i64::from(commit.version))
            .bind(expected)
            .bind(serde_json::to_string(&commit.checkpoint)?)
            .bind(keys)
            .bind(encodings)
            .bind(data)
            .bind(deleted)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get(0)?)
    }

    async fn commit_view(&self, commit: &ViewCommit) -> Result<Result<(), ViewError>> {
        let mut expected = commit.expected.as_ref().map(serde_json::to_string).transpose()?;
        loop {
            let Some(text) = self.commit_once(commit, expected.clone()).await? else { return Ok(Ok(())) };
            let actual: Option<Checkpoint> = if text.is_empty() { None } else { Some(serde_json::from_str(&text)?) };
            if actual != commit.expected || expected.as_deref() == Some(&text) {
                return Ok(Err(ViewError::Fenced { view: commit.view.clone(), expected: commit.expected, actual }));
            }
            // The same checkpoint in another spelling.
            expected = Some(text);
        }
    }
}

#[async_trait]
impl Views for PostgresStore {
    async fn checkpoint(&self, view: &ViewName, version: u32) -> Result<Option<Checkpoint>, ReadError> {
        let query = || self.statements.view_checkpoint.query().bind(view.as_str()).bind(i64::from(version));
        self.first("read a view of", query, |row| Ok(serde_json::from_str(row.try_get(0)?)?)).await
    }

    async fn get(&self, view: &ViewName, version: u32, key: &str) -> Result<Option<Payload>, ReadError> {
        let query = || self.statements.get_document.query().bind(view.as_str()).bind(i64::from(version)).bind(key.to_owned());
        self.first("read a view of", query, |row| {
            Ok(Payload { encoding: encoding(row.try_get(0)?)?, data: row.try_get::<Vec<u8>, _>(1)?.into() })
        })
        .await
    }

    async fn list(
        &self,
        view: &ViewName,
        version: u32,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<ViewEntry>, ReadError> {
        // What starts with the prefix is all together, from the prefix itself on.
        let after = after.filter(|after| *after >= prefix);
        let query = || {
            let query = self.statements.list_documents.query();
            let query = query.bind(view.as_str()).bind(i64::from(version)).bind(after.unwrap_or(prefix).to_owned());
            query.bind(after.is_none()).bind(end_of(prefix)).bind(limit(most))
        };
        let mut arena = Arena::default();
        let entry = move |row: &PgRow| {
            let data = Payload { encoding: encoding(row.try_get(1)?)?, data: arena.keep(row.try_get(2)?) };
            Ok(ViewEntry { key: row.try_get(0)?, data })
        };
        self.all("read a view of", query, entry).await
    }

    async fn commit(&self, commit: ViewCommit) -> Result<(), ViewError> {
        for change in &commit.changes {
            let (ViewChange::Put(ViewEntry { key, .. }) | ViewChange::Delete { key }) = change;
            if key.len() > MAX_KEY_LEN {
                return Err(ViewError::KeyTooLong { view: commit.view, len: key.len() });
            }
        }
        let failed = |fault: Fault| fault.view_error(&format!("commit the view `{}` to {}", commit.view, self.place));
        self.commit_view(&commit).await.map_err(failed)?
    }

    async fn reset(&self, view: &ViewName, version: u32) -> Result<(), ViewError> {
        let query = self.statements.reset_view.query().bind(view.as_str()).bind(i64::from(version));
        let failed = |fault: Fault| fault.view_error(&format!("reset the view `{view}` in {}", self.place));
        query.execute(&self.pool).await.map(drop).map_err(|error| failed(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_with_a_prefix_ends_where_the_next_one_starts() {
        let ends = [("a", "b"), ("a/", "a0"), ("a\u{10FFFF}", "b"), ("\u{D7FF}", "\u{E000}"), ("é", "ê"), ("\u{7F}", "\u{80}")];
        for (prefix, end) in ends {
            assert_eq!(end_of(prefix), end);
            assert!(prefix < end && format!("{prefix}\u{10FFFF}").as_str() < end);
        }
        for prefix in ["", "\u{10FFFF}"] {
            let last = "\u{10FFFF}".repeat(MAX_KEY_LEN / 4) + "zzz";
            assert!(last.len() == MAX_KEY_LEN && end_of(prefix) > last, "{prefix:?}");
        }
    }
}
