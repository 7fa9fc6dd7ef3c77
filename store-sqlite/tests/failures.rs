//! A disk that is full and a file that somebody else holds: nothing is stored, that is said, and the store goes on.

mod support;

use std::error::Error;

use annals_core::store::{Append, AppendError, FailureKind, ReadStream};
use annals_core::{EventStore, ExpectedVersion, NewEvent, Tag};
use annals_store_sqlite::{SqliteOptions, SqliteStore};
use futures_util::future::join_all;
use rusqlite::Connection;
use support::{append_id, event, log, one, order, versions};

type Outcome = Result<(), Box<dyn Error>>;

fn kind(result: Result<annals_core::store::Appended, AppendError>) -> Option<FailureKind> {
    match result {
        Err(AppendError::NotStored(failure)) => Some(failure.kind),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    }
}

#[tokio::test]
async fn a_full_disk_stores_nothing_and_the_store_goes_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteOptions::new(&path).max_pages(100).open().await?;
    store.append(one(1, order("a"), ExpectedVersion::NoStream)).await?;
    let large = |number| {
        let events = (0..4).map(|part| event(number * 10 + part, 200_000)).collect();
        Append::new(append_id(number)).stream(order("a"), ExpectedVersion::Exists, events).stream(
            order("new"),
            ExpectedVersion::Any,
            vec![],
        )
    };

    let error = store.append(large(2)).await.err().ok_or("it was stored")?;

    let text = format!("cannot append to {}: there is no room left", path.display());
    assert!(
        matches!(error, AppendError::NotStored(ref failure) if failure.kind == FailureKind::Full && failure.to_string() == text)
    );
    assert!(error.is_transient());
    assert_eq!(versions(&store, &order("a")).await, [1]);
    assert_eq!(store.appended(append_id(2)).await?, None);
    let next = store.append(one(3, order("a"), ExpectedVersion::Exists)).await?;
    assert_eq!(next.streams[0].first.get(), 2);
    drop(store);
    let roomy = SqliteStore::open(&path).await?;
    assert_eq!(roomy.append(large(2)).await?.streams[0].last.get(), 6);
    Ok(())
}

#[tokio::test]
async fn each_append_of_a_batch_that_found_no_room_is_told_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteOptions::new(folder.path().join("events.db")).max_pages(200).open().await?;
    let append = |number: u64| {
        let events = vec![event(number, 20_000)];
        Append::new(append_id(number)).stream(order(&number.to_string()), ExpectedVersion::NoStream, events)
    };

    let results = join_all((0..200).map(|number| store.append(append(number)))).await;

    let mut stored = 0;
    for (number, result) in (0..).zip(results) {
        let page = store.read_stream(ReadStream::forward(order(&u64::to_string(&number)))).await?;
        match kind(result) {
            None => {
                assert_eq!(page.events[0].payload, event(number, 20_000).payload);
                stored += 1;
            }
            Some(kind) => {
                assert_eq!(kind, FailureKind::Full);
                assert!(page.events.is_empty());
            }
        }
    }
    assert_eq!(log(&store).await.len(), stored);
    assert!(stored < 200);
    Ok(())
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_busy_and_then_written_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteOptions::new(&path).busy_timeout(std::time::Duration::from_millis(5)).open().await?;
    let other = Connection::open(&path)?;
    other.execute_batch("begin immediate")?;

    let held = store.append(one(1, order("a"), ExpectedVersion::Any)).await;
    let read = store.read_stream(ReadStream::forward(order("a"))).await?;
    other.execute_batch("rollback")?;
    let free = store.append(one(1, order("a"), ExpectedVersion::Any)).await?;

    assert_eq!(kind(held), Some(FailureKind::Busy));
    assert!(read.events.is_empty());
    assert!(!free.repeated);
    Ok(())
}

#[tokio::test]
async fn an_append_that_cannot_be_leaves_the_others_of_its_batch_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path).await?;
    store.append(one(0, order("0"), ExpectedVersion::Any)).await?;
    Connection::open(&path)?.execute_batch("drop trigger stream_no_update; update stream set name = 'other'")?;

    let results =
        join_all((1..=50).map(|number| store.append(one(number, order(&(number % 5).to_string()), ExpectedVersion::Any)))).await;

    for (number, result) in (1..).zip(results) {
        assert_eq!(kind(result), (number % 5 == 0).then_some(FailureKind::Corrupt), "append {number}");
    }
    assert_eq!(versions(&store, &order("4")).await.len(), 10);
    Ok(())
}

#[tokio::test]
async fn events_can_be_neither_changed_nor_deleted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path).await?;
    let tagged = NewEvent { tags: vec![Tag::new("customer", 1)?], ..event(1, 120) };
    store.append(Append::new(append_id(1)).stream(order("a"), ExpectedVersion::Any, vec![tagged])).await?;
    let before = log(&store).await;
    let other = Connection::open(&path)?;
    // The store sets this on its own connection, which is the one that writes.
    other.pragma_update(None, "recursive_triggers", true)?;

    for statement in [
        "update event set payload = x'00'",
        "delete from event",
        "insert or replace into event select position, stream, version, category, kind, schema_version, ordinal, recorded_at, \
         encoding, id, x'00', tags, metadata, x'00' from event",
        "update stream set name = 'b'",
        "delete from stream",
        "update word set text = 'b'",
        "delete from word",
        "update event_tag set tag = 'b'",
        "delete from event_tag",
    ] {
        assert!(other.execute(statement, []).is_err(), "{statement}");
    }

    assert_eq!(log(&store).await, before);
    Ok(())
}
