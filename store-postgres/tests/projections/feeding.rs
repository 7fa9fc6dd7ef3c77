use annals_core::store::{Checkpoint, PageSize, ReadLog, ViewError, ViewName};
use annals_core::{EventStore as _, Filter, LogPage, ProjectionSink, SinkError};
use annals_store_postgres::PgSink;

use crate::driver::{Diary, Outcome, Trick, diary, feed, ready, store_with};
use crate::support::event;

#[tokio::test]
async fn tables_are_there_before_the_first_event() -> Outcome {
    let (schema, store) = store_with(&[]).await;
    let mut sink = ready(&store, &Diary::of(&schema)).await?;
    assert_eq!(diary(&schema, &store).await?, [""; 0]);
    assert!(sink.checkpoint().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn each_event_is_taken_in_once_in_pages_of_any_size() -> Outcome {
    for size in [1, 2, 100] {
        let (schema, store) = store_with(&["a", "b", "c"]).await;
        feed(&mut ready(&store, &Diary::of(&schema)).await?, &store, size).await?;
        store.append(event("d")).await?;

        // Somebody else, who only knows what is stored.
        let mut sink = ready(&store, &Diary::of(&schema)).await?;
        feed(&mut sink, &store, size).await?;
        feed(&mut sink, &store, size).await?;

        assert_eq!(diary(&schema, &store).await?, ["a", "b", "c", "d"], "in pages of {size}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_from_another_checkpoint_is_fenced_off() -> Outcome {
    let (schema, store) = store_with(&["a", "b"]).await;
    let (mut first, mut second) = (ready(&store, &Diary::of(&schema)).await?, ready(&store, &Diary::of(&schema)).await?);
    let start = second.checkpoint().await?;
    feed(&mut first, &store, 1).await?;

    let page = store.read_log(ReadLog::new(Filter::all())).await?;
    let reached = first.checkpoint().await?.ok_or("it has come somewhere")?;
    let late = second.apply(&page, start, reached).await;
    let without_any = second.apply(&page, None, reached).await;

    for refused in [late, without_any] {
        assert!(matches!(refused, Err(SinkError::View(ViewError::Fenced { .. }))), "{refused:?}");
    }
    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_page_without_events_moves_the_checkpoint_and_calls_nobody() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    let start = sink.checkpoint().await?;
    let mut page = store.read_log(ReadLog::new(Filter::all()).size(PageSize::events(1))).await?;
    page.events.clear();
    let to = start.ok_or("it was set up")?.advanced(page.scanned_to, None);

    sink.apply(&page, start, to).await?;

    assert_eq!(sink.checkpoint().await?, Some(to));
    assert_eq!(*projection.batches.lock().unwrap(), [0; 0]);
    Ok(())
}

#[tokio::test]
async fn a_connection_that_broke_in_a_quiet_time_is_replaced() -> Outcome {
    let (schema, store) = store_with(&["a"]).await;
    let projection = Diary::of(&schema);
    let mut sink = ready(&store, &projection).await?;
    // By this its session is found.
    projection.tricked("a", Trick::Sends(&["select pg_advisory_lock(4711, '{schema}'::regnamespace::oid::integer)"]));
    feed(&mut sink, &store, 10).await?;
    store.append(event("b")).await?;

    let ended = "select count(*) from pg_locks, pg_terminate_backend(pid, 5000) where locktype = 'advisory' and classid = 4711
        and objid = (select oid from pg_namespace where nspname = '{schema}')";
    assert_eq!(schema.number(ended).await, 1);
    feed(&mut sink, &store, 10).await?;

    assert_eq!(diary(&schema, &store).await?, ["a", "b"]);
    Ok(())
}

/// A sink that begins where the projection was before anybody fed it: so of two, one is always late.
struct Racer {
    sink: PgSink<Diary>,
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

/// Two openings of one schema feed one projection, each as fast as it can. Returns how many events were written down.
async fn race(is_fenced: bool) -> Result<usize, Box<dyn std::error::Error>> {
    let streams: Vec<String> = (0..EVENTS).map(|number| number.to_string()).collect();
    let (schema, left) = store_with(&streams.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let right = schema.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    let mut racers = Vec::new();
    for store in [left, right] {
        let mut sink = ready(&store, &Diary::of(&schema)).await?;
        let start = sink.checkpoint().await?;
        racers.push((store, Racer { sink, start, is_fenced }));
    }
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
    let store = schema.open().await;
    Ok(diary(&schema, &store).await?.len())
}

const EVENTS: usize = 100;

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
