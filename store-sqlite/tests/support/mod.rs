//! What the tests of this store share.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::time::Duration;

use annals_core::store::{Append, PageSize, ReadLog, ReadStream};
use annals_core::{
    AppendId, EncodedMetadata, Encoding, EventId, EventName, EventStore, ExpectedVersion, Filter, NewEvent, Payload, Position,
    RecordedEvent, StreamId,
};
use uuid::Uuid;

/// A stream of category `order`.
pub(crate) fn order(id: &str) -> StreamId {
    StreamId::new("order", id).expect("the tests use valid ids")
}

/// The identity of the `number`th append.
pub(crate) fn append_id(number: u64) -> AppendId {
    AppendId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

/// An event with a body of so many bytes, all of which depend on the number.
pub(crate) fn event(number: u64, bytes: usize) -> NewEvent {
    let body: Vec<u8> = number.to_be_bytes().into_iter().cycle().take(bytes).collect();
    NewEvent {
        id: EventId::from_uuid(Uuid::from_u128(u128::from(number) + 1)),
        name: EventName::new("order.placed").expect("the name is valid"),
        schema_version: 1,
        payload: Payload { encoding: Encoding::from_number(9), data: body.into() },
        metadata: EncodedMetadata::from_bytes(number.to_string()),
        tags: Vec::new(),
    }
}

/// The `number`th append: one event of 120 bytes for a stream.
pub(crate) fn one(number: u64, stream: StreamId, expected: ExpectedVersion) -> Append {
    Append::new(append_id(number)).stream(stream, expected, vec![event(number, 120)])
}

/// The whole log.
pub(crate) async fn log(store: &dyn EventStore) -> Vec<RecordedEvent> {
    let (mut events, mut after) = (Vec::new(), Position::ZERO);
    loop {
        let page = store.read_log(ReadLog::new(Filter::all()).after(after)).await.expect("the log can be read");
        events.extend(page.events);
        after = page.scanned_to;
        if page.at_end {
            return events;
        }
    }
}

/// The versions of a stream, from the first on.
pub(crate) async fn versions(store: &dyn EventStore, stream: &StreamId) -> Vec<u64> {
    let read = ReadStream::forward(stream.clone()).size(PageSize::events(PageSize::MAX_EVENTS));
    let page = store.read_stream(read).await.expect("the stream can be read");
    assert_eq!(page.next, None, "the tests keep streams short");
    page.events.iter().map(|event| event.version.get()).collect()
}

/// Waits for something that happens soon, unless it is broken: then the test fails instead of hanging.
#[expect(clippy::disallowed_methods, reason = "a store that hangs must fail the test, not hang the run")]
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(60), future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not happen"),
    }
}
