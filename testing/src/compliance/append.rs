//! Contract 1: an append is one atomic unit of work.

use annals_core::store::{Append, AppendError, StreamOutcome};
use annals_core::{ExpectedVersion, Filter, LogId, Version};

use super::Subject;
use super::sample::*;

pub(super) async fn an_append_is_read_back_by_stream_and_by_log(subject: Subject) {
    let store = subject.store();
    let append = to(&stream("a"), events(3));

    let appended = stored(store, append.clone()).await;

    assert_eq!(ids(&read(store, &stream("a")).await), new_ids(&append));
    assert_eq!(ids(&log(store, &Filter::all()).await), new_ids(&append));
    assert_eq!((appended.log, appended.repeated), (LogId::MAIN, false));
}

pub(super) async fn what_one_handle_appends_the_others_read_at_once(subject: Subject) {
    for turn in 0..6 {
        let append = to(&stream("a"), events(2));
        stored(&*subject.handle(turn), append.clone()).await;

        let seen = read(&*subject.handle(turn + 1), &stream("a")).await;
        assert_eq!(ids(&seen[turn * 2..]), new_ids(&append));
        assert_eq!(log(&*subject.handle(turn + 1), &Filter::all()).await.len(), turn * 2 + 2);
    }
}

pub(super) async fn an_append_reaches_several_streams_in_its_order(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("b"), events(4))).await;
    let append = Append::new(append_id())
        .stream(stream("c"), ExpectedVersion::NoStream, events(2))
        .stream(stream("a"), ExpectedVersion::Any, events(1))
        .stream(stream("b"), exactly(4), events(2));

    let appended = stored(store, append.clone()).await;

    let outcome = |id: &str, first, last| StreamOutcome { stream: stream(id), first: version(first), last: version(last) };
    assert_eq!(appended.streams, [outcome("c", 1, 2), outcome("a", 1, 1), outcome("b", 5, 6)]);
    let recorded = log(store, &Filter::all()).await.split_off(4);
    assert_eq!(ids(&recorded), new_ids(&append));
    assert_eq!((appended.first, appended.last), (recorded[0].position, recorded[4].position));
    assert!(recorded.iter().all(|event| event.append_id == append.id));
}

pub(super) async fn one_failed_expectation_leaves_nothing_on_any_stream(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("taken"), events(1))).await;

    for failing in 0..3 {
        let mut append = Append::new(append_id());
        for part in 0..3 {
            let at = if part == failing { stream("taken") } else { stream(&format!("new {part}")) };
            append = append.stream(at, ExpectedVersion::NoStream, events(2));
        }
        refused!(store.append(append.clone()).await, AppendError::WrongExpectedVersion { .. });
        assert_eq!(store.appended(append.id).await.expect("the outcome can be asked for"), None);
    }

    assert_eq!(log(store, &Filter::all()).await.len(), 1);
    for part in 0..3 {
        assert!(read(store, &stream(&format!("new {part}"))).await.is_empty());
    }
}

pub(super) async fn any_version_is_met_by_every_stream(subject: Subject) {
    let store = subject.store();
    for turn in 1..4 {
        let appended = stored(store, expecting(&stream("a"), ExpectedVersion::Any, events(1))).await;
        assert_eq!(appended.streams[0].last, version(turn));
    }
}

pub(super) async fn no_stream_is_met_only_by_a_stream_without_events(subject: Subject) {
    for expected in [ExpectedVersion::NoStream, ExpectedVersion::Exact(Version::ZERO)] {
        let (store, stream) = (subject.store(), stream(&expected.to_string()));
        stored(store, expecting(&stream, expected, events(1))).await;
        refused!(
            store.append(expecting(&stream, expected, events(1))).await,
            AppendError::WrongExpectedVersion { actual: Version::FIRST, .. }
        );
        assert_eq!(read(store, &stream).await.len(), 1);
    }
}

pub(super) async fn exists_is_met_only_by_a_stream_with_events(subject: Subject) {
    let store = subject.store();
    refused!(
        store.append(expecting(&stream("a"), ExpectedVersion::Exists, events(1))).await,
        AppendError::WrongExpectedVersion { actual: Version::ZERO, .. }
    );
    stored(store, to(&stream("a"), events(1))).await;
    stored(store, expecting(&stream("a"), ExpectedVersion::Exists, events(1))).await;
    assert_eq!(read(store, &stream("a")).await.len(), 2);
}

pub(super) async fn an_exact_version_is_met_only_by_that_version(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("a"), events(3))).await;

    for wrong in [1, 2, 4, 1_000, Version::MAX.get()] {
        let append = expecting(&stream("a"), exactly(wrong), events(1));
        refused!(store.append(append).await, AppendError::WrongExpectedVersion { .. });
    }
    stored(store, expecting(&stream("a"), exactly(3), events(1))).await;
    refused!(store.append(expecting(&stream("a"), exactly(3), events(1))).await, AppendError::WrongExpectedVersion { .. });
    assert_eq!(read(store, &stream("a")).await.len(), 4);
}

pub(super) async fn the_first_stream_that_is_not_as_expected_is_named(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("a"), events(2))).await;
    let append = Append::new(append_id())
        .stream(stream("new"), ExpectedVersion::NoStream, events(1))
        .stream(stream("b"), exactly(7), events(1))
        .stream(stream("a"), ExpectedVersion::NoStream, events(1));

    match store.append(append).await {
        Err(AppendError::WrongExpectedVersion { stream: named, expected, actual }) => {
            assert_eq!((named, expected, actual), (stream("b"), exactly(7), Version::ZERO));
        }
        other => panic!("expected that `b` is named, got {other:?}"),
    }
}

pub(super) async fn a_stream_without_new_events_is_only_checked(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("read"), events(2))).await;
    let deciding = |expected| {
        Append::new(append_id())
            .stream(stream("read"), expected, Vec::new())
            .stream(stream("written"), ExpectedVersion::Any, events(1))
            .stream(stream("unborn"), ExpectedVersion::NoStream, Vec::new())
    };

    let appended = stored(store, deciding(exactly(2))).await;
    assert_eq!(appended.streams, [StreamOutcome { stream: stream("written"), first: Version::FIRST, last: Version::FIRST }]);
    assert_eq!(read(store, &stream("read")).await.len(), 2);
    refused!(store.append(deciding(exactly(1))).await, AppendError::WrongExpectedVersion { .. });
    refused!(store.append(deciding(ExpectedVersion::NoStream)).await, AppendError::WrongExpectedVersion { .. });
    assert_eq!(read(store, &stream("written")).await.len(), 1);

    stored(store, expecting(&stream("unborn"), ExpectedVersion::NoStream, events(1))).await;
}
