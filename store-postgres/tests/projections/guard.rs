//! Code of a projection does not end the transaction, and does nothing after it has tried.

use annals_core::SinkError;
use annals_store_postgres::sqlx::postgres::PgPoolOptions;
use annals_store_postgres::sqlx::{Row, query};
use annals_store_postgres::{PgProjectionError, PostgresOptions};

use crate::driver::{Diary, Outcome, Trick, diary, feed, full, ready, store_with};
use crate::support::url;

const ROW: &str = "insert into {schema}.diary (position, stream) values (0, 'on its own')";

#[tokio::test]
async fn whoever_ends_the_transaction_is_told_and_nothing_of_it_stays() -> Outcome {
    for trick in [
        Trick::Sends(&["commit"]),
        Trick::SendsAndGoesOn(&["commit"]),
        Trick::SendsAndGoesOn(&[ROW, "commit", ROW]),
        // A transaction of its own that can only read, and so is aborted.
        Trick::SendsAndGoesOn(&[ROW, "commit", "begin", ROW]),
        Trick::SendsAndGoesOn(&[ROW, "commit and chain", ROW]),
        Trick::SendsAndGoesOn(&["rollback", ROW]),
        Trick::SendsAndGoesOn(&["rollback", "begin read write", ROW]),
        Trick::SendsAndGoesOn(&["prepare transaction 'annals_test'"]),
        Trick::SendsAndGoesOn(&["rollback; begin read write"]),
        Trick::Sends(&["set constraints all immediate"]),
    ] {
        let (schema, store) = store_with(&["a", "b", "c"]).await;
        let projection = Diary::of(&schema);
        let mut sink = ready(&store, &projection).await?;
        projection.tricked("b", trick);

        let error = feed(&mut sink, &store, 100).await.err().ok_or_else(|| format!("{trick:?} passed"))?;

        let SinkError::Event { position, source } = &error else { panic!("{trick:?}: {error:?}") };
        assert_eq!(position.get(), 2, "{trick:?}");
        let begins_anew = matches!(trick, Trick::SendsAndGoesOn([ROW, "commit", "begin", ROW]));
        let cause = source.source().and_then(|cause| cause.downcast_ref::<PgProjectionError>());
        let is_typed = matches!(cause, Some(PgProjectionError::Ended | PgProjectionError::Aborted));
        assert!(is_typed && (full(&error).contains("may not end the transaction") || begins_anew), "{trick:?}: {}", full(&error));
        assert_eq!(diary(&schema, &store).await?, ["a"], "{trick:?}");

        projection.cured();
        feed(&mut sink, &store, 100).await?;
        assert_eq!(diary(&schema, &store).await?, ["a", "b", "c"], "{trick:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_code_does_to_its_session_is_not_met_by_the_rest_of_the_application() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    drop(store);
    let pool = PgPoolOptions::new().max_connections(3).connect(&url()).await?;
    let store = PostgresOptions::with_pool(pool.clone()).schema(&schema.name).batches_in_flight(1).open().await?;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("a", Trick::Sends(&["set lock_timeout = '123s'", "create temporary table left_behind ()"]));
    feed(&mut sink, &store, 100).await?;

    let settings = "select current_setting('lock_timeout'), current_setting('default_transaction_read_only'),
        to_regclass('left_behind') is null";
    // One of them has been the projection's.
    let mut connections = [pool.acquire().await?, pool.acquire().await?, pool.acquire().await?];
    for connection in &mut connections {
        let row = query(settings).fetch_one(&mut **connection).await?;
        assert_eq!((row.get::<&str, _>(0), row.get::<&str, _>(1), row.get::<bool, _>(2)), ("0", "off", true));
    }
    Ok(())
}
