//! Contracts 2 and 3 while many write at once: nothing is skipped, nothing is torn, exactly one wins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use annals_core::store::{Append, AppendError, PageSize};
use annals_core::{EventStore, ExpectedVersion, Filter, LogId, NewEvent, Payload, Position, Version};
use tokio::task::JoinSet;

use super::Subject;
use super::order::{assert_positions_increase, assert_versions_without_holes};
use super::sample::*;

const WRITERS: usize = 8;
const APPENDS: usize = 40;

/// What one of many writers does: appends of one to three events, some over two streams, some that must fail, and
/// some that are dropped on the way.
async fn write(store: Arc<dyn EventStore>, writer: usize) {
    for turn in 0..APPENDS {
        let own = stream(&format!("writer {writer}"));
        let shared = stream(&format!("shared {}", turn % 3));
        let mut append = to(&own, (0..=turn % 3).map(|_| tagged(&["race:1"])).collect());
        if turn % 2 == 0 {
            append = append.stream(shared, ExpectedVersion::Any, vec![tagged(&["race:2"])]);
        }
        if turn % 5 == 4 {
            append = append.stream(stream("nobody"), ExpectedVersion::Exists, Vec::new());
            refused!(store.append(append).await, AppendError::WrongExpectedVersion { .. });
        } else if turn % 7 == 6 {
            super::cancellation::dropped_after_polls(&*store, append, turn % 4).await;
        } else {
            stored(&*store, append).await;
        }
    }
}

/// Reads the log along with the writers, until they have ended and the reader has come to the end.
async fn follow(store: Arc<dyn EventStore>, filter: Filter, size: usize, ended: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen { events: Vec::new(), scanned_to: Position::ZERO };
    loop {
        let is_last = ended.load(Ordering::SeqCst);
        let more = read_on(&*store, &filter, seen.scanned_to, PageSize::events(size)).await;
        seen.events.extend(more.events);
        seen.scanned_to = more.scanned_to;
        if is_last {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

pub(super) async fn a_reader_skips_nothing_while_many_write(subject: Subject) {
    let ended = Arc::new(AtomicBool::new(false));
    let filters = [Filter::all(), by_tag("race:1"), by_tag("race:2"), Filter::category(category(CATEGORY)), Filter::all()];
    let mut readers = JoinSet::new();
    for (reader, filter) in filters.into_iter().enumerate() {
        let following = follow(subject.handle(reader), filter.clone(), [1_000, 3, 7, 1, 50][reader], Arc::clone(&ended));
        readers.spawn(async move { (filter, following.await) });
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(subject.handle(writer), writer));
    }

    writers.join_all().await;
    let last = stored(subject.store(), to(&stream("last"), events(1))).await.last;
    ended.store(true, Ordering::SeqCst);

    for (filter, followed) in readers.join_all().await {
        let end = followed.scanned_to;
        assert!(end >= last, "a reader who came to the end at {end} has not seen {last}");
        assert_positions_increase(&followed.events);
        // An append that was dropped may still have been under way; it comes after the reader's end.
        let mut now = log(subject.store(), &filter).await;
        now.retain(|event| event.position <= end);
        let missed: Vec<_> = now.iter().filter(|event| !followed.events.contains(event)).map(|event| event.position).collect();
        assert!(missed.is_empty(), "a reader who followed {filter:?} to {end} never saw the positions {missed:?}");
        assert_eq!(followed.events, now);
    }
}

pub(super) async fn a_reader_who_waits_sees_everything_once(subject: Subject) {
    let mut readers = JoinSet::new();
    let expected = WRITERS * APPENDS;
    for reader in 0..3 {
        let store = subject.handle(reader);
        readers.spawn(async move {
            let (mut events, mut scanned_to) = (Vec::new(), Position::ZERO);
            while events.len() < expected {
                store.wait(LogId::MAIN, scanned_to).await.expect("the main log can be waited for");
                let seen = read_on(&*store, &Filter::all(), scanned_to, PageSize::events(16)).await;
                events.extend(seen.events);
                scanned_to = seen.scanned_to;
            }
            events
        });
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = subject.handle(writer);
        writers.spawn(async move {
            for _ in 0..APPENDS {
                stored(&*store, to(&stream(&format!("{writer}")), events(1))).await;
            }
        });
    }
    writers.join_all().await;

    let all = log(subject.store(), &Filter::all()).await;
    let seen = super::runner::soon("a reader who waits and reads has seen every event", readers.join_all()).await;
    for events in seen {
        assert_eq!(events, all);
    }
}

pub(super) async fn concurrent_appends_are_never_torn(subject: Subject) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(subject.handle(writer), writer));
    }
    let mut observer = JoinSet::new();
    let store = subject.handle(1);
    observer.spawn(async move {
        for _ in 0..50 {
            let seen = read_on(&*store, &Filter::all(), Position::ZERO, PageSize::default()).await;
            assert_whole(&*store, &seen).await;
        }
    });
    writers.join_all().await;
    observer.join_all().await;

    let store = subject.store();
    stored(store, to(&stream("last"), events(1))).await;
    let all = read_on(store, &Filter::all(), Position::ZERO, PageSize::default()).await;
    assert_whole(store, &all).await;
    let mut streams: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in all.events {
        streams.entry(event.stream.clone()).or_default().push(event);
    }
    for (stream, of_stream) in streams {
        assert_versions_without_holes(&of_stream);
        assert_eq!(read(store, &stream).await, of_stream);
    }
}

/// Checks that each append up to where a reader came is there with each of its events.
async fn assert_whole(store: &dyn EventStore, seen: &Seen) {
    let mut appends: BTreeMap<_, usize> = BTreeMap::new();
    for event in &seen.events {
        *appends.entry(event.append_id).or_default() += 1;
    }
    for (id, count) in appends {
        let outcome = store.appended(id).await.expect("the outcome can be asked for");
        let outcome = outcome.unwrap_or_else(|| panic!("the append {id} has events, but no outcome"));
        if outcome.last <= seen.scanned_to {
            let expected: u64 = outcome.streams.iter().map(|part| part.last.get() - part.first.get() + 1).sum();
            assert_eq!(count as u64, expected, "the append {id} is torn");
        }
    }
}

pub(super) async fn of_racers_for_one_version_exactly_one_wins(subject: Subject) {
    for round in 0..20 {
        let expected = if round == 0 { ExpectedVersion::NoStream } else { exactly(round) };
        let mut racers = JoinSet::new();
        for racer in 0..WRITERS {
            let store = subject.handle(racer);
            racers.spawn(async move { store.append(expecting(&stream("a"), expected, events(1))).await });
        }
        let mut winners = 0;
        for result in racers.join_all().await {
            match result {
                Ok(_) => winners += 1,
                Err(AppendError::WrongExpectedVersion { .. }) => {}
                Err(other) => panic!("expected a conflict, got {other:?}"),
            }
        }
        assert_eq!(winners, 1, "of {WRITERS} writers that expect {expected}");
    }
    assert_eq!(read(subject.store(), &stream("a")).await.len(), 20);
}

pub(super) async fn a_checked_stream_does_not_change_before_the_append(subject: Subject) {
    for round in 0..25 {
        // Each reads what the other writes: one of the two decisions must see that it is out of date.
        let (left, right) = (stream(&format!("left {round}")), stream(&format!("right {round}")));
        let mut racers = JoinSet::new();
        for racer in 0..2 {
            let store = subject.handle(racer);
            let (checked, written) = if racer == 0 { (left.clone(), right.clone()) } else { (right.clone(), left.clone()) };
            let append = Append::new(append_id()).stream(checked, ExpectedVersion::NoStream, Vec::new()).stream(
                written,
                ExpectedVersion::NoStream,
                events(1),
            );
            racers.spawn(async move { store.append(append).await.is_ok() });
        }
        let stored = racers.join_all().await.into_iter().filter(|stored| *stored).count();
        assert_eq!(stored, 1, "of two appends that each check the stream that the other writes");
    }
}

/// The version of a stream that a decision is based on, kept in the body of its event.
fn decided_at(version: Version) -> NewEvent {
    NewEvent { payload: Payload::json(&version).expect("a number can be written"), ..event() }
}

/// Decides on what one stream has come to, without writing to it; again after a conflict.
async fn decide(store: Arc<dyn EventStore>, decider: usize) {
    for _ in 0..10 {
        let id = append_id();
        for attempt in 0.. {
            assert!(attempt < 10_000, "a decision never comes through");
            let seen = read(&*store, &stream("rules")).await.last().map_or(Version::ZERO, |event| event.version);
            let expected = if seen == Version::ZERO { ExpectedVersion::NoStream } else { ExpectedVersion::Exact(seen) };
            // Whoever writes meanwhile makes it out of date.
            tokio::task::yield_now().await;
            let append = to(&stream(&format!("decider {decider}")), vec![decided_at(seen)]);
            let append = Append { id, ..append }.stream(stream("rules"), expected, Vec::new());
            match store.append(append).await {
                Ok(_) => break,
                Err(AppendError::WrongExpectedVersion { .. }) => tokio::task::yield_now().await,
                Err(other) => panic!("expected a wrong version, got {other:?}"),
            }
        }
    }
}

pub(super) async fn a_stream_that_is_only_checked_was_seen_up_to_the_append(subject: Subject) {
    let mut tasks = JoinSet::new();
    for decider in 0..4 {
        tasks.spawn(decide(subject.handle(decider), decider));
    }
    let store = subject.handle(1);
    tasks.spawn(async move {
        for turn in 0..60 {
            // Large appends, which may take long, among small ones.
            stored(&*store, to(&stream("rules"), events(if turn % 3 == 0 { 50 } else { 1 }))).await;
            for _ in 0..turn % 7 {
                tokio::task::yield_now().await;
            }
        }
    });
    tasks.join_all().await;

    let rules = read(subject.store(), &stream("rules")).await;
    for decider in 0..4 {
        let decisions = read(subject.store(), &stream(&format!("decider {decider}"))).await;
        assert_eq!(decisions.len(), 10);
        for decision in decisions {
            let seen: Version = decision.payload.read().expect("a decision tells what it is based on");
            let before = rules.iter().take_while(|event| event.position < decision.position).last();
            let before = before.map_or(Version::ZERO, |event| event.version);
            assert_eq!(seen, before, "the decision at {} was not based on what comes before it", decision.position);
        }
    }
}

pub(super) async fn appends_over_the_same_streams_in_any_order_all_succeed(subject: Subject) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = subject.handle(writer);
        writers.spawn(async move {
            for turn in 0..20 {
                let mut append = Append::new(append_id());
                for part in 0..4 {
                    let id = (writer + part * if turn % 2 == 0 { 1 } else { 3 }) % 4;
                    append = append.stream(stream(&format!("{id}")), ExpectedVersion::Any, events(1));
                }
                stored(&*store, append).await;
            }
        });
    }
    writers.join_all().await;
    for id in 0..4 {
        let events = read(subject.store(), &stream(&format!("{id}"))).await;
        assert_eq!(events.len(), WRITERS * 20);
        assert_versions_without_holes(&events);
        assert_positions_increase(&events);
    }
}
