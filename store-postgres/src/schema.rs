//! What is in the schema, and how a schema of ours is told from others.

use annals_core::store::Epoch;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::OpenError;
use crate::sql::{Schema, file};

/// The newest format of the tables.
const FORMAT: i32 = 1;

/// Everything of format 1, in the order in which it is made.
const TABLES: [&str; 38] = [
    file!("schema/schema"),
    file!("schema/store"),
    file!("schema/event_position"),
    file!("schema/event"),
    file!("schema/event_append"),
    file!("schema/event_tag"),
    file!("schema/refuse_change"),
    file!("schema/remove_events"),
    file!("schema/event_no_change"),
    file!("schema/event_no_truncate"),
    file!("schema/event_tag_no_change"),
    file!("schema/event_tag_no_truncate"),
    file!("schema/timer"),
    file!("schema/timer_due"),
    file!("schema/outbox"),
    file!("schema/outbox_queue"),
    file!("schema/inbox"),
    file!("schema/reserved_key"),
    file!("schema/view"),
    file!("schema/document"),
    file!("schema/readable"),
    file!("schema/horizon"),
    file!("schema/drawn"),
    file!("schema/first_match"),
    file!("schema/apply_refusable"),
    file!("schema/apply_effects"),
    file!("schema/append"),
    file!("schema/append_one"),
    file!("schema/find_append"),
    file!("schema/commit_view"),
    file!("schema/reset_view"),
    file!("schema/settle"),
    file!("schema/hold_projection"),
    file!("schema/move_projection"),
    file!("schema/refuse_commit"),
    file!("schema/view_commit"),
    file!("schema/revoke_functions"),
    file!("schema/new_store"),
];

/// What the server and the tables say when the store is opened.
pub(crate) struct Opened {
    pub(crate) store: Uuid,
    pub(crate) epoch: Epoch,
    pub(crate) durable: bool,
    /// Whether this connection is encrypted, and the others of its pool with it.
    pub(crate) is_encrypted: bool,
}

/// Opens the schema of a store, and creates it where there is none.
pub(crate) struct Opening<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) server: &'a str,
    pub(crate) create: bool,
    pub(crate) repair: bool,
}

impl Opening<'_> {
    pub(crate) async fn run(&self, connection: &mut PgConnection) -> Result<Opened, OpenError> {
        let (durable, is_encrypted) = self.check_server(connection).await?;
        self.check_privileges(connection).await?;
        let store = self.find_or_create(connection).await?;
        self.check_positions(connection).await?;
        let row = sqlx::query(file!("open/read_life")).fetch_one(connection).await.map_err(|error| self.failed(error))?;
        let (system, timeline): (String, String) = (self.get(&row, 0)?, self.get(&row, 1)?);
        let life = Uuid::new_v5(&store, format!("{system}/{timeline}").as_bytes());
        Ok(Opened { store, epoch: Epoch::from_uuid(life), durable, is_encrypted })
    }

    fn failed(&self, error: sqlx::Error) -> OpenError {
        OpenError::Failed { schema: self.schema.name().into(), server: self.server.into(), source: error.into() }
    }

    fn get<'r, T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>>(
        &self,
        row: &'r sqlx::postgres::PgRow,
        column: usize,
    ) -> Result<T, OpenError> {
        row.try_get(column).map_err(|error| self.failed(error))
    }

    /// Says whether what the server acknowledges survives its crash, and whether the connection is encrypted.
    async fn check_server(&self, connection: &mut PgConnection) -> Result<(bool, bool), OpenError> {
        let row = sqlx::query(file!("open/read_server")).fetch_one(connection).await.map_err(|error| self.failed(error))?;
        let (version, is_standby, durable): (i32, bool, bool) = (self.get(&row, 0)?, self.get(&row, 1)?, self.get(&row, 2)?);
        let server = || self.server.to_owned();
        if version < 140_000 {
            return Err(OpenError::ServerVersion { server: server(), found: version / 10_000 });
        }
        if is_standby {
            return Err(OpenError::Standby { server: server() });
        }
        Ok((durable, self.get(&row, 3)?))
    }

    /// Refuses a role that would fail at its first request, or that does not see the store at all.
    async fn check_privileges(&self, connection: &mut PgConnection) -> Result<(), OpenError> {
        let read = sqlx::query(file!("open/read_privileges")).bind(self.schema.name());
        let row = read.fetch_one(connection).await.map_err(|error| self.failed(error))?;
        self.lacking(self.get(&row, 0)?, self.get(&row, 1)?)
    }

    async fn check_may_create(&self, connection: &mut PgConnection) -> Result<(), OpenError> {
        let read = sqlx::query(file!("open/read_create_privileges")).bind(self.schema.name());
        let row = read.fetch_one(connection).await.map_err(|error| self.failed(error))?;
        self.lacking(self.get(&row, 0)?, self.get(&row, 1)?)
    }

    fn lacking(&self, role: String, lacking: Vec<String>) -> Result<(), OpenError> {
        if lacking.is_empty() {
            return Ok(());
        }
        Err(OpenError::Privileges { schema: self.schema.name().into(), role, lacking })
    }

    /// Of several processes that create the store at a time one does, and the others find it done.
    async fn find_or_create(&self, connection: &mut PgConnection) -> Result<Uuid, OpenError> {
        let failed = |error| self.failed(error);
        if let Some(store) = self.find(connection).await? {
            return Ok(store);
        }
        let schema = self.schema.name();
        if !self.create {
            return Err(OpenError::NotFound { schema: schema.into() });
        }
        self.check_may_create(connection).await?;
        let mut transaction = connection.begin().await.map_err(failed)?;
        sqlx::query(file!("open/lock")).bind(schema).execute(&mut *transaction).await.map_err(failed)?;
        let found = self.find(&mut transaction).await?;
        if found.is_none() {
            for table in TABLES {
                self.schema.statement(table).query().execute(&mut *transaction).await.map_err(failed)?;
            }
            // The new store gives way, not the one that is there: with another sequence it has other announcements.
            while self.find_collision(&mut transaction).await?.is_some() {
                for step in [file!("open/drop_sequence"), file!("schema/event_position")] {
                    self.schema.statement(step).query().execute(&mut *transaction).await.map_err(failed)?;
                }
            }
        }
        let store = match found {
            Some(store) => store,
            None => self.read_store(&mut transaction).await?,
        };
        transaction.commit().await.map_err(failed)?;
        Ok(store)
    }

    async fn find(&self, connection: &mut PgConnection) -> Result<Option<Uuid>, OpenError> {
        let schema = self.schema.name();
        let found = sqlx::query(file!("open/find_schema")).bind(schema).fetch_one(&mut *connection).await;
        let row = found.map_err(|error| self.failed(error))?;
        let (has_store, has_anything): (bool, bool) = (self.get(&row, 0)?, self.get(&row, 1)?);
        match (has_store, has_anything) {
            (true, _) => self.read_store(connection).await.map(Some),
            (false, true) => Err(OpenError::Foreign { schema: schema.into() }),
            (false, false) => Ok(None),
        }
    }

    async fn read_store(&self, connection: &mut PgConnection) -> Result<Uuid, OpenError> {
        let schema = || self.schema.name().to_owned();
        let read = self.schema.statement(file!("open/read_store"));
        let row = read.query().fetch_optional(connection).await;
        let row = match row {
            Ok(Some(row)) => row,
            // A table of this name that is not ours.
            Ok(None) => return Err(OpenError::Foreign { schema: schema() }),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42703") => {
                return Err(OpenError::Foreign { schema: schema() });
            }
            Err(error) => return Err(self.failed(error)),
        };
        let (store, found): (Uuid, i32) = (self.get(&row, 0)?, self.get(&row, 1)?);
        if found > FORMAT {
            return Err(OpenError::NewerFormat { schema: schema(), found, supported: FORMAT });
        }
        Ok(store)
    }

    /// Refuses what would give positions out twice, or let readers skip events.
    async fn check_positions(&self, connection: &mut PgConnection) -> Result<(), OpenError> {
        let schema = || self.schema.name().to_owned();
        if self.repair {
            let repair = self.schema.statement(file!("open/repair_sequence"));
            repair.query().execute(&mut *connection).await.map_err(|error| self.failed(error))?;
        }
        let read = self.schema.statement(file!("open/read_sequence"));
        let row = read.query().fetch_one(&mut *connection).await.map_err(|error| self.failed(error))?;
        let (cache, cycles, increment): (i64, bool, i64) = (self.get(&row, 0)?, self.get(&row, 1)?, self.get(&row, 2)?);
        if cache != 1 || cycles || increment != 1 {
            return Err(OpenError::SequenceChanged { schema: schema() });
        }
        let (drawn, last): (i64, i64) = (self.get(&row, 3)?, self.get(&row, 4)?);
        if drawn < last {
            return Err(OpenError::SequenceBehind { schema: schema(), next: drawn + 1, last });
        }
        match self.find_collision(connection).await? {
            Some(other) => Err(OpenError::Collision { schema: schema(), other }),
            None => Ok(()),
        }
    }

    /// The schema of another store whose announcements look like those of this one.
    async fn find_collision(&self, connection: &mut PgConnection) -> Result<Option<String>, OpenError> {
        let collision = self.schema.statement(file!("open/find_collision"));
        let other = collision.query().fetch_optional(connection).await.map_err(|error| self.failed(error))?;
        other.map(|row| self.get(&row, 0)).transpose()
    }
}
