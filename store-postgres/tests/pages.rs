//! What pages hold, and what is sent for them.

mod support {
    pub(crate) mod proxy;
    #[path = "mod.rs"]
    mod schema;
    pub(crate) use schema::*;
}

use annals_core::store::{Criterion, Filter, PageSize, ReadLog, ReadStream};
use annals_core::{EventId, EventName, EventStore, NewEvent, Position, Tag};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use support::proxy::Proxy;
use support::{Schema, event, positions, stream_of, tagged, url};
use uuid::Uuid;

/// How many events there are, and the size of each.
const EVENTS: usize = 600;
const BODY: usize = 20_000;

/// A page that a dozen of them fill.
const PAGE: usize = 12 * BODY;

/// What may be sent for all pages together: each event, now and then one more that shows that a page is full, and the rest.
/// Without bound it is each page times all that come after it.
const SENT: usize = EVENTS * BODY * 3 / 2;

fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

/// A store with large events, all of one stream, behind a wire that counts. Each has the tag `all:1`, and each third one
/// `third:1`.
async fn large_events(schema: &Schema) -> (PostgresStore, Proxy) {
    let mut append = tagged(event("large"), "all:1");
    let first = append.streams[0].events.remove(0);
    append.streams[0].events = (0..EVENTS)
        .map(|number| NewEvent {
            id: EventId::from_uuid(Uuid::from_u128(number as u128)),
            payload: annals_core::Payload { data: vec![b' '; BODY].into(), ..first.payload.clone() },
            tags: if number % 3 == 0 { vec![tag("all:1"), tag("third:1")] } else { first.tags.clone() },
            ..first.clone()
        })
        .collect();
    schema.open().await.append(append).await.unwrap();
    let proxy = Proxy::to(&url()).await;
    let store = PostgresOptions::new(&proxy.url).schema(&schema.name).open().await.unwrap();
    (store, proxy)
}

/// Reads the whole log, and returns the positions and how many bytes were sent.
async fn read_log(store: &PostgresStore, proxy: &Proxy, filter: Filter) -> (Vec<u64>, usize) {
    let mut read = ReadLog::new(filter).size(PageSize::events(PageSize::MAX_EVENTS).and_bytes(PAGE));
    let mut positions = Vec::new();
    proxy.answered();
    loop {
        let page = store.read_log(read.clone()).await.unwrap();
        positions.extend(page.events.iter().map(|event| event.position.get()));
        if page.at_end {
            return (positions, proxy.answered());
        }
        assert!(page.scanned_to > read.after, "the reader gets on");
        read = read.after(page.scanned_to);
    }
}

#[tokio::test]
async fn the_server_stops_where_a_page_of_the_log_is_full() {
    let schema = Schema::new();
    let (store, proxy) = large_events(&schema).await;
    let all: Vec<u64> = (1..=EVENTS as u64).collect();
    let thirds: Vec<u64> = all.iter().copied().step_by(3).collect();
    let none = Criterion::new().name(EventName::new("order.gone").unwrap());
    let filters = [
        (Filter::all(), all.clone()),
        (Criterion::new().tag(tag("all:1")).into(), all.clone()),
        (Criterion::new().tag(tag("all:1")).tag(tag("third:1")).into(), thirds.clone()),
        (Filter::from(Criterion::new().tag(tag("third:1"))).or(Criterion::new().tag(tag("all:1"))), all),
        // Led by no tag, so that the server sends events that do not match.
        (Filter::from(Criterion::new().tag(tag("third:1"))).or(none), thirds),
    ];
    for (filter, expected) in filters {
        let (positions, sent) = read_log(&store, &proxy, filter.clone()).await;
        assert_eq!(positions, expected, "{filter:?}");
        assert!(sent < SENT, "{sent} bytes were sent for {filter:?}");
    }
}

#[tokio::test]
async fn the_server_stops_where_a_page_of_a_stream_is_full() {
    let schema = Schema::new();
    let (store, proxy) = large_events(&schema).await;
    for forward in [true, false] {
        let stream = stream_of("large");
        let read = if forward { ReadStream::forward(stream) } else { ReadStream::backward(stream) };
        let mut read = read.size(PageSize::events(PageSize::MAX_EVENTS).and_bytes(PAGE));
        let mut versions = Vec::new();
        proxy.answered();
        loop {
            let page = store.read_stream(read.clone()).await.unwrap();
            assert!(!page.events.is_empty(), "no page is empty");
            versions.extend(page.events.iter().map(|event| event.version.get()));
            let Some(next) = page.next else { break };
            read = read.from(next);
        }
        let sent = proxy.answered();
        assert!(sent < SENT, "{sent} bytes were sent");
        if !forward {
            versions.reverse();
        }
        assert_eq!(versions, (1..=EVENTS as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_tag_of_an_event_that_is_archived_leads_on() {
    let schema = Schema::new();
    let store = schema.open().await;
    for _ in 0..4 {
        store.append(tagged(event("a"), "seat:1")).await.unwrap();
    }
    store.append(event("a")).await.unwrap();
    schema.run("set session_replication_role = replica;\ndelete from {schema}.event where position in (2, 4)").await;
    let mut read = ReadLog::new(Criterion::new().tag(tag("seat:1")).into()).size(PageSize::events(1));
    let (mut found, mut pages) = (Vec::new(), 0);
    loop {
        let page = store.read_log(read.clone()).await.unwrap();
        found.extend(page.events.iter().map(|event| event.position.get()));
        pages += 1;
        if page.at_end {
            break;
        }
        assert!(page.scanned_to > read.after && pages < 9, "the reader gets on");
        read = read.after(page.scanned_to);
    }
    assert_eq!(found, [1, 3]);
    assert_eq!(read.after.max(Position::FIRST).get(), 3);
    assert_eq!(positions(&store).await, [1, 3, 5]);
}
