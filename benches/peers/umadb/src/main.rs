//! The core of UmaDB within this process: the thread that writes is that of its server, without the network.

mod account;

use std::sync::Arc;

use account::{Account, Event, boundary, opened, stored, unchanged_since};
use bench_harness::{Result, Subject, Task, failure, run, stream_id};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use umadb_core::db::UmaDb;
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_core::writer_thread_blocking::writer_thread_blocking;
use umadb_core::writer_thread_request::WriterThreadRequest;
use umadb_dcb::{DcbAppendCondition, DcbError, DcbEvent, DcbEventStoreSync, DcbResult};

const ATTEMPTS: u32 = 1_000;

/// How many requests wait, and how many it takes at a time: as its server has it.
const QUEUE: usize = 1_024;
const BATCH: usize = 2_048;

struct Accounts {
    store: UmaDb,
    writer: mpsc::Sender<WriterThreadRequest>,
}

impl Accounts {
    /// The account, and the position it was read at.
    fn account(&self, id: &str) -> Result<(Account, Option<u64>)> {
        let (events, head) = self.store.read_with_head(Some(boundary(id)), None, false, None).map_err(failure)?;
        let mut account = Account::default();
        for event in &events {
            account.evolve(&serde_json::from_slice(&event.event.data)?);
        }
        Ok((account, head))
    }

    async fn append(&self, events: Vec<DcbEvent>, condition: DcbAppendCondition) -> DcbResult<u64> {
        let gone = || DcbError::Unknown("the writer is gone".into());
        let (response_tx, response) = oneshot::channel();
        let condition = Some(condition);
        let append = WriterThreadRequest::Append { events, condition, tracking_info: None, response_tx, cancel: None };
        self.writer.send(append).await.map_err(|_| gone())?;
        response.await.map_err(|_| gone())?
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.seed(key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        let id = stream_id(key);
        for retries in 0..ATTEMPTS {
            let (account, head) = self.account(&id)?;
            let event: Event = account.deposit().ok_or("the account is not open")?;
            match self.append(vec![stored(&id, &event)?], unchanged_since(&id, head)).await {
                Ok(_) => return Ok(retries),
                Err(DcbError::IntegrityError(_)) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Err("too many conflicts".into())
    }

    /// Everything it finds it finds by tags.
    async fn deposit_tagged(&self, key: u64) -> Result<u32> {
        self.deposit(key).await
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        let (id, mut account) = (stream_id(key), Account::default());
        let mut history = Vec::new();
        for _ in 0..events {
            let event = account.deposit().unwrap_or_else(opened);
            account.evolve(&event);
            history.push(stored(&id, &event)?);
        }
        self.append(history, unchanged_since(&id, None)).await.map(|_| ()).map_err(failure)
    }

    async fn load(&self, key: u64) -> Result<u64> {
        Ok(self.account(&stream_id(key))?.0.deposits)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let folder = task.url.strip_prefix("embedded:").ok_or("it is embedded only")?;
    let options = StorageOptions::default().db_path(format!("{folder}/accounts.uma"));
    let database = Arc::new(Mvcc::new(false, options).map_err(failure)?);
    let (writer, requests) = mpsc::channel(QUEUE);
    let (head, _heads) = watch::channel(None);
    let written = Arc::clone(&database);
    let thread = std::thread::spawn(move || writer_thread_blocking(written, requests, head, BATCH));
    let accounts = Accounts { store: UmaDb::from_arc(database), writer: writer.clone() };
    run(&task, accounts, move |job| drop(runtime.spawn(job))).await;
    let _ = writer.send(WriterThreadRequest::Shutdown).await;
    thread.join().map_err(|_| "the writer panicked")?;
    Ok(())
}
