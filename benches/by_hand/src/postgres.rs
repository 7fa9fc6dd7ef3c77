//! Accounts in PostgreSQL: one statement appends, and the unique key of stream and version is its guard.

use std::sync::Arc;
use std::time::Duration;

use bench_harness::{Progress, Result, Subject, stream_id};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{Row, query, raw_sql};

use crate::account::{Account, Event};
use crate::read_model::ReadModel;

/// How often a command is decided at most.
const ATTEMPTS: u32 = 1_000;

pub(crate) struct Accounts {
    pool: PgPool,
    read_model: Arc<ReadModel>,
}

impl Accounts {
    pub(crate) async fn open(url: &str, connections: u32) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(connections).connect(url).await?;
        raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        let read_model = Arc::new(ReadModel::new(pool.clone()));
        Ok(Self { pool, read_model })
    }

    async fn state(&self, key: u64) -> Result<Account> {
        let sql = "select payload::text from event where stream = $1 order by version";
        let rows = query(sql).bind(stream_id(key)).fetch_all(&self.pool).await?;
        let mut account = Account::default();
        for row in &rows {
            account.evolve(&event(row, 0)?);
        }
        Ok(account)
    }

    async fn append_one(&self, key: u64, version: i64, event: &Event) -> Result<i64, sqlx::Error> {
        let sql = "insert into event (stream, version, kind, payload) values ($1, $2, $3, $4::jsonb) returning position";
        let payload = serde_json::to_string(event).unwrap_or_default();
        let insert = query(sql).bind(stream_id(key)).bind(version).bind("e").bind(payload);
        insert.fetch_one(&self.pool).await?.try_get(0)
    }

    async fn append_all(&self, key: u64, events: &[Event], tag: Option<String>) -> Result<()> {
        let sql = "insert into event (stream, version, kind, payload, tag)
                   select $1, version, 'e', payload::jsonb, $3 from unnest($2::text[]) with ordinality as t (payload, version)";
        let payloads: Vec<_> = events.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        query(sql).bind(stream_id(key)).bind(payloads).bind(tag).execute(&self.pool).await?;
        Ok(())
    }

    /// Deposits if no event with the tag has come meanwhile. Whoever holds the lock of the tag is alone with it.
    async fn append_guarded(&self, key: u64, account: &Account, after: i64) -> Result<bool> {
        let tag = stream_id(key);
        let sql = "insert into event (stream, version, kind, payload, tag)
                   select $1, $2, 'e', $3::jsonb, $1 where not exists (select from event where tag = $1 and position > $4)";
        let payload = serde_json::to_string(&account.deposit())?;
        let mut transaction = self.pool.begin().await?;
        query("select pg_advisory_xact_lock(hashtext($1))").bind(&tag).execute(&mut *transaction).await?;
        let insert = query(sql).bind(&tag).bind(account.version + 1).bind(payload).bind(after);
        let inserted = insert.execute(&mut *transaction).await?.rows_affected() == 1;
        transaction.commit().await?;
        Ok(inserted)
    }
}

/// The event in a column.
pub(crate) fn event(row: &PgRow, column: usize) -> Result<Event> {
    Ok(serde_json::from_str(row.try_get(column)?)?)
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.append_one(key, 1, &Event::opened()).await?;
        Ok(0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0..ATTEMPTS {
            let account = self.state(key).await?;
            match self.append_one(key, account.version + 1, &account.deposit()).await {
                Ok(_) => return Ok(retries),
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err("too many conflicts".into())
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        self.append_all(key, &Account::history(events), None).await
    }

    async fn seed_tagged(&self, key: u64, events: u32) -> Result<()> {
        self.append_all(key, &Account::history(events), Some(stream_id(key))).await
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.state(key).await?.deposits)
    }

    async fn deposit_tagged(&self, key: u64) -> Result<u32> {
        let sql = "select payload::text, position from event where tag = $1 order by position";
        for retries in 0..ATTEMPTS {
            let rows = query(sql).bind(stream_id(key)).fetch_all(&self.pool).await?;
            let (mut account, mut after) = (Account::default(), 0);
            for row in &rows {
                account.evolve(&event(row, 0)?);
                after = row.try_get(1)?;
            }
            if self.append_guarded(key, &account, after).await? {
                return Ok(retries);
            }
        }
        Err("too many conflicts".into())
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        while progress.events() < progress.wanted() {
            progress.add(self.read_model.take_in_a_page().await?);
        }
        Ok(())
    }

    async fn projected(&self) -> Result<Option<u64>> {
        let row = query("select sum(events)::bigint from counter").fetch_one(&self.pool).await?;
        Ok(Some(u64::try_from(row.try_get::<i64, _>(0)?)?))
    }

    async fn watch(&self) -> Result<()> {
        let read_model = Arc::clone(&self.read_model);
        read_model.skip_what_there_is().await?;
        tokio::spawn(async move { read_model.follow().await });
        Ok(())
    }

    async fn opened_and_seen(&self, key: u64) -> Result<Duration> {
        let position = self.append_one(key, 1, &Event::opened()).await?;
        self.read_model.seen(position).await
    }
}
