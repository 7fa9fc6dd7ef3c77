//! Accounts in memory: maps of typed events, folded at every command.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bench_harness::{Result, Subject, mix, stream_id};

use crate::account::{Account, Event};

const SHARDS: u64 = 64;

pub(crate) struct Accounts(Vec<Mutex<HashMap<String, Vec<Event>>>>);

impl Default for Accounts {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl Accounts {
    fn with<T>(&self, key: u64, work: impl FnOnce(&mut Vec<Event>) -> T) -> T {
        let shard = &self.0[(mix(key) % SHARDS) as usize];
        work(shard.lock().unwrap_or_else(PoisonError::into_inner).entry(stream_id(key)).or_default())
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.with(key, |events| events.push(Event::opened()));
        Ok(0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        for retries in 0.. {
            let events = self.with(key, |events| events.clone());
            let mut account = Account::default();
            events.iter().for_each(|event| account.evolve(event));
            let event = account.deposit();
            let is_stored = self.with(key, |stored| {
                let nobody_came_first = stored.len() == events.len();
                if nobody_came_first {
                    stored.push(event);
                }
                nobody_came_first
            });
            if is_stored {
                return Ok(retries);
            }
        }
        unreachable!("each failed attempt is another's success")
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        self.with(key, |stored| stored.extend(Account::history(events)));
        Ok(())
    }
}
