//! Accounts as an application of Annals.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use annals::store::ReadLog;
use annals::{App, EventStore, Filter, LogId, LogPosition, PostgresStore};
use bench_harness::{Progress, Result, Subject, Task, stream_id};

use crate::account::{Account, Deposit, OpenAccount, Seed};
use crate::read_model::{self, Counters};
use crate::tagged;

/// How many events are seeded at once, as far as each store takes them.
const CHUNK: u32 = 1_000;

pub(crate) struct Accounts {
    store: Arc<dyn EventStore>,
    /// The same, where it is that.
    postgres: Option<Arc<PostgresStore>>,
    /// Keeps no state in memory between commands, so that each reads its stream.
    cold: App,
    /// As it comes.
    warm: App,
    /// With a read model, once it is asked for.
    reading: OnceLock<App>,
}

impl Accounts {
    pub(crate) async fn open(task: &Task) -> Result<Self> {
        let mut postgres = None;
        let store: Arc<dyn EventStore> = match task.url.strip_prefix("embedded:") {
            Some(folder) => annals::connect(&format!("sqlite:{folder}/accounts.db")).await?,
            None if task.url == "memory:" => annals::connect(&task.url).await?,
            None => Arc::clone(postgres.insert(Arc::new(PostgresStore::open(&task.url).await?))) as _,
        };
        let cold = App::new(Arc::clone(&store)).aggregate::<Account>().cache(NonZeroUsize::MIN).start().await?;
        let warm = App::new(Arc::clone(&store)).aggregate::<Account>().start().await?;
        Ok(Self { store, postgres, cold, warm, reading: OnceLock::new() })
    }

    /// An application that has a read model of counters.
    async fn reading(&self) -> Result<App> {
        let store = self.postgres.as_ref().ok_or("the read model is on PostgreSQL")?;
        Ok(App::new(store.clone()).aggregate::<Account>().sink(store.projection(Counters)).start().await?)
    }

    /// Where the log ends.
    async fn end(&self) -> Result<LogPosition> {
        let mut read = ReadLog::new(Filter::everything());
        loop {
            let page = self.store.read_log(read.clone()).await?;
            if page.at_end {
                return Ok(LogPosition::new(LogId::MAIN, page.scanned_to));
            }
            read = read.after(page.scanned_to);
        }
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.cold.send(OpenAccount::new(stream_id(key))).await?;
        Ok(0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        self.cold.send(Deposit::new(stream_id(key))).await?;
        Ok(0)
    }

    async fn deposit_warm(&self, key: u64) -> Result<u32> {
        self.warm.send(Deposit::new(stream_id(key))).await?;
        Ok(0)
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let mut left = events;
        while left > 0 {
            let chunk = left.min(CHUNK);
            self.cold.send(Seed { account: stream_id(key), events: chunk }).await?;
            left -= chunk;
        }
        Ok(())
    }

    async fn seed_tagged(&self, key: u64, events: u32) -> Result<()> {
        tagged::seed(&*self.store, self.cold.env(), key, events).await
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.cold.load::<Account>(&stream_id(key)).await?.state.deposits)
    }

    async fn deposit_tagged(&self, key: u64) -> Result<u32> {
        tagged::deposit(&*self.store, self.cold.env(), key).await
    }

    async fn project(&self, _progress: Arc<Progress>) -> Result<()> {
        let app = self.reading().await?;
        app.wait_for_position(self.end().await?).await?;
        // It is asked for once.
        let _ = self.reading.set(app);
        Ok(())
    }

    async fn projected(&self) -> Result<Option<u64>> {
        Ok(Some(read_model::events(self.postgres.as_ref().ok_or("the read model is on PostgreSQL")?).await?))
    }

    async fn watch(&self) -> Result<()> {
        let app = self.reading().await?;
        app.wait_for_position(self.end().await?).await?;
        // It is asked for once.
        let _ = self.reading.set(app);
        Ok(())
    }

    async fn opened_and_seen(&self, key: u64) -> Result<Duration> {
        let app = self.reading.get().ok_or("nobody watches")?;
        let receipt = app.send(OpenAccount::new(stream_id(key))).await?;
        let committed = Instant::now();
        app.wait_for(&receipt).await?;
        Ok(committed.elapsed())
    }
}
