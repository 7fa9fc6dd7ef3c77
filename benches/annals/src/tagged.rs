//! Decisions on what a tag finds, whatever streams it lies in: the store's own way, below aggregates.

use annals::store::{Append, AppendError, Condition, Criterion, ReadLog};
use annals::{
    AppendId, EncodedMetadata, Env, EventId, EventStore, Evolve as _, ExpectedVersion, Filter, LogId, LogPosition, NewEvent,
    Position, StreamId, Tag,
};
use bench_harness::{AMOUNT, NOTE, OWNER, Result, stream_id};

use crate::account::{Account, AccountEvent};

/// How often a command is decided at most.
const ATTEMPTS: u32 = 1_000;

/// Makes an account whose events have its tag.
pub(crate) async fn seed(store: &dyn EventStore, env: &Env, key: u64, events: u32) -> Result<()> {
    let mut account = Account::default();
    let mut history = vec![AccountEvent::Opened { owner: OWNER.to_owned(), note: NOTE.to_owned() }];
    account.evolve(&history[0]);
    for _ in 1..events {
        let event = deposited(&account);
        account.evolve(&event);
        history.push(event);
    }
    store.append(append(env, key, &history)?).await?;
    Ok(())
}

/// Reads what has the tag of an account, decides, and appends if nothing with it has come meanwhile.
pub(crate) async fn deposit(store: &dyn EventStore, env: &Env, key: u64) -> Result<u32> {
    let filter = Filter::from(Criterion::new().tag(tag(key)?));
    for retries in 0..ATTEMPTS {
        let (account, safe) = state(store, &filter).await?;
        let condition = Condition::new(filter.clone(), LogPosition::new(LogId::MAIN, safe));
        match store.append(append(env, key, &[deposited(&account)])?.condition(condition)).await {
            Ok(_) => return Ok(retries),
            Err(AppendError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err("too many conflicts".into())
}

/// What the events that match make of an account, and the position up to which that holds.
async fn state(store: &dyn EventStore, filter: &Filter) -> Result<(Account, Position)> {
    let (mut account, mut read) = (Account::default(), ReadLog::new(filter.clone()));
    loop {
        let page = store.read_log(read.clone()).await?;
        for event in &page.events {
            account.evolve(&event.decode()?);
        }
        if page.at_end {
            return Ok((account, page.scanned_to));
        }
        read = read.after(page.scanned_to);
    }
}

fn tag(key: u64) -> Result<Tag> {
    Ok(Tag::new("account", stream_id(key))?)
}

fn deposited(account: &Account) -> AccountEvent {
    AccountEvent::Deposited { amount: AMOUNT, balance: account.balance + AMOUNT, note: NOTE.to_owned() }
}

fn append(env: &Env, key: u64, events: &[AccountEvent]) -> Result<Append> {
    let (tag, metadata) = (tag(key)?, EncodedMetadata::from_bytes(&b"{}"[..]));
    let mut new = Vec::with_capacity(events.len());
    for event in events {
        let mut event = NewEvent::new(EventId::from_uuid(env.uuid()), event, &metadata)?;
        event.tags.push(tag.clone());
        new.push(event);
    }
    let stream = StreamId::new("tagged", stream_id(key))?;
    Ok(Append::new(AppendId::from_uuid(env.uuid())).stream(stream, ExpectedVersion::Any, new))
}
