use annals_core::{EventStore as _, store::Views as _};
use annals_core::{ProjectionSink as _, SinkError};

use crate::driver::{Diary, Outcome, diary, feed, full, ready, store_with};

const SECOND: &str = "drop table if exists diary;
     create table diary (position integer not null, stream text not null, seen text not null default 'again') strict";

#[tokio::test]
async fn a_new_version_is_built_anew_in_place_of_the_old_one() -> Outcome {
    let (_folder, store) = store_with(&["a", "b"]).await?;
    feed(&mut ready(&store, &Diary::default()).await?, &store, 10).await?;

    let second = Diary { version: 2, setup: SECOND, ..Diary::default() };
    let mut sink = store.projection(second.clone());
    assert_eq!(sink.checkpoint().await?, None, "that of the older version is none of its own");
    sink.setup().await?;
    assert_eq!(diary(&store).await?, [""; 0]);
    // The projection of the test gives two values; the third column says which table it is.
    store.read(|db| db.prepare("select seen from diary").map(drop)).await?;
    Ok(())
}

#[tokio::test]
async fn what_a_newer_version_has_built_is_left_alone_by_an_older_program() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    let mut old = ready(&store, &Diary::default()).await?;
    let start = old.checkpoint().await?.ok_or("it was set up")?;
    let mut new = ready(&store, &Diary { version: 2, ..Diary::default() }).await?;
    feed(&mut new, &store, 10).await?;

    let page = store.read_log(annals_core::store::ReadLog::new(new.filter())).await?;
    let failures = [
        old.setup().await.err(),
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
    assert_eq!(diary(&store).await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn a_setup_that_fails_leaves_what_was_there() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    feed(&mut ready(&store, &Diary::default()).await?, &store, 10).await?;

    // Whoever forgets to drop the table is told so; whatever was done before is taken back.
    let forgetful = Diary { version: 2, setup: "create table other (id integer); create table diary (id)", ..Diary::default() };
    let error = ready(&store, &forgetful).await.err().ok_or("the table was there")?;

    let text = full(&error);
    assert!(text.starts_with("`diary` could not be set up: ") && text.contains("table diary already exists"), "{text}");
    assert_eq!(diary(&store).await?, ["a"]);
    assert!(store.read(|db| db.prepare("select id from other").map(drop)).await.is_err());
    let mut old = ready(&store, &Diary::default()).await?;
    feed(&mut old, &store, 10).await?;
    assert_eq!(diary(&store).await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn documents_of_the_same_name_are_something_else() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    let mut sink = ready(&store, &Diary::default()).await?;
    feed(&mut sink, &store, 10).await?;

    assert_eq!(store.checkpoint(sink.name(), 1).await?, None);
    store.reset(sink.name(), 1).await?;

    feed(&mut sink, &store, 10).await?;
    assert_eq!(diary(&store).await?, ["a"]);
    Ok(())
}
