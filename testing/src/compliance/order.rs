//! Contract 2: versions without holes, positions that only grow; and the order of checks.

use annals_core::store::{Append, AppendError, Condition, Effect, QueueName};
use annals_core::{ExpectedVersion, Filter, LogId, LogPosition, Position, RecordedEvent, Version};

use super::Subject;
use super::sample::*;

pub(super) fn assert_versions_without_holes(events: &[RecordedEvent]) {
    for (event, expected) in events.iter().zip(1..) {
        assert_eq!(event.version.get(), expected, "the versions of `{}` have a hole", event.stream);
    }
}

pub(super) fn assert_positions_increase(events: &[RecordedEvent]) {
    for pair in events.windows(2) {
        let (left, right) = (pair[0].position, pair[1].position);
        assert!(left < right, "the position {right} comes after {left}");
    }
}

pub(super) async fn versions_count_from_one_without_holes(subject: Subject) {
    let store = subject.store();
    for turn in 0..30 {
        stored(store, to(&stream("a"), events(1 + turn % 3))).await;
        stored(store, to(&stream("b"), events(1))).await;
        refused!(
            store.append(expecting(&stream("a"), ExpectedVersion::NoStream, events(2))).await,
            AppendError::WrongExpectedVersion { .. }
        );
    }
    assert_eq!(read(store, &stream("a")).await.len(), 60);
    assert_versions_without_holes(&read(store, &stream("a")).await);
    assert_versions_without_holes(&read(store, &stream("b")).await);
}

pub(super) async fn positions_increase_strictly_and_are_never_reused(subject: Subject) {
    let store = subject.store();
    let mut last = Position::ZERO;
    for turn in 0..30 {
        let appended = stored(store, to(&stream(&format!("{}", turn % 4)), events(1 + turn % 3))).await;
        assert!(appended.first > last, "position {} was given out after {last}", appended.first);
        assert!(appended.last.get() - appended.first.get() >= turn as u64 % 3, "events of one append share a position");
        last = appended.last;
        let failing = expecting(&stream("0"), exactly(1_000), events(2));
        refused!(store.append(failing).await, AppendError::WrongExpectedVersion { .. });
    }
    assert_positions_increase(&log(store, &Filter::all()).await);
    assert_positions_increase(&read(store, &stream("0")).await);
}

pub(super) async fn stream_and_log_tell_the_same_about_an_event(subject: Subject) {
    let store = subject.store();
    for turn in 0..10 {
        let append = to(&stream(&format!("{}", turn % 3)), events(2));
        let appended = stored(store, append).await;
        let recorded = read(store, &appended.streams[0].stream).await;
        let last = recorded.last().expect("the stream has events");
        assert_eq!((last.position, last.version, last.log), (appended.last, appended.streams[0].last, LogId::MAIN));
    }
    let logged = log(store, &Filter::all()).await;
    for id in ["0", "1", "2"] {
        let of_stream: Vec<_> = logged.iter().filter(|event| event.stream == stream(id)).cloned().collect();
        assert_eq!(read(store, &stream(id)).await, of_stream);
    }
}

pub(super) async fn checks_happen_in_the_order_of_the_contract(subject: Subject) {
    let store = subject.store();
    let first = stored(store, to(&stream("a"), vec![tagged(&["k:1"])])).await;
    let first_id = read(store, &stream("a")).await[0].append_id;
    let wrong_version = || Append::new(append_id()).stream(stream("a"), ExpectedVersion::NoStream, events(1));
    let condition = || Condition::new(by_tag("k:1"), LogPosition::new(LogId::MAIN, Position::ZERO));
    let consumer = QueueName::new("consumer").expect("a word is a queue name");
    let message = message_id();
    let mark = || Effect::MarkInbox { consumer: consumer.clone(), message };

    let malformed = wrong_version().stream(stream("a"), ExpectedVersion::Any, events(1));
    refused!(store.append(malformed.clone()).await, AppendError::Invalid(_));
    refused!(store.append(Append { id: first_id, ..malformed }).await, AppendError::Invalid(_));
    let repeated = stored(store, Append { id: first_id, ..wrong_version() }).await;
    assert!(repeated.repeated && repeated.last == first.last);

    if super::conditions::are_checked(store).await {
        refused!(store.append(wrong_version().condition(condition())).await, AppendError::WrongExpectedVersion { .. });
        if store.inbox().is_some() {
            stored(store, to(&stream("b"), events(1)).effect(mark())).await;
            let both = to(&stream("a"), events(1)).condition(condition()).effect(mark());
            refused!(store.append(both).await, AppendError::ConditionFailed { .. });
        }
    }
    if store.inbox().is_some() {
        refused!(store.append(wrong_version().effect(mark())).await, AppendError::WrongExpectedVersion { .. });
    }
    assert_eq!(read(store, &stream("a")).await.last().map(|event| event.version), Some(Version::FIRST));
}
