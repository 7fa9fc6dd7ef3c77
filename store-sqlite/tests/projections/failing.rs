use std::sync::Arc;

use annals_core::{EventStore as _, ExpectedVersion, ProjectionSink as _, SinkError};
use annals_store_sqlite::{SqliteOptions, SqliteProjectionError, SqliteStore, Transaction};

use crate::driver::{Diary, Outcome, Trick, diary, feed, full, ready, store_with};
use crate::support::{one, order, soon};

const WRITES_FIRST: Trick = |tx| {
    tx.execute("insert into diary values (0, 'half done')", [])?;
    Err(SqliteProjectionError::failed("there is no order `b`"))
};

const PANICS: Trick = |tx| {
    tx.execute("insert into diary values (0, 'half done')", [])?;
    panic!("nobody thought of `b`")
};

const VIOLATES: Trick = |tx| Ok(tx.execute("insert into diary values (0, null)", []).map(drop)?);

/// Takes back the whole transaction, with everything else that the writer had put into it.
const ROLLS_BACK: Trick = |tx| Ok(tx.execute("insert or rollback into diary values (0, null)", []).map(drop)?);

const ROLLS_BACK_AND_HIDES_IT: Trick = |tx: &Transaction<'_>| {
    let _ = tx.execute("insert or rollback into diary values (0, null)", []);
    Ok(())
};

#[tokio::test]
async fn an_event_that_fails_is_named_and_holds_up_those_behind_it() -> Outcome {
    let violated = "NOT NULL constraint failed: diary.stream";
    let rolled_back =
        "a projection may not take back the transaction: it is the store's: NOT NULL constraint failed: diary.stream";
    let hidden = "a projection may not take back the transaction: it is the store's: ";
    let tricks: [(Trick, &str); 5] = [
        (WRITES_FIRST, "there is no order `b`"),
        (PANICS, "it panicked: nobody thought of `b`"),
        (VIOLATES, violated),
        (ROLLS_BACK, rolled_back),
        (ROLLS_BACK_AND_HIDES_IT, hidden),
    ];
    for (trick, says) in tricks {
        let (_folder, store) = store_with(&["a", "b", "c", "d"]).await?;
        let projection = Diary::default();
        let mut sink = ready(&store, &projection).await?;
        projection.tricked("c", trick);
        for attempt in 1..=2 {
            let error = feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;

            let SinkError::Event { position, .. } = &error else { panic!("{error:?}") };
            assert_eq!(position.get(), 3);
            let start = "the event at position 3 could not be taken in: event 1 of `order/c` (`order.placed`): ";
            let text = full(&error);
            assert!(text.starts_with(&format!("{start}{says}")), "attempt {attempt}: {text}");
            assert_eq!(diary(&store).await?, ["a", "b"], "what came before it stays");
        }
        projection.cured();
        feed(&mut sink, &store, 100).await?;
        assert_eq!(diary(&store).await?, ["a", "b", "c", "d"], "after `{says}`");
    }
    Ok(())
}

#[tokio::test]
async fn appends_in_the_same_batch_are_stored_whatever_a_projection_does() -> Outcome {
    for trick in [WRITES_FIRST, PANICS, ROLLS_BACK, ROLLS_BACK_AND_HIDES_IT] {
        let (_folder, store) = store_with(&["a"]).await?;
        let projection = Diary::default();
        let mut sink = ready(&store, &projection).await?;
        projection.tricked("a", trick);
        for round in 1..20_u64 {
            let appends = (0..8).map(|number| store.append(one(round * 100 + number, order("x"), ExpectedVersion::Any)));
            let appends = futures_util::future::join_all(appends);
            let (fed, appended) = futures_util::future::join(feed(&mut sink, &store, 1), soon("the appends", appends)).await;

            assert!(matches!(fed, Err(SinkError::Event { .. })), "{fed:?}");
            for appended in appended {
                assert!(!appended?.repeated);
            }
        }
        assert_eq!(diary(&store).await?, [""; 0]);
        projection.cured();
        feed(&mut sink, &store, 100).await?;
        assert_eq!(diary(&store).await?.len(), 1 + 19 * 8);
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_holds_a_projection_up_until_there_is_room() -> Outcome {
    let (folder, store) = store_with(&["a", "b", "c"]).await?;
    drop(store);
    let path = folder.path().join("events.db");
    let store = Arc::new(SqliteOptions::new(&path).max_pages(60).open().await?);
    let projection = Diary::default();
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("c", |tx| {
        tx.execute_batch("create table if not exists large (data blob)")?;
        Ok(tx.execute("insert into large values (zeroblob(1000000))", []).map(drop)?)
    });

    for _ in 0..3 {
        let error = feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;
        assert!(full(&error).contains("database or disk is full"), "{}", full(&error));
        store.append(one(9, order("small"), ExpectedVersion::Any)).await?;
    }
    assert_eq!(diary(&store).await?, ["a", "b"]);
    drop((sink, store));

    let store = Arc::new(SqliteStore::open(&path).await?);
    feed(&mut ready(&store, &projection).await?, &store, 100).await?;
    assert_eq!(diary(&store).await?, ["a", "b", "c", "small"]);
    Ok(())
}

#[tokio::test]
async fn a_constraint_that_is_checked_at_the_end_spoils_no_append() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    let projection = Diary {
        setup: "create table diary (position integer, stream text);
                create table child (parent integer references parent (id) deferrable initially deferred);
                create table parent (id integer primary key)",
        ..Diary::default()
    };
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("a", |tx| Ok(tx.execute("insert into child values (1)", []).map(drop)?));

    let append = store.append(one(9, order("b"), ExpectedVersion::Any));
    let (fed, appended) = futures_util::future::join(feed(&mut sink, &store, 1), append).await;

    appended?;
    let text = full(&fed.err().ok_or("the constraint was not checked")?);
    assert!(
        text.starts_with("cannot feed the projection `diary` in ") && text.contains("FOREIGN KEY constraint failed"),
        "{text}"
    );
    projection.cured();
    feed(&mut sink, &store, 100).await?;
    assert_eq!(diary(&store).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_setup_that_panics_is_an_error() -> Outcome {
    struct Panics;
    impl annals_store_sqlite::SqliteProjection for Panics {
        fn name(&self) -> annals_core::store::ViewName {
            annals_core::store::ViewName::from_static("panics")
        }

        fn version(&self) -> u32 {
            1
        }

        fn filter(&self) -> annals_core::Filter {
            annals_core::Filter::all()
        }

        fn setup(&self, _: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
            panic!("no tables today")
        }

        fn apply(&self, _: &annals_core::RecordedEvent, _: &Transaction<'_>) -> Result<(), SqliteProjectionError> {
            Ok(())
        }
    }
    let (_folder, store) = store_with(&["a"]).await?;

    let error = store.projection(Panics).setup().await.err().ok_or("it was set up")?;

    assert_eq!(full(&error), "`panics` could not be set up: it panicked: no tables today");
    store.append(one(7, order("a"), ExpectedVersion::Any)).await?;
    Ok(())
}
