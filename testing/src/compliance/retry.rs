//! Contract 4: an append that is sent again is stored once.

use annals_core::store::{Append, AppendError, Appended};
use annals_core::{ExpectedVersion, Filter};
use tokio::task::JoinSet;

use super::Subject;
use super::sample::*;

async fn assert_answers(subject: &Subject, append: &Append, first: &Appended) {
    let store = subject.store();
    let expected = Appended { repeated: true, ..first.clone() };
    assert_eq!(stored(store, append.clone()).await, expected);
    assert_eq!(store.appended(append.id).await.expect("the outcome can be asked for"), Some(expected));
}

pub(super) async fn an_append_that_is_sent_again_answers_with_the_first_outcome(subject: Subject) {
    let store = subject.store();
    let append = Append::new(append_id())
        .stream(stream("a"), ExpectedVersion::NoStream, events(2))
        .stream(stream("checked"), ExpectedVersion::NoStream, Vec::new())
        .stream(stream("b"), ExpectedVersion::NoStream, events(1));

    let first = stored(store, append.clone()).await;

    assert!(!first.repeated);
    for _ in 0..3 {
        assert_answers(&subject, &append, &first).await;
    }
    assert_eq!(log(store, &Filter::all()).await.len(), 3);
}

pub(super) async fn a_repeated_append_answers_however_many_events_came_since(subject: Subject) {
    let store = subject.store();
    let append = expecting(&stream("a"), ExpectedVersion::NoStream, events(2));
    let first = stored(store, append.clone()).await;
    for turn in 0..300 {
        stored(store, to(&stream(["a", "b", "c"][turn % 3]), events(5))).await;
    }

    assert_answers(&subject, &append, &first).await;

    assert_eq!(log(store, &Filter::all()).await.len(), 2 + 1_500);
}

pub(super) async fn a_repeated_append_answers_whatever_it_contains(subject: Subject) {
    let store = subject.store();
    let append = expecting(&stream("a"), ExpectedVersion::NoStream, events(2));
    let first = stored(store, append.clone()).await;

    let other = Append { id: append.id, ..expecting(&stream("b"), exactly(77), events(5)) };
    assert_answers(&subject, &other, &first).await;
    let decided_again = Append { id: append.id, ..expecting(&stream("a"), exactly(2), events(1)) };
    assert_answers(&subject, &decided_again, &first).await;

    assert_eq!(ids(&log(store, &Filter::all()).await), new_ids(&append));
}

pub(super) async fn a_conflict_is_decided_again_under_the_same_id(subject: Subject) {
    let store = subject.store();
    let append = expecting(&stream("a"), ExpectedVersion::NoStream, events(1));
    stored(store, to(&stream("a"), events(1))).await;

    refused!(store.append(append.clone()).await, AppendError::WrongExpectedVersion { .. });
    refused!(store.append(append.clone()).await, AppendError::WrongExpectedVersion { .. });
    assert_eq!(store.appended(append.id).await.expect("the outcome can be asked for"), None);

    let decided_again = Append { id: append.id, ..expecting(&stream("a"), exactly(1), events(2)) };
    let first = stored(store, decided_again.clone()).await;
    assert!(!first.repeated);
    assert_answers(&subject, &decided_again, &first).await;
    assert_eq!(read(store, &stream("a")).await.len(), 3);
}

pub(super) async fn an_append_that_was_never_sent_has_no_outcome(subject: Subject) {
    let store = subject.store();
    stored(store, to(&stream("a"), events(1))).await;
    assert_eq!(store.appended(append_id()).await.expect("the outcome can be asked for"), None);
}

pub(super) async fn concurrent_duplicates_are_stored_once(subject: Subject) {
    for round in 0..15 {
        let append = expecting(&stream(&format!("{round}")), ExpectedVersion::Any, events(2));
        let mut tasks = JoinSet::new();
        for sender in 0..8 {
            let (store, append) = (subject.handle(sender), append.clone());
            tasks.spawn(async move { stored(&*store, append).await });
        }
        let mut outcomes = tasks.join_all().await;

        outcomes.sort_by_key(|outcome| outcome.repeated);
        assert!(!outcomes[0].repeated, "nobody stored it");
        for repeated in &outcomes[1..] {
            assert_eq!(*repeated, Appended { repeated: true, ..outcomes[0].clone() });
        }
        let stored = read(subject.store(), &stream(&format!("{round}"))).await;
        assert_eq!(ids(&stored), new_ids(&append), "duplicates sent at once are stored once");
    }
}

pub(super) async fn concurrent_decisions_under_one_id_are_stored_once(subject: Subject) {
    for round in 0..15 {
        let id = append_id();
        let mut tasks = JoinSet::new();
        for sender in 0..8 {
            let store = subject.handle(sender);
            let append = Append { id, ..to(&stream(&format!("{round} {sender}")), events(1 + sender)) };
            tasks.spawn(async move { stored(&*store, append).await });
        }
        let outcomes = tasks.join_all().await;

        assert_eq!(outcomes.iter().filter(|outcome| !outcome.repeated).count(), 1);
        assert!(outcomes.iter().all(|outcome| outcome.streams == outcomes[0].streams));
    }
    let all = log(subject.store(), &Filter::all()).await;
    let mut appends: Vec<_> = all.iter().map(|event| (event.append_id, event.stream.clone())).collect();
    appends.dedup();
    assert_eq!(appends.len(), 15);
}
