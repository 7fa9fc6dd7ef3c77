//! eventsourced: each entity is an actor, which may stay in memory between commands.

mod account;

use std::collections::HashMap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use account::{Account, CountDeposits, Deposit, Event, Open};
use bench_harness::{AMOUNT, NOTE, OWNER, Progress, Result, Subject, Task, failure, mix, run};
use eventsourced::binarize::serde_json::{self as json, SerdeJsonBinarize};
use eventsourced::event_log::EventLog;
use eventsourced::snapshot_store::noop::NoopSnapshotStore;
use eventsourced::{Command, EntityRef, EventSourcedExt};
use eventsourced_postgres::{PostgresEventLog, PostgresEventLogConfig};
use futures::StreamExt;
use tokio::runtime::Handle;
use uuid::Uuid;

/// A lost race ends the entity, so that it has to be made anew.
const ATTEMPTS: u32 = 20;

/// How many commands wait for an entity.
const QUEUE: NonZeroUsize = NonZeroUsize::new(16).unwrap();

struct Accounts {
    log: PostgresEventLog<Uuid>,
    client: tokio_postgres::Client,
    resident: Mutex<HashMap<u64, EntityRef<Account>>>,
}

fn id(key: u64) -> Uuid {
    Uuid::from_u64_pair(mix(key), key)
}

async fn send<C: Command<Account, Error: std::fmt::Debug>>(entity: &EntityRef<Account>, command: C) -> Result<C::Reply> {
    entity.handle_command(command).await.map_err(failure)?.map_err(failure)
}

impl Accounts {
    async fn entity(&self, key: u64) -> Result<EntityRef<Account>> {
        let (log, snapshots) = (self.log.clone(), NoopSnapshotStore::new());
        Account::default().entity().spawn(id(key), None, QUEUE, log, snapshots, SerdeJsonBinarize).await.map_err(failure)
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        let open = Open { owner: OWNER.to_owned(), note: NOTE.to_owned() };
        send(&self.entity(key).await?, open).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        let mut last = None;
        for retries in 0..ATTEMPTS {
            match send(&self.entity(key).await?, Deposit::new()).await {
                Ok(()) => return Ok(retries),
                Err(failure) => last = Some(failure),
            }
        }
        Err(last.unwrap_or_else(|| "too many conflicts".into()))
    }

    async fn deposit_warm(&self, key: u64) -> Result<u32> {
        let resident = || self.resident.lock().unwrap_or_else(PoisonError::into_inner);
        let known = resident().get(&key).cloned();
        let entity = match known {
            Some(entity) => entity,
            None => {
                let entity = self.entity(key).await?;
                resident().entry(key).or_insert(entity).clone()
            }
        };
        send(&entity, Deposit::new()).await.map(|()| 0)
    }

    /// A command is one event and one statement here, so this writes what they would leave behind.
    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let opened = Event::Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() };
        let deposited = |number| Event::Deposited { amount: AMOUNT, balance: AMOUNT * number, note: NOTE.to_owned() };
        let history = std::iter::once(opened).chain((1..i64::from(events)).map(deposited));
        let history = history.map(|event| json::to_bytes(&event).map(|bytes| bytes.to_vec())).collect::<Result<Vec<_>, _>>();
        let sql = "insert into events select version, 'account', $1, event from unnest($2::bytea[]) with ordinality as t (event, version)";
        self.client.execute(sql, &[&id(key), &history.map_err(failure)?]).await?;
        Ok(())
    }

    async fn load(&self, key: u64) -> Result<u64> {
        send(&self.entity(key).await?, CountDeposits).await
    }

    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let sql = "create table if not exists counters (id text primary key, events bigint not null, total bigint not null)";
        self.client.batch_execute(sql).await?;
        let sql = "insert into counters values ($1, 1, $2)
                   on conflict (id) do update set events = counters.events + 1, total = counters.total + excluded.total";
        let count = self.client.prepare(sql).await?;
        let events = self.log.events_by_type::<Event, _, _>("account", NonZeroU64::MIN, json::from_bytes::<Event>).await;
        let mut events = pin!(events.map_err(failure)?);
        while let Some(event) = events.next().await {
            let amount = match event.map_err(failure)?.1 {
                Event::Opened { .. } => 0,
                Event::Deposited { amount, .. } => amount,
            };
            // The stream does not say of which entity an event is: it can feed one counter only.
            self.client.execute(&count, &[&"all", &amount]).await?;
            progress.add(1);
            // It never ends by itself.
            if progress.events() >= progress.wanted() {
                break;
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let config: tokio_postgres::Config = task.url.parse()?;
    let host = match config.get_hosts() {
        [tokio_postgres::config::Host::Tcp(host)] => host.clone(),
        _ => return Err("the server has to be named by host and port".into()),
    };
    let log = PostgresEventLogConfig {
        host,
        port: config.get_ports().first().copied().unwrap_or(5432),
        user: config.get_user().unwrap_or("postgres").to_owned(),
        // It wants one, whether it is asked for or not.
        password: String::from_utf8_lossy(config.get_password().unwrap_or(b"none")).into_owned().into(),
        dbname: config.get_dbname().unwrap_or("postgres").to_owned(),
        sslmode: "disable".to_owned(),
        setup: true,
        ..Default::default()
    };
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let log = PostgresEventLog::new(log).await.map_err(failure)?;
    let accounts = Accounts { log, client, resident: Mutex::default() };
    run(&task, accounts, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
