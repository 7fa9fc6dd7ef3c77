use std::panic::AssertUnwindSafe;
use std::sync::mpsc;

use annals_core::{EventStore as _, ExpectedVersion};
use annals_store_sqlite::{Connection, Error, QueryError, SqliteOptions};
use futures_util::FutureExt as _;

use crate::driver::{Outcome, full, store_with};
use crate::support::{one, order};

fn count(db: &Connection) -> Result<u64, Error> {
    db.query_row("select count(*) from event", [], |row| row.get(0))
}

#[tokio::test]
async fn a_query_is_answered_with_what_sqlite_says() -> Outcome {
    let (_folder, store) = store_with(&["a", "b"]).await?;
    assert_eq!(store.read(count).await?, 2);
    let nothing = store.read(|db| db.query_row("select 1 where false", [], |row| row.get::<_, i64>(0))).await;
    assert!(matches!(nothing, Err(QueryError::Sqlite(Error::QueryReturnedNoRows))), "{nothing:?}");
    let wrong = store.read(|db| db.prepare("select * from nowhere").map(drop)).await.err().ok_or("it is there")?;
    assert!(wrong.to_string().starts_with("no such table: nowhere"), "{wrong}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_sees_one_state_of_the_file() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    let ((looked, look), (written, go_on)) = (mpsc::channel(), mpsc::channel());
    let query = store.read(move |db| {
        let before = count(db)?;
        looked.send(()).ok();
        go_on.recv().ok();
        Ok((before, count(db)?))
    });
    let write = async {
        tokio::task::spawn_blocking(move || look.recv()).await??;
        store.append(one(9, order("b"), ExpectedVersion::Any)).await?;
        written.send(())?;
        Ok::<_, Box<dyn std::error::Error>>(())
    };

    let (seen, done) = tokio::join!(query, write);

    done?;
    assert_eq!(seen?, (1, 1));
    assert_eq!(store.read(count).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_query_cannot_write_or_leave_anything_behind() -> Outcome {
    let folder = tempfile::tempdir()?;
    // One reader, so that each query gets the connection that the one before had.
    let store = SqliteOptions::new(folder.path().join("events.db")).readers(1).open().await?;
    store.append(one(1, order("a"), ExpectedVersion::Any)).await?;
    for (statement, told) in [
        ("create table mine (id integer)", "attempt to write a readonly database"),
        ("delete from event", "a query may not write `event`: Annals keeps its own data there: "),
        ("pragma query_only = off", "a query may not use `pragma query_only`: the connection is the store's: "),
        ("commit", "a query may not begin or end a transaction: the store does that: "),
        ("attach ':memory:' as other", "a query may not attach or detach a database: the connection is the store's: "),
        ("create temp table event (id integer)", "a query may not use what is temporary: "),
    ] {
        let error = store.read(move |db| db.execute_batch(statement)).await.err().ok_or("it passed")?;
        assert!(full(&error).starts_with(told), "`{statement}`: {}", full(&error));
    }
    store.read(|db| db.execute_batch("savepoint here")).await?;
    store.append(one(2, order("a"), ExpectedVersion::Any)).await?;
    assert_eq!(store.read(count).await?, 2, "the savepoint that was left open is gone");
    Ok(())
}

#[tokio::test]
async fn a_query_that_panics_is_the_callers_affair() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteOptions::new(folder.path().join("events.db")).readers(1).open().await?;

    let query = store.read(|_| -> Result<(), Error> { panic!("not like this") });
    let panic = AssertUnwindSafe(query).catch_unwind().await.err().ok_or("it did not panic")?;

    assert_eq!(panic.downcast_ref::<&str>(), Some(&"not like this"));
    assert_eq!(store.read(count).await?, 0, "the reader is still there");
    Ok(())
}

#[tokio::test]
async fn a_store_that_was_closed_says_so() -> Outcome {
    let (folder, store) = store_with(&["a"]).await?;
    store.close();
    let closed = store.read(count).await.err().ok_or("it was answered")?;
    assert_eq!(closed.to_string(), format!("the store {} was closed", folder.path().join("events.db").display()));
    Ok(())
}
