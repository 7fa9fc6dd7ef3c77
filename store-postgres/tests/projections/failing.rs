use annals_core::store::{FailureKind, ViewError};
use annals_core::{EventStore as _, ProjectionSink as _, SinkError};
use annals_store_postgres::sqlx::Connection as _;

use crate::driver::{Diary, Outcome, Trick, diary, feed, full, ready, store_with};
use crate::support::{connect, event};

const NULL: &str = "insert into {schema}.diary (position, stream) values (0, null)";

#[tokio::test]
async fn an_event_that_fails_is_named_and_holds_up_those_behind_it() -> Outcome {
    let tricks: [(Trick, &str); 4] = [
        (Trick::Fails, "there is no order `c`"),
        (Trick::Panics, "it panicked: nobody thought of `c`"),
        (Trick::Sends(&[NULL]), "error returned from database: null value in column \"stream\""),
        (Trick::SendsAndGoesOn(&[NULL]), "a statement failed and the projection went on: return its error"),
    ];
    for (trick, says) in tricks {
        let (schema, store) = store_with(&["a", "b", "c", "d"]).await;
        let projection = Diary::of(&schema);
        let mut sink = ready(&store, &projection).await?;
        projection.tricked("c", trick);
        for attempt in 1..=2 {
            let error = feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;

            let SinkError::Event { position, .. } = &error else { panic!("{error:?}") };
            assert_eq!(position.get(), 3);
            let start = "the event at position 3 could not be taken in: event 1 of `order/c` (`order.placed`): ";
            let text = full(&error);
            assert!(text.starts_with(&format!("{start}{says}")), "attempt {attempt}: {text}");
            assert_eq!(diary(&schema, &store).await?, ["a", "b"], "what came before it stays");
        }
        projection.cured();
        feed(&mut sink, &store, 100).await?;
        assert_eq!(diary(&schema, &store).await?, ["a", "b", "c", "d"], "after `{says}`");
    }
    Ok(())
}

#[tokio::test]
async fn an_event_that_failed_is_tried_alone_and_those_behind_it_together_again() -> Outcome {
    let streams: Vec<String> = (0..64).map(|number| number.to_string()).collect();
    let (schema, store) = store_with(&streams.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("20", Trick::Fails);
    let calls = || std::mem::take(&mut *projection.batches.lock().unwrap());

    feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;
    assert_eq!(calls(), [64, 32, 16, 16, 8, 4, 4, 2, 1]);
    feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;
    assert_eq!(calls(), [1]);

    projection.cured();
    feed(&mut sink, &store, 100).await?;
    assert_eq!(calls(), [1, 43]);
    assert_eq!(diary(&schema, &store).await?, streams);
    Ok(())
}

#[tokio::test]
async fn a_statement_may_be_tried_in_a_transaction_within_the_transaction() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("b", Trick::Tries(NULL));
    feed(&mut sink, &store, 100).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_constraint_that_is_checked_at_the_end_names_the_event() -> Outcome {
    let (schema, store) = store_with(&["a", "b", "c"]).await;
    let mut projection = Diary::of(&schema);
    projection.setup += ";
        create table {schema}.parent (id integer primary key);
        create table {schema}.child (parent integer references {schema}.parent (id) deferrable initially deferred)";
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("b", Trick::Sends(&["insert into {schema}.child values (1)"]));

    let error = feed(&mut sink, &store, 100).await.err().ok_or("the constraint was not checked")?;

    let text = full(&error);
    assert!(text.starts_with("the event at position 2 could not be taken in: event 1 of `order/b`"), "{text}");
    assert!(text.contains("violates foreign key constraint"), "{text}");
    assert_eq!(diary(&schema, &store).await?, ["a"]);
    projection.cured();
    feed(&mut sink, &store, 100).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn no_event_is_blamed_for_a_connection_that_broke_or_for_who_is_in_the_way() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    let mut other = connect().await;
    let mut in_the_way = other.begin().await?;
    schema.run_on(&mut in_the_way, "create table {schema}.taken ()").await;
    in_the_way.commit().await?;
    let mut in_the_way = other.begin().await?;
    schema.run_on(&mut in_the_way, "lock table {schema}.taken").await;

    for (trick, expected) in [
        (Trick::Sends(&["select pg_terminate_backend(pg_backend_pid())"]), FailureKind::Unavailable),
        (Trick::Sends(&["lock table {schema}.taken nowait"]), FailureKind::Busy),
    ] {
        projection.tricked("b", trick);
        let error = feed(&mut sink, &store, 100).await.err().ok_or("it was taken in")?;
        let SinkError::View(ViewError::Store(failure)) = &error else { panic!("{trick:?}: {error:?}") };
        assert_eq!(failure.kind, expected, "{error}");
        assert!(error.to_string().starts_with("cannot feed the projection `diary` in the schema `annals_test_"), "{error}");
        assert_eq!(diary(&schema, &store).await?, [""; 0], "all of it is taken back");
    }
    projection.cured();
    feed(&mut sink, &store, 100).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn an_application_that_stops_at_once_leaves_nothing_behind() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("b", Trick::Sends(&["select pg_advisory_lock(815, 4711)"]));
    let mut holder = connect().await;
    schema.run_on(&mut holder, "select pg_advisory_lock(815, 4711)").await;
    {
        let mut fed = Box::pin(feed(&mut sink, &store, 100));
        let has_come_to_the_lock = async {
            while schema
                .number("select count(*) from pg_locks where locktype = 'advisory' and classid = 815 and not granted")
                .await
                < 1
            {}
        };
        tokio::select! {
            fed = &mut fed => panic!("{fed:?}"),
            () = has_come_to_the_lock => {}
        }
    }
    holder.close().await?;
    projection.cured();
    feed(&mut sink, &store, 100).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_setup_that_fails_in_any_way_is_an_error_and_leaves_nothing() -> Outcome {
    for (setup, says) in [
        ("create table {schema}.diary (); create table {schema}.diary ()", "relation \"diary\" already exists"),
        ("create table {schema}.diary (); commit", "a projection may not end the transaction: it is the store's"),
        ("create table {schema}.diary (); rollback", "a projection may not end the transaction: it is the store's"),
    ] {
        let (schema, store) = store_with(&["a"]).await;
        let projection = Diary { setup: setup.to_owned(), ..Diary::of(&schema) };
        let error = store.projection(projection).setup().await.err().ok_or("it was set up")?;
        let text = full(&error);
        assert!(text.starts_with("`diary` could not be set up: ") && text.contains(says), "{setup}: {text}");
        assert_eq!(
            schema
                .number("select count(*) from pg_class where relnamespace = '{schema}'::regnamespace and relname = 'diary'")
                .await,
            0
        );
        assert_eq!(schema.number("select count(*) from {schema}.view").await, 0);
        store.append(event("b")).await?;
    }
    Ok(())
}
