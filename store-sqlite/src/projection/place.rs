//! Where a projection is: its checkpoint, and the version that its tables have.

use annals_core::SinkError;
use annals_core::store::{Checkpoint, ViewName};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::sql::{execute, first, sql};

/// A projection as the store knows it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) name: ViewName,
    pub(super) version: u32,
}

/// What is stored of it.
pub(super) struct Place {
    pub(super) id: i64,
    pub(super) checkpoint: Checkpoint,
}

impl Known {
    /// Under which name its checkpoint is kept: another than that of documents, so that a projection that becomes one in
    /// SQL, or is one no longer, is built anew.
    fn row(&self) -> String {
        format!("$sqlite.{}", self.name)
    }

    /// Where it is; none if its tables were not set up, or only for an older version.
    pub(super) fn find(&self, connection: &Connection) -> Result<Result<Option<Place>, SinkError>> {
        let newest = first(connection, sql!("newest_view"), [self.row()], |row| {
            Ok((row.get(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?))
        })?;
        let Some((id, found, checkpoint)) = newest else { return Ok(Ok(None)) };
        if found > self.version {
            return Ok(Err(SinkError::Superseded { name: self.name.clone(), version: self.version, found }));
        }
        if found < self.version {
            return Ok(Ok(None));
        }
        Ok(Ok(Some(Place { id, checkpoint: serde_json::from_str(&checkpoint)? })))
    }

    /// Puts it at its start, in place of older versions.
    pub(super) fn begin(&self, connection: &Connection, checkpoint: Checkpoint) -> Result<Place> {
        let row = self.row();
        execute(connection, sql!("delete_views"), [&row])?;
        execute(connection, sql!("insert_view"), params![row, self.version, serde_json::to_string(&checkpoint)?])?;
        Ok(Place { id: connection.last_insert_rowid(), checkpoint })
    }
}

impl Place {
    /// Moves it on.
    pub(super) fn advance(&self, connection: &Connection, checkpoint: &Checkpoint) -> Result<()> {
        execute(connection, sql!("update_view"), params![self.id, serde_json::to_string(checkpoint)?]).map(drop)
    }
}
