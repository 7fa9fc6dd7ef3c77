//! What the checks append, and how they read it back.

use annals_core::store::{Append, Appended, Criterion, PageSize, ReadLog, ReadStream};
use annals_core::{
    AppendId, Category, EncodedMetadata, EventId, EventName, EventStore, ExpectedVersion, Filter, MessageId, NewEvent, Payload,
    Position, Random as _, RecordedEvent, StreamId, SystemRandom, Tag, Version,
};
use uuid::Uuid;

/// Asserts that a result is an error of a certain form.
macro_rules! refused {
    ($result:expr, $pattern:pat $(if $guard:expr)?) => {
        match $result {
            Err($pattern) $(if $guard)? => {}
            other => panic!("expected the error {}, got {other:?}", stringify!($pattern $(if $guard)?)),
        }
    };
}
pub(super) use refused;

/// The category that most samples are in.
pub(super) const CATEGORY: &str = "sample";

/// An identity that no other check, run or process has used.
fn unique() -> Uuid {
    Uuid::from_u64_pair(SystemRandom.next_u64(), SystemRandom.next_u64())
}

pub(super) fn append_id() -> AppendId {
    unique().into()
}

pub(super) fn message_id() -> MessageId {
    unique().into()
}

pub(super) fn stream(id: &str) -> StreamId {
    stream_in(CATEGORY, id)
}

pub(super) fn stream_in(category: &str, id: &str) -> StreamId {
    StreamId::new(category, id).expect("the id of a sample is valid")
}

pub(super) fn category(name: &str) -> Category {
    Category::new(name).expect("the category of a sample is valid")
}

pub(super) fn name(name: &str) -> EventName {
    EventName::new(name).expect("the name of a sample is valid")
}

pub(super) fn tag(text: &str) -> Tag {
    Tag::parse(text).expect("the tag of a sample is valid")
}

pub(super) fn version(number: u64) -> Version {
    Version::new(number).expect("the version of a sample is in range")
}

pub(super) fn exactly(number: u64) -> ExpectedVersion {
    ExpectedVersion::Exact(version(number))
}

/// An event called `sample.happened`.
pub(super) fn event() -> NewEvent {
    named("sample.happened")
}

/// Several of them.
pub(super) fn events(count: usize) -> Vec<NewEvent> {
    (0..count).map(|_| event()).collect()
}

pub(super) fn named(event_name: &str) -> NewEvent {
    NewEvent {
        id: EventId::from_uuid(unique()),
        name: name(event_name),
        schema_version: 1,
        payload: Payload::json("a sample").expect("a text can be written"),
        metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
        tags: Vec::new(),
    }
}

pub(super) fn tagged(tags: &[&str]) -> NewEvent {
    NewEvent { tags: tags.iter().map(|text| tag(text)).collect(), ..event() }
}

pub(super) fn by_tag(text: &str) -> Filter {
    Criterion::new().tag(tag(text)).into()
}

/// An append of events to one stream, whatever its version.
pub(super) fn to(stream: &StreamId, events: Vec<NewEvent>) -> Append {
    expecting(stream, ExpectedVersion::Any, events)
}

pub(super) fn expecting(stream: &StreamId, expected: ExpectedVersion, events: Vec<NewEvent>) -> Append {
    Append::new(append_id()).stream(stream.clone(), expected, events)
}

/// Appends what must succeed.
pub(super) async fn stored(store: &dyn EventStore, append: Append) -> Appended {
    store.append(append).await.unwrap_or_else(|error| panic!("the append was refused: {error:?}"))
}

/// The events of a stream, read to its end.
pub(super) async fn read(store: &dyn EventStore, stream: &StreamId) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut read = ReadStream::forward(stream.clone());
    loop {
        let page = store.read_stream(read.clone()).await.expect("the stream can be read");
        events.extend(page.events);
        match page.next {
            Some(next) => read = read.from(next),
            None => return events,
        }
    }
}

/// What a reader of the log has seen, and how far it has come.
pub(super) struct Seen {
    pub(super) events: Vec<RecordedEvent>,
    pub(super) scanned_to: Position,
}

/// Reads on in the log, page by page, until a page says that it is at the end.
pub(super) async fn read_on(store: &dyn EventStore, filter: &Filter, after: Position, size: PageSize) -> Seen {
    let mut seen = Seen { events: Vec::new(), scanned_to: after };
    loop {
        let read = ReadLog::new(filter.clone()).after(seen.scanned_to).size(size);
        let page = store.read_log(read).await.expect("the log can be read");
        assert!(page.events.len() <= size.max_events(), "a page of {size:?} holds {} events", page.events.len());
        assert!(page.scanned_to >= seen.scanned_to, "a page scanned backward, to {} from {}", page.scanned_to, seen.scanned_to);
        assert!(
            page.at_end || page.scanned_to > seen.scanned_to,
            "a page that is not at the end must scan on: it is still at {}",
            page.scanned_to
        );
        for event in &page.events {
            assert!(
                event.position > seen.scanned_to && event.position <= page.scanned_to,
                "an event at {} is in the page that scanned from {} to {}",
                event.position,
                seen.scanned_to,
                page.scanned_to
            );
        }
        seen.events.extend(page.events);
        seen.scanned_to = page.scanned_to;
        if page.at_end {
            return seen;
        }
    }
}

/// The events of the log that match, from its start to its end.
pub(super) async fn log(store: &dyn EventStore, filter: &Filter) -> Vec<RecordedEvent> {
    read_on(store, filter, Position::ZERO, PageSize::default()).await.events
}

/// Checks that nothing at all is in the log of application events.
pub(super) async fn assert_nothing_stored(store: &dyn EventStore) {
    let events = log(store, &Filter::all()).await;
    assert!(events.is_empty(), "nothing should be stored, but there is {events:?}");
}

/// The ids of events, in their order.
pub(super) fn ids<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>) -> Vec<EventId> {
    events.into_iter().map(|event| event.id).collect()
}

/// The ids of new events, in their order.
pub(super) fn new_ids(append: &Append) -> Vec<EventId> {
    append.events().map(|(_, event)| event.id).collect()
}
