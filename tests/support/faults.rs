//! The same work under every fault: whatever the store does, at whatever call, it comes to its end.

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::{CommandId, EventStore, MemoryStore, Routed, StartError, WaitError};
use annals_testing::{Fault, FaultPlan, FaultStore, Operation, TestEnv};

use super::TestResult;

/// What can happen to a call that writes.
const FAULTS: [Fault; 5] = [Fault::Refuse, Fault::LoseRequest, Fault::LoseReply, Fault::CrashBefore, Fault::CrashAfter];

/// More often a process does not crash under one plan.
const MOST_CRASHES: u32 = 10;

/// Work that must come to its end.
pub trait Work {
    /// The program, as it is started also after a crash.
    async fn start(store: Arc<dyn EventStore>, test: &TestEnv) -> Result<App, StartError>;

    /// What clients ask of it, and after a crash again: they do not know whether their requests have arrived.
    async fn ask(app: &App) -> TestResult;

    /// What must hold in the end, told from the sound store alone.
    async fn check(app: &App, store: &dyn EventStore);
}

/// How often the store was called.
#[derive(Clone, Copy)]
pub struct Calls {
    pub appends: u64,
    pub commits: u64,
    pub reads: u64,
}

/// Lets each append and each commit fail in each way, one in a run. Says how many there are.
pub async fn let_each_write_fail<W: Work>() -> Calls {
    let calls = suffer::<W>(FaultPlan::new()).await;
    for (operation, count) in [(Operation::Append, calls.appends), (Operation::Commit, calls.commits)] {
        for n in 1..=count {
            for fault in FAULTS {
                suffer::<W>(FaultPlan::new().on(operation, n, fault)).await;
            }
        }
    }
    calls
}

/// Lets each read fail or be the last of its process, one in a run. Says how many there are.
pub async fn let_each_read_fail<W: Work>() -> Calls {
    let calls = suffer::<W>(FaultPlan::new()).await;
    for n in 1..=calls.reads {
        suffer::<W>(FaultPlan::new().on(Operation::Read, n, Fault::Refuse)).await;
        suffer::<W>(FaultPlan::new().on(Operation::Read, n, Fault::CrashBefore)).await;
    }
    calls
}

/// Sends a command like a client that does not know whether its request has arrived: again, under the same id.
pub async fn insist<C: Routed>(app: &App, id: u8, command: impl Fn() -> C) -> Result<Receipt, Box<dyn std::error::Error>> {
    let id = CommandId::from_bytes([id; 16]);
    match app.send(command()).id(id).await {
        Ok(receipt) => Ok(receipt),
        Err(_) => Ok(app.send(command()).id(id).await.map_err(|error| error.to_string())?),
    }
}

/// Does the work under a plan of faults, in as many processes as it takes.
pub async fn suffer<W: Work>(plan: FaultPlan) -> Calls {
    let test = TestEnv::seeded(1);
    let store = FaultStore::new(Arc::new(MemoryStore::new()), plan);
    test.run(async {
        let mut crashes = 0;
        while let Err(error) = until_crash::<W>(&test, &store).await {
            assert!(store.has_crashed(), "{error}");
            crashes += 1;
            assert!(crashes < MOST_CRASHES);
            store.restart();
        }
        let app = W::start(store.sound().clone(), &test).await.expect("it starts on a sound store");
        app.settled().await.expect("it settles on a sound store");
        W::check(&app, &**store.sound()).await;
        app.shutdown(Duration::ZERO).await;
    })
    .await;
    let [appends, commits, reads] =
        [Operation::Append, Operation::Commit, Operation::Read].map(|operation| store.count(operation));
    Calls { appends, commits, reads }
}

/// The life of a process: it does everything, as far as the store lets it.
async fn until_crash<W: Work>(test: &TestEnv, store: &FaultStore) -> TestResult {
    let app = W::start(Arc::new(store.clone()), test).await?;
    // A store that is gone for good is waited for; a process that has crashed does not wait.
    let crashed = async {
        while !store.has_crashed() {
            app.env().sleep_until(app.env().now().after(Duration::from_secs(1))).await;
        }
    };
    let done = tokio::select! {
        done = until_settled::<W>(&app) => done,
        () = crashed => Err("the process has crashed".into()),
    };
    app.shutdown(Duration::ZERO).await;
    done
}

async fn until_settled<W: Work>(app: &App) -> TestResult {
    W::ask(app).await?;
    match app.settled().await {
        Err(WaitError::Read(_)) => Ok(app.settled().await?),
        done => Ok(done?),
    }
}
