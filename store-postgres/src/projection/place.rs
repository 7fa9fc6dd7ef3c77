//! Where a projection is: its checkpoint, and the version that its tables have.

use annals_core::SinkError;
use annals_core::store::{Checkpoint, ViewName};
use sqlx::{PgConnection, PgPool, Row};

use crate::error::Result;
use crate::sql::Statements;

/// A projection as the store knows it.
pub(super) struct Known {
    pub(super) name: ViewName,
    pub(super) version: u32,
}

/// What a transaction found when it took hold of a projection.
pub(super) struct Held {
    /// Where it was; none if its tables were not set up, or only for an older version.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Whether its tables have to be made: it is at its start now.
    pub(super) is_new: bool,
}

impl Known {
    /// Under which name its checkpoint is kept: another than that of documents, so that a projection that becomes one in
    /// SQL, or is one no longer, is built anew.
    fn row(&self) -> String {
        format!("$postgres.{}", self.name)
    }

    /// Where it is; none if its tables were not set up, or only for an older version.
    pub(super) async fn find(&self, pool: &PgPool, statements: &Statements) -> Result<Result<Option<Checkpoint>, SinkError>> {
        let newest = statements.newest_projection.query().bind(self.row()).fetch_optional(pool).await?;
        let Some(row) = newest else { return Ok(Ok(None)) };
        self.judge(Some(row.try_get(0)?), row.try_get(1)?)
    }

    /// Takes hold of it until the transaction ends, and puts it at `start` where it is new, or is to begin anew.
    pub(super) async fn hold(
        &self,
        tx: &mut PgConnection,
        statements: &Statements,
        start: &Checkpoint,
        anew: bool,
    ) -> Result<Result<Held, SinkError>> {
        let query = statements.hold_projection.query().bind(self.row()).bind(i64::from(self.version));
        let row = query.bind(serde_json::to_string(start)?).bind(anew).fetch_one(tx).await?;
        let (found, text, is_new): (_, Option<&str>, _) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let found = self.judge(found, text.unwrap_or_default())?;
        Ok(found.map(|checkpoint| Held { checkpoint, is_new }))
    }

    /// Moves it on, in a transaction that holds it.
    pub(super) async fn advance(
        &self,
        tx: &mut PgConnection,
        statements: &Statements,
        to: &Checkpoint,
    ) -> Result<(), sqlx::Error> {
        let to = serde_json::to_string(to).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let query = statements.move_projection.query().bind(self.row()).bind(i64::from(self.version)).bind(to);
        query.execute(tx).await.map(drop)
    }

    fn judge(&self, found: Option<i64>, checkpoint: &str) -> Result<Result<Option<Checkpoint>, SinkError>> {
        let Some(found) = found else { return Ok(Ok(None)) };
        if found > i64::from(self.version) {
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            return Ok(Err(SinkError::Superseded { name: self.name.clone(), version: self.version, found }));
        }
        if found < i64::from(self.version) {
            return Ok(Ok(None));
        }
        Ok(Ok(Some(serde_json::from_str(checkpoint)?)))
    }
}
