//! Reads of streams that are in flight together: each gets what it would get alone.

mod support {
    pub(crate) mod proxy;
    #[path = "mod.rs"]
    mod schema;
    pub(crate) use schema::*;
}

use std::sync::Arc;

use annals_core::store::{PageSize, ReadStream};
use annals_core::{EventStore, RecordedEvent, Version};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use futures_util::FutureExt;
use futures_util::future::join_all;
use support::proxy::Proxy;
use support::{Schema, event, stream_of, url};

/// Lengths around what a shared round trip brings.
const LENGTHS: [usize; 9] = [0, 1, 2, 10, 63, 64, 65, 130, 700];

/// Reads a stream to its end.
async fn read(store: &PostgresStore, stream: &str, size: PageSize) -> Vec<RecordedEvent> {
    let (mut events, mut from) = (Vec::new(), Some(Version::FIRST));
    while let Some(version) = from {
        let page = store.read_stream(ReadStream::forward(stream_of(stream)).from(version).size(size)).await.unwrap();
        assert!(page.events.len() <= size.max_events());
        events.extend(page.events);
        from = page.next;
    }
    events
}

/// Streams named after their lengths, the last of them with large events.
async fn filled(store: &PostgresStore) -> Vec<(String, usize)> {
    let events = |length| (0..length).map(|_| event("another").streams[0].events[0].clone()).collect();
    for length in LENGTHS.into_iter().filter(|length| *length > 0) {
        let mut append = event(&length.to_string());
        append.streams[0].events = events(length);
        store.append(append).await.unwrap();
    }
    let mut large = event("large");
    large.streams[0].events = events(5);
    large.streams[0].events.iter_mut().for_each(|event| event.payload.data = vec![b' '; 20 << 10].into());
    store.append(large).await.unwrap();
    LENGTHS.iter().map(|length| (length.to_string(), *length)).chain([("large".to_owned(), 5)]).collect()
}

#[tokio::test]
async fn many_who_read_at_a_time_get_what_each_would_get_alone() {
    let schema = Schema::new();
    let store = schema.open().await;
    let streams = filled(&store).await;
    for size in [PageSize::default(), PageSize::events(10), PageSize::events(64), PageSize::default().and_bytes(30 << 10)] {
        let mut alone = Vec::new();
        for (stream, length) in &streams {
            let events = read(&store, stream, size).await;
            assert_eq!(events.len(), *length, "{stream}");
            assert!(events.iter().zip(1..).all(|(event, version)| event.version.get() == version), "{stream}");
            alone.push(events);
        }
        let together = join_all((0..20).flat_map(|_| &streams).map(|(stream, _)| read(&store, stream, size))).await;
        for (events, expected) in together.iter().zip(alone.iter().cycle()) {
            assert_eq!(events, expected);
        }
    }
}

#[tokio::test]
async fn reads_that_come_at_a_time_share_round_trips() {
    let schema = Schema::new();
    filled(&schema.open().await).await;
    let proxy = Proxy::to(&url()).await;
    let store = PostgresOptions::new(&proxy.url).schema(&schema.name).open().await.unwrap();
    // Connections are there and statements prepared after the first time.
    for _ in 0..2 {
        proxy.asked();
        let events = join_all((0..100).map(|_| read(&store, "10", PageSize::default()))).await;
        assert!(events.iter().all(|events| events.len() == 10));
    }
    let asked = proxy.asked();
    assert!(asked < 25, "{asked} requests for 100 reads");
}

#[tokio::test]
async fn who_holds_a_way_without_polling_holds_nobody_up() {
    let schema = Schema::new();
    let store = schema.open().await;
    filled(&store).await;
    let mut stuck = Vec::new();
    while stuck.len() < 5 {
        let mut reading = Box::pin(read(&store, "10", PageSize::default()));
        // A server that is quick may have answered within the first poll.
        if reading.as_mut().now_or_never().is_none() {
            stuck.push(reading);
        }
    }
    assert_eq!(read(&store, "130", PageSize::default()).await.len(), 130);
    for reading in stuck {
        assert_eq!(reading.await.len(), 10);
    }
}

#[tokio::test]
async fn who_stops_waiting_disturbs_nobody() {
    let schema = Schema::new();
    let store = Arc::new(schema.open().await);
    filled(&store).await;
    for round in 0..20 {
        let reads = (0..40).map(|number| {
            let store = Arc::clone(&store);
            async move {
                let reading = read(&store, "10", PageSize::default());
                if number % 3 == 0 {
                    // Polled once, and dropped.
                    reading.now_or_never();
                    return;
                }
                assert_eq!(reading.await.len(), 10, "{round}");
            }
        });
        join_all(reads).await;
    }
    // The ways are all free again.
    assert_eq!(read(&store, "130", PageSize::default()).await.len(), 130);
}
