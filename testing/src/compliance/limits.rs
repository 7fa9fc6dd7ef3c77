//! Contract 8: limits are errors, not corruption; and so is everything that is malformed.

use annals_core::store::{
    Append, AppendError, Condition, Criterion, Effect, InvalidAppend, LimitExceeded, Message, QueueName, Timer,
};
use annals_core::{EncodedMetadata, Encoding, EventStore, ExpectedVersion, Filter, NewEvent, Payload, Position, Timestamp};
use bytes::Bytes;

use super::Subject;
use super::conditions::{are_checked, nothing_since};
use super::sample::*;

/// Checks that the store takes what is at a limit, and refuses what is one above it, naming the limit.
async fn assert_limit(store: &dyn EventStore, limit: usize, of_size: impl Fn(usize) -> Append) {
    stored(store, of_size(limit)).await;
    let before = log(store, &Filter::all()).await.len();
    let beyond = of_size(limit + 1);
    match store.append(beyond.clone()).await {
        Err(AppendError::Invalid(InvalidAppend::Limit(LimitExceeded { actual, limit: named, .. }))) => {
            assert_eq!((actual, named), (limit + 1, limit));
        }
        Err(other) => panic!("expected an error that names the limit, got {other:?}"),
        Ok(_) => panic!("what is above the limit {limit} was stored"),
    }
    assert_eq!(log(store, &Filter::all()).await.len(), before);
    assert_eq!(store.appended(beyond.id).await.expect("the outcome can be asked for"), None);
}

fn bytes(count: usize) -> Bytes {
    vec![b'x'; count].into()
}

fn body(count: usize) -> Payload {
    Payload { encoding: Encoding::JSON, data: bytes(count) }
}

pub(super) async fn a_body_up_to_the_limit_is_stored(subject: Subject) {
    let store = subject.store();
    let of_size = |size| to(&stream("a"), vec![NewEvent { payload: body(size), ..event() }]);
    assert_limit(store, store.info().limits.payload_bytes, of_size).await;
    let kept = read(store, &stream("a")).await;
    assert_eq!(kept[0].payload, body(store.info().limits.payload_bytes));
}

pub(super) async fn metadata_up_to_the_limit_is_stored(subject: Subject) {
    let store = subject.store();
    let metadata = |size| EncodedMetadata::from_bytes(bytes(size));
    let of_size = |size| to(&stream("a"), vec![NewEvent { metadata: metadata(size), ..event() }]);
    assert_limit(store, store.info().limits.metadata_bytes, of_size).await;
    assert_eq!(read(store, &stream("a")).await[0].metadata, metadata(store.info().limits.metadata_bytes));
}

pub(super) async fn events_up_to_the_limit_are_stored_together(subject: Subject) {
    let store = subject.store();
    let limit = store.info().limits.events_per_append;
    assert_limit(store, limit, |size| to(&stream("a"), events(size))).await;
    assert_eq!(read(store, &stream("a")).await.len(), limit);
}

pub(super) async fn streams_up_to_the_limit_are_stored_together(subject: Subject) {
    let store = subject.store();
    let over = |size| {
        let append = Append::new(append_id());
        (0..size).fold(append, |append, part| append.stream(stream(&format!("{part}")), ExpectedVersion::Any, events(1)))
    };
    assert_limit(store, store.info().limits.streams_per_append, over).await;
}

pub(super) async fn tags_up_to_the_limit_are_stored(subject: Subject) {
    let store = subject.store();
    let with_tags = |size| {
        let tags: Vec<_> = (0..size).map(|number| tag(&format!("k:{number:04}"))).collect();
        to(&stream("a"), vec![NewEvent { tags, ..event() }])
    };
    let limit = store.info().limits.tags_per_event;
    assert_limit(store, limit, with_tags).await;
    assert_eq!(read(store, &stream("a")).await[0].tags.len(), limit);
}

pub(super) async fn criteria_up_to_the_limit_are_checked(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let with_criteria = |size| {
        let criteria = (0..size).map(|number| Criterion::new().tag(tag(&format!("k:{number}"))));
        let filter = criteria.fold(Filter::all(), Filter::or);
        to(&stream("a"), events(1)).condition(nothing_since(filter, Position::ZERO))
    };
    assert_limit(store, store.info().limits.criteria, with_criteria).await;
}

pub(super) async fn effects_up_to_the_limit_are_stored(subject: Subject) {
    let store = subject.store();
    let limits = store.info().limits;
    if store.timers().is_some() {
        let timer = |name: String| Effect::SetTimer(Timer { owner: stream("a"), name, due: Timestamp::EPOCH });
        let timers = |size| (0..size).map(|number| timer(format!("{number}")));
        let with_effects = |size| timers(size).fold(to(&stream("a"), events(1)), Append::effect);
        assert_limit(store, limits.effects_per_append, with_effects).await;
        let with_name = |size| to(&stream("a"), events(1)).effect(timer("n".repeat(size)));
        assert_limit(store, Timer::MAX_NAME_LEN, with_name).await;
    }
    if store.outbox().is_some() {
        let message = |size, metadata, key| {
            to(&stream("a"), events(1)).effect(Effect::Enqueue(Message {
                id: message_id(),
                queue: QueueName::new("queue").expect("a word is a queue name"),
                key: "k".repeat(key),
                payload: body(size),
                metadata: EncodedMetadata::from_bytes(bytes(metadata)),
            }))
        };
        assert_limit(store, limits.payload_bytes, |size| message(size, 0, 0)).await;
        assert_limit(store, limits.metadata_bytes, |size| message(0, size, 0)).await;
        assert_limit(store, Message::MAX_KEY_LEN, |size| message(0, 0, size)).await;
    }
}

pub(super) async fn what_is_malformed_is_refused_by_name(subject: Subject) {
    let store = subject.store();
    let twice = event();
    let a = || stream("a");
    let unversioned = NewEvent { schema_version: 0, ..event() };

    refused!(store.append(Append::new(append_id())).await, AppendError::Invalid(InvalidAppend::Empty));
    refused!(store.append(to(&a(), Vec::new())).await, AppendError::Invalid(InvalidAppend::Empty));
    refused!(
        store.append(to(&a(), events(1)).stream(a(), ExpectedVersion::Any, events(1))).await,
        AppendError::Invalid(InvalidAppend::RepeatedStream { .. })
    );
    refused!(
        store.append(to(&a(), vec![twice.clone(), event(), twice.clone()])).await,
        AppendError::Invalid(InvalidAppend::RepeatedEvent { id }) if id == twice.id
    );
    refused!(
        store.append(to(&a(), vec![event(), unversioned])).await,
        AppendError::Invalid(InvalidAppend::NoSchemaVersion { .. })
    );
    for untagged in [Filter::all(), Filter::category(category(CATEGORY)), by_tag("k:1").or(Criterion::new())] {
        let condition: Condition = nothing_since(untagged, Position::ZERO);
        refused!(
            store.append(to(&a(), events(1)).condition(condition)).await,
            AppendError::Invalid(InvalidAppend::ConditionWithoutTag)
        );
    }
    assert_nothing_stored(store).await;
}
