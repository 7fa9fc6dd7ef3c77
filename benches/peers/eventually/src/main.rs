//! eventually, with its store on PostgreSQL and in memory.

mod account;

use std::sync::Arc;

use account::{Account, Command, Counters, Event};
use bench_harness::{NOTE, OWNER, Progress, Result, Subject, Task, failure, run, stream_id};
use eventually::aggregate::AggregateRootBuilder;
use eventually::inmemory;
use eventually::store::{AppendError, EventStore as Store};
use eventually::sync::RwLock;
use eventually::{Projector, Repository};
use eventually_postgres::{EventStore, EventStoreBuilder, EventSubscriber, PersistentBuilder};
use tokio::runtime::Handle;
use tokio_postgres::Client;

const ATTEMPTS: u32 = 1_000;

struct Accounts<S: Store<SourceId = String, Event = Event>> {
    repository: Repository<Account, S>,
    postgres: Option<(EventStore<String, Event>, String)>,
}

fn root() -> AggregateRootBuilder<Account> {
    AggregateRootBuilder::from(Account)
}

/// Its store on PostgreSQL says of no error that it is a conflict.
fn is_conflict<E: AppendError>(error: &E) -> bool {
    error.is_conflict_error() || format!("{error:?}").contains("invalid aggregate version")
}

impl<S> Subject for Accounts<S>
where
    S: Store<SourceId = String, Event = Event> + Clone + Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    async fn open(&self, key: u64) -> Result<u32> {
        self.seed(key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0..ATTEMPTS {
            let mut repository = self.repository.clone();
            let mut account = repository.get(stream_id(key)).await.map_err(failure)?;
            account.handle(Command::deposit()).await.map_err(failure)?;
            match repository.add(account).await {
                Ok(_) => return Ok(retries),
                Err(eventually::repository::Error::Store(error)) if is_conflict(&error) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Err("too many conflicts".into())
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let mut account = root().build(stream_id(key));
        let open = Command::Open { owner: OWNER.to_owned(), note: NOTE.to_owned(), events };
        account.handle(open).await.map_err(failure)?;
        self.repository.clone().add(account).await.map(|_| ()).map_err(failure)
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.repository.get(stream_id(key)).await.map_err(failure)?.state().deposits)
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let (store, url) = self.postgres.as_ref().ok_or("there is no read model in memory")?;
        let client = Arc::new(connect(url).await?);
        let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
        client.batch_execute(sql).await?;
        let subscriber = EventSubscriber::new(url, "account").await.map_err(failure)?;
        // On the connection of the store, the checkpoint would wait for ever behind events that are half read.
        let checkpoints = Arc::new(connect(url).await?);
        let subscription = PersistentBuilder::new(checkpoints, store.clone(), subscriber);
        let subscription = subscription.get_or_create("counters".to_owned()).await.map_err(failure)?;
        let counters = Arc::new(RwLock::new(Counters(client, Arc::clone(&progress))));
        let mut projector = Projector::new(counters, subscription);
        // It never ends by itself.
        let all = async {
            while progress.events() < progress.wanted() {
                tokio::time::delay_for(std::time::Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            ended = projector.run() => ended.map_err(failure),
            () = all => Ok(()),
        }
    }
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(async move {
        // Who needs it sees that it has ended.
        let _ = connection.await;
    });
    Ok(client)
}

#[tokio::main(core_threads = 2)]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let spawn = move |job| drop(runtime.spawn(job));
    if task.url == "memory:" {
        let store = inmemory::EventStoreBuilder::for_aggregate(&Account);
        run(&task, Accounts { repository: Repository::new(root(), store), postgres: None }, spawn).await;
        return Ok(());
    }
    let mut client = connect(&task.url).await?;
    let builder = EventStoreBuilder::migrate_database(&mut client).await.map_err(failure)?;
    let store = builder.builder(Arc::new(client)).build::<String, Event>("account").await.map_err(failure)?;
    let repository = Repository::new(root(), store.clone());
    run(&task, Accounts { repository, postgres: Some((store, task.url.clone())) }, spawn).await;
    Ok(())
}
