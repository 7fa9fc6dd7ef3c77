//! Several processes on one file, one of which may be killed at any moment.
//!
//! The other process is this program again, told by the environment to be a writer.

mod support;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use annals_core::store::{Append, Effect, QueueName, ReservedKeyName};
use annals_core::{EventStore, ExpectedVersion, LogId, MessageId, Position, Tenant};
use annals_store_sqlite::SqliteStore;
use futures_util::future::try_join_all;
use support::{append_id, event, log, one, order, soon, versions};

type Outcome = Result<(), Box<dyn Error>>;

const FILE: &str = "ANNALS_TEST_FILE";
const FROM: &str = "ANNALS_TEST_FROM";

/// Starts this program again, to run only the test `role`.
fn other_process(role: &str, file: &Path, from: u64) -> Result<Child, Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    command.args([role, "--exact", "--nocapture", "--test-threads=1"]).env(FILE, file).env(FROM, from.to_string());
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?)
}

/// What the environment says, in the other process.
fn orders() -> Option<(String, u64)> {
    Some((env::var(FILE).ok()?, env::var(FROM).ok()?.parse().ok()?))
}

/// How many appends each of the two processes makes.
const APPENDS: u64 = 300;

/// Appends to a stream that both processes write, many at a time.
async fn append_to_shared(store: &SqliteStore, from: u64) -> Outcome {
    let appends = (from..from + APPENDS).map(|number| store.append(one(number, order("shared"), ExpectedVersion::Any)));
    try_join_all(appends).await?;
    Ok(())
}

#[tokio::test]
async fn role_append_to_shared() -> Outcome {
    let Some((file, from)) = orders() else { return Ok(()) };
    append_to_shared(&SqliteStore::open(file).await?, from).await
}

#[tokio::test]
async fn two_processes_share_a_stream() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path).await?;

    let mut other = other_process("role_append_to_shared", &path, 1_000_000)?;
    append_to_shared(&store, 0).await?;
    assert!(other.wait()?.success());

    let expected: Vec<u64> = (1..=2 * APPENDS).collect();
    assert_eq!(versions(&store, &order("shared")).await, expected);
    let positions: BTreeSet<_> = log(&store).await.iter().map(|event| event.position).collect();
    assert_eq!(positions.len(), expected.len());
    Ok(())
}

#[tokio::test]
async fn who_waits_is_woken_by_another_process() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = Arc::new(SqliteStore::open(&path).await?);
    let waiting = Arc::clone(&store);
    let (ready, started) = tokio::sync::oneshot::channel();
    let waiter = async {
        let mut after = Position::ZERO;
        let mut wait = Box::pin(waiting.wait(LogId::MAIN, after));
        assert!(futures_util::poll!(&mut wait).is_pending());
        drop(wait);
        ready.send(()).expect("the other half of this test is there");
        while after.get() < APPENDS {
            soon("the wake", waiting.wait(LogId::MAIN, after)).await?;
            after = log(&*waiting).await.last().map_or(after, |event| event.position);
        }
        Ok::<_, Box<dyn Error>>(())
    };
    let writer = async {
        started.await?;
        let mut other = other_process("role_append_to_shared", &path, 0)?;
        tokio::task::spawn_blocking(move || other.wait()).await??;
        Ok::<_, Box<dyn Error>>(())
    };

    let (woken, written) = tokio::join!(waiter, writer);

    woken?;
    written
}

/// An append of which each part can be looked for: two streams, a key and a mark.
fn whole(number: u64) -> Result<Append, Box<dyn Error>> {
    let (left, right) = (order(&format!("left-{number}")), order(&format!("right-{number}")));
    let key = ReservedKeyName::new(Tenant::NONE, "number", number.to_string())?;
    Ok(Append::new(append_id(number))
        .stream(left.clone(), ExpectedVersion::NoStream, vec![event(number * 3, 500), event(number * 3 + 1, 500)])
        .stream(right, ExpectedVersion::NoStream, vec![event(number * 3 + 2, 5_000)])
        .effect(Effect::ReserveKey { key, owner: left })
        .effect(Effect::MarkInbox { consumer: consumer()?, message: message(number) }))
}

fn consumer() -> Result<QueueName, Box<dyn Error>> {
    Ok(QueueName::new("billing")?)
}

fn message(number: u64) -> MessageId {
    MessageId::from_uuid(append_id(number).as_uuid())
}

/// Appends without end, eight at a time, and says each number when it is acknowledged.
#[tokio::test]
async fn role_append_until_killed() -> Outcome {
    let Some((file, from)) = orders() else { return Ok(()) };
    let store = SqliteStore::open(file).await?;
    for start in (from..).step_by(8) {
        let append = async |number| {
            store.append(whole(number)?).await?;
            let mut out = std::io::stdout().lock();
            writeln!(out, "acknowledged {number}")?;
            out.flush()?;
            Ok::<_, Box<dyn Error>>(())
        };
        try_join_all((start..start + 8).map(append)).await?;
    }
    Ok(())
}

/// Whether an append is there, after checking that all of it is.
async fn is_whole(store: &SqliteStore, number: u64) -> Result<bool, Box<dyn Error>> {
    let append = whole(number)?;
    let outcome = store.appended(append.id).await?;
    let mut found = Vec::new();
    for part in &append.streams {
        let page = store.read_stream(annals_core::store::ReadStream::forward(part.stream.clone())).await?;
        found.extend(page.events.into_iter().map(|event| (event.id, event.payload)));
    }
    let keys = store.keys().ok_or("the store keeps keys")?;
    let key = keys.owner(&ReservedKeyName::new(Tenant::NONE, "number", number.to_string())?).await?;
    let marked = store.inbox().ok_or("the store keeps an inbox")?.is_marked(&consumer()?, message(number)).await?;
    match outcome {
        Some(ref outcome) => {
            let wanted: Vec<_> = append.events().map(|(_, event)| (event.id, event.payload.clone())).collect();
            assert_eq!(found, wanted);
            assert_eq!(outcome.streams.iter().map(|part| part.last.get()).collect::<Vec<_>>(), [2, 1]);
            assert_eq!((key.as_ref(), marked), (Some(&append.streams[0].stream), true));
        }
        None => assert!(found.is_empty() && key.is_none() && !marked, "append {number} is torn"),
    }
    Ok(outcome.is_some())
}

#[tokio::test]
async fn what_was_acknowledged_survives_being_killed_and_nothing_is_torn() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let mut from = 0;
    // Killed after so many acknowledgements, which is at any moment of the batch that follows.
    for patience in [1, 5, 24, 61, 118, 3] {
        let mut other = other_process("role_append_until_killed", &path, from)?;
        let out = other.stdout.take().ok_or("the output of the other process is piped")?;
        let mut acknowledged = BTreeSet::new();
        for line in BufReader::new(out).lines() {
            if let Some(number) = line?.strip_prefix("acknowledged ") {
                acknowledged.insert(number.parse::<u64>()?);
            }
            if acknowledged.len() == patience {
                other.kill()?;
            }
        }
        other.wait()?;

        let store = SqliteStore::open(&path).await?;
        let last = acknowledged.last().copied().ok_or("nothing was acknowledged")?;
        for number in from..last + 64 {
            let stored = is_whole(&store, number).await?;
            assert!(stored || !acknowledged.contains(&number), "append {number} was acknowledged and is lost");
        }
        let positions: Vec<_> = log(&store).await.iter().map(|event| event.position).collect();
        assert!(positions.is_sorted_by(|left, right| left < right));
        from = last + 64;
    }
    Ok(())
}
