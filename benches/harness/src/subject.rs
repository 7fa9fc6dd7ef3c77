//! What a subject can do.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::Progress;

/// Why something could not be done, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What came of a piece of work.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Makes a failure of an error that may be of any kind.
pub fn failure(error: impl Debug) -> Failure {
    format!("{error:?}").into()
}

fn not_offered<T: Send>() -> impl Future<Output = Result<T>> + Send {
    std::future::ready(Err("the subject does not offer this".into()))
}

/// A way to keep accounts, by their events.
///
/// A command answers how often it was decided again because another writer came first. What a subject leaves out it does
/// not offer.
pub trait Subject: Send + Sync + 'static {
    /// Opens an account: a stream with one event.
    fn open(&self, key: u64) -> impl Future<Output = Result<u32>> + Send;

    /// Deposits: reads the stream, decides, appends one event, and again if another writer came first.
    fn deposit(&self, key: u64) -> impl Future<Output = Result<u32>> + Send;

    /// Makes an account with so many events, in its own format.
    fn seed(&self, key: u64, events: u32) -> impl Future<Output = Result<()>> + Send;

    /// Makes one whose events are found by a tag.
    fn seed_tagged(&self, key: u64, events: u32) -> impl Future<Output = Result<()>> + Send {
        self.seed(key, events)
    }

    /// Reads an account from its stream, and answers how many deposits it has taken in.
    fn load(&self, _key: u64) -> impl Future<Output = Result<u64>> + Send {
        not_offered()
    }

    /// Deposits where the subject may keep the state in memory between commands, if it can.
    fn deposit_warm(&self, key: u64) -> impl Future<Output = Result<u32>> + Send {
        self.deposit(key)
    }

    /// Deposits guarded by a tag: reads the events that have it, decides, and appends one if none has come meanwhile.
    fn deposit_tagged(&self, _key: u64) -> impl Future<Output = Result<u32>> + Send {
        not_offered()
    }

    /// Brings a read model of counters for each account up to date, from nothing to the last event.
    fn project(&self, _progress: Arc<Progress>) -> impl Future<Output = Result<()>> + Send {
        not_offered()
    }

    /// How many events the read model says that it has taken in, once it is up to date. None if it cannot be asked.
    fn projected(&self) -> impl Future<Output = Result<Option<u64>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Starts to keep a read model up to date, for [`opened_and_seen`](Self::opened_and_seen).
    fn watch(&self) -> impl Future<Output = Result<()>> + Send {
        not_offered()
    }

    /// Opens an account, and answers how long after its commit the read model has it.
    fn opened_and_seen(&self, _key: u64) -> impl Future<Output = Result<Duration>> + Send {
        not_offered()
    }
}
