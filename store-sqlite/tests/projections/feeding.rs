use std::sync::Arc;

use annals_core::store::ViewError;
use annals_core::store::{Checkpoint, ViewName};
use annals_core::{EventStore as _, ExpectedVersion, Filter, LogPage, ProjectionSink, SinkError};
use annals_store_sqlite::{SqliteSink, SqliteStore};

use crate::driver::{Diary, Outcome, diary, feed, ready, store_with};
use crate::support::{one, order};

#[tokio::test]
async fn tables_are_there_before_the_first_event() -> Outcome {
    let (_folder, store) = store_with(&[]).await?;
    let mut sink = ready(&store, &Diary::default()).await?;
    assert_eq!(diary(&store).await?, [""; 0]);
    assert!(sink.checkpoint().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn each_event_is_taken_in_once_in_pages_of_any_size() -> Outcome {
    for size in [1, 2, 100] {
        let (_folder, store) = store_with(&["a", "b", "c"]).await?;
        feed(&mut ready(&store, &Diary::default()).await?, &store, size).await?;
        store.append(one(9, order("d"), ExpectedVersion::Any)).await?;

        // Somebody else, who only knows what is stored.
        let mut sink = ready(&store, &Diary::default()).await?;
        feed(&mut sink, &store, size).await?;
        feed(&mut sink, &store, size).await?;

        assert_eq!(diary(&store).await?, ["a", "b", "c", "d"], "in pages of {size}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_from_another_checkpoint_is_fenced_off() -> Outcome {
    let (_folder, store) = store_with(&["a", "b"]).await?;
    let (mut first, mut second) = (ready(&store, &Diary::default()).await?, ready(&store, &Diary::default()).await?);
    let start = second.checkpoint().await?;
    feed(&mut first, &store, 1).await?;

    let page = store.read_log(annals_core::store::ReadLog::new(Filter::all())).await?;
    let reached = first.checkpoint().await?.ok_or("it has come somewhere")?;
    let late = second.apply(&page, start, reached).await;
    let without_any = second.apply(&page, None, reached).await;

    for refused in [late, without_any] {
        assert!(matches!(refused, Err(SinkError::View(ViewError::Fenced { .. }))), "{refused:?}");
    }
    assert_eq!(diary(&store).await?, ["a", "b"]);
    Ok(())
}

/// A sink that begins where the projection was before anybody fed it: so of two, one is always late.
struct Racer {
    sink: SqliteSink,
    start: Option<Checkpoint>,
    is_fenced: bool,
}

#[async_trait::async_trait]
impl ProjectionSink for Racer {
    fn name(&self) -> &ViewName {
        self.sink.name()
    }

    fn filter(&self) -> Filter {
        self.sink.filter()
    }

    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, SinkError> {
        match self.start.take() {
            Some(start) => Ok(Some(start)),
            None => self.sink.checkpoint().await,
        }
    }

    async fn apply(&mut self, page: &LogPage, mut from: Option<Checkpoint>, to: Checkpoint) -> Result<(), SinkError> {
        loop {
            match self.sink.apply(page, from, to).await {
                Err(SinkError::View(ViewError::Fenced { actual, .. })) if !self.is_fenced => from = actual,
                result => return result,
            }
        }
    }
}

/// Two openings of one file feed one projection, each as fast as it can. Returns how many events were written down.
async fn race(is_fenced: bool) -> Result<usize, Box<dyn std::error::Error>> {
    let streams: Vec<String> = (0..EVENTS).map(|number| number.to_string()).collect();
    let (folder, left) = store_with(&streams.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let right = Arc::new(SqliteStore::open(folder.path().join("events.db")).await?);
    let mut racers = Vec::new();
    for store in [&left, &right] {
        let mut sink = ready(store, &Diary::default()).await?;
        let start = sink.checkpoint().await?;
        racers.push((Arc::clone(store), Racer { sink, start, is_fenced }));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (store, mut racer) in racers {
        tasks.spawn(async move {
            loop {
                match feed(&mut racer, &store, 1).await {
                    // As in the engine: whoever came second goes on from what is stored.
                    Err(SinkError::View(ViewError::Fenced { .. })) => {}
                    result => return result.map_err(|error| error.to_string()),
                }
            }
        });
    }
    for result in tasks.join_all().await {
        result?;
    }
    Ok(diary(&left).await?.len())
}

const EVENTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_feed_one_projection_take_each_event_in_once() -> Outcome {
    assert_eq!(race(true).await?, EVENTS);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_fence_two_processes_take_each_event_in_twice() -> Outcome {
    assert_eq!(race(false).await?, 2 * EVENTS);
    Ok(())
}
