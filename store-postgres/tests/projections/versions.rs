use annals_core::store::Views as _;
use annals_core::{EventStore as _, ProjectionSink as _, SinkError};

use crate::driver::{Diary, Outcome, Trick, diary, feed, full, ready, store_with};
use crate::support::event;

#[tokio::test]
async fn a_new_version_is_built_anew_in_place_of_the_old_one() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    feed(&mut ready(&store, &Diary::of(&schema)).await?, &store, 10).await?;

    let mut second = Diary { version: 2, ..Diary::of(&schema) };
    second.setup += "; alter table {schema}.diary add column seen text";
    let mut sink = store.projection(second.clone());
    assert_eq!(sink.checkpoint().await?, None, "that of the older version is none of its own");
    sink.setup().await?;
    assert_eq!(diary(&schema, &store).await?, [""; 0]);
    feed(&mut sink, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    assert_eq!(schema.number("select count(*) from {schema}.diary where seen is null").await, 2);
    Ok(())
}

#[tokio::test]
async fn what_a_newer_version_has_built_is_left_alone_by_an_older_program() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    let mut old = ready(&store, &Diary::of(&schema)).await?;
    let start = old.checkpoint().await?.ok_or("it was set up")?;
    let mut new = ready(&store, &Diary { version: 2, ..Diary::of(&schema) }).await?;
    feed(&mut new, &store, 10).await?;

    let page = store.read_log(annals_core::store::ReadLog::new(new.filter())).await?;
    let failures = [
        old.setup().await.err(),
        old.reset().await.err(),
        old.checkpoint().await.err(),
        old.apply(&page, Some(start), start).await.err(),
        old.apply(&page, None, start).await.err(),
    ];

    for failure in failures {
        let failure = failure.ok_or("an older program goes on")?;
        assert!(matches!(failure, SinkError::Superseded { version: 1, found: 2, .. }), "{failure:?}");
        assert_eq!(
            failure.to_string(),
            "`diary` has version 2 in the store, and this program has version 1: what a newer version has built is left alone"
        );
    }
    assert_eq!(diary(&schema, &store).await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn a_setup_that_fails_leaves_what_was_there() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    feed(&mut ready(&store, &Diary::of(&schema)).await?, &store, 10).await?;

    // Whoever forgets to drop the table is told so; whatever was done before is taken back.
    let setup = "create table {schema}.other (); create table {schema}.diary ()".to_owned();
    let forgetful = Diary { version: 2, setup, ..Diary::of(&schema) };
    let error = ready(&store, &forgetful).await.err().ok_or("the table was there")?;

    let text = full(&error);
    assert!(text.starts_with("`diary` could not be set up: ") && text.contains("\"diary\" already exists"), "{text}");
    assert_eq!(diary(&schema, &store).await?, ["a"]);
    assert_eq!(
        schema.number("select count(*) from pg_class where relnamespace = '{schema}'::regnamespace and relname = 'other'").await,
        0
    );
    let mut old = ready(&store, &Diary::of(&schema)).await?;
    feed(&mut old, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn documents_of_the_same_name_are_something_else() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    let mut sink = ready(&store, &Diary::of(&schema)).await?;
    feed(&mut sink, &store, 10).await?;

    assert_eq!(store.checkpoint(sink.name(), 1).await?, None);
    annals_core::store::Views::reset(&store, sink.name(), 1).await?;

    feed(&mut sink, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn a_reset_empties_the_tables_in_the_users_way_and_begins_anew() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let projection = Diary { reset: Some("delete from {schema}.diary"), ..Diary::of(&schema) };
    let mut feeding = ready(&store, &projection).await?;
    feed(&mut feeding, &store, 10).await?;
    let table = "select '{schema}.diary'::regclass::oid::bigint";
    let before = schema.number(table).await;

    store.projection(projection.clone()).reset().await?;

    assert_eq!(diary(&schema, &store).await?, [""; 0]);
    assert_eq!(schema.number(table).await, before, "the table was not made anew");
    store.append(event("c")).await?;
    feed(&mut feeding, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"]);

    // Without a way of its own it is set up again; one that fails changes nothing.
    let anew = Diary { reset: None, ..projection.clone() };
    store.projection(anew).reset().await?;
    assert_ne!(schema.number(table).await, before);
    feed(&mut feeding, &store, 10).await?;
    let fails = Diary { reset: Some("delete from {schema}.diary; select 1 / 0"), ..projection };
    assert!(matches!(store.projection(fails).reset().await, Err(SinkError::Setup { .. })));
    assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"]);
    feed(&mut feeding, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn who_feeds_while_it_is_reset_is_fenced_off() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let projection = Diary::of(&schema);
    let mut feeding = ready(&store, &projection).await?;
    feed(&mut feeding, &store, 1).await?;
    let reached = feeding.checkpoint().await?;
    store.append(event("c")).await?;
    store.projection(projection.clone()).reset().await?;

    let page = store.read_log(annals_core::store::ReadLog::new(feeding.filter())).await?;
    let late = feeding.apply(&page, reached, reached.ok_or("it has come somewhere")?).await;

    assert!(matches!(late, Err(SinkError::View(annals_core::store::ViewError::Fenced { .. }))), "{late:?}");
    projection.tricked("c", Trick::Tries("select 1"));
    feed(&mut feeding, &store, 10).await?;
    assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"]);
    Ok(())
}
