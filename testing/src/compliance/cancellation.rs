//! Contract 9: an append whose future is dropped is done or not done, never half.

use std::pin::pin;
use std::task::Poll;

use annals_core::store::{Append, Effect, Timer};
use annals_core::{EventStore, ExpectedVersion, Filter, RecordedEvent, Timestamp};
use tokio::task::JoinSet;

use super::Subject;
use super::sample::*;

/// Polls an append so many times and drops it, unless it ends before.
pub(super) async fn dropped_after_polls(store: &dyn EventStore, append: Append, polls: usize) {
    let mut appending = pin!(store.append(append));
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        match appending.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await;
}

fn over_three_streams(turn: usize) -> Append {
    let part = |part: usize| stream(&format!("{turn} {part}"));
    Append::new(append_id())
        .stream(part(0), ExpectedVersion::NoStream, events(2))
        .stream(part(1), ExpectedVersion::NoStream, events(1))
        .stream(part(2), ExpectedVersion::NoStream, events(3))
}

pub(super) async fn an_append_that_is_dropped_is_done_or_not_done(subject: Subject) {
    let store = subject.store();
    for turn in 0..60 {
        let mut append = over_three_streams(turn);
        let timer = Timer { owner: stream(&format!("{turn} 0")), name: "t".into(), due: Timestamp::EPOCH };
        if store.timers().is_some() {
            append = append.effect(Effect::SetTimer(timer.clone()));
        }

        dropped_after_polls(store, append.clone(), turn % 12).await;

        // Whatever happened to it: sent again, it is there exactly once.
        stored(store, append.clone()).await;
        for (part, count) in [(0, 2), (1, 1), (2, 3)] {
            let events = read(store, &stream(&format!("{turn} {part}"))).await;
            assert_eq!(events.len(), count, "part {part} of an append that was dropped and sent again");
        }
        if let Some(timers) = store.timers() {
            assert_eq!(timers.of(&timer.owner).await.expect("timers can be read"), [timer]);
        }
    }
    assert_eq!(log(store, &Filter::all()).await.len(), 60 * 6);
}

pub(super) async fn a_dropped_append_leaves_no_part_behind(subject: Subject) {
    let store = subject.store();
    let mut appends = Vec::new();
    for turn in 0..60 {
        let append = over_three_streams(turn);
        dropped_after_polls(store, append.clone(), turn % 12).await;
        appends.push(append);
    }
    let before = log(store, &Filter::all()).await;
    let mut outcomes = Vec::new();
    for append in &appends {
        outcomes.push(store.appended(append.id).await.expect("the outcome can be asked for"));
    }
    let after = log(store, &Filter::all()).await;

    for (append, outcome) in appends.iter().zip(outcomes) {
        let of_append = |events: &[RecordedEvent]| ids(events.iter().filter(|event| event.append_id == append.id));
        let (before, after) = (of_append(&before), of_append(&after));
        for found in [&before, &after] {
            let is_whole = *found == new_ids(append);
            assert!(found.is_empty() || is_whole, "of a dropped append, {} of 6 events are there", found.len());
        }
        assert!(outcome.is_none() || !after.is_empty(), "a dropped append has an outcome, but no events");
        assert!(outcome.is_some() || before.is_empty(), "a dropped append has events, but no outcome");
    }
}

pub(super) async fn dropped_appends_disturb_nobody(subject: Subject) {
    let mut steady = JoinSet::new();
    for writer in 0..4 {
        let store = subject.handle(writer);
        steady.spawn(async move {
            for turn in 1..=40 {
                let appended = stored(&*store, to(&stream(&format!("steady {writer}")), events(1))).await;
                assert_eq!(appended.streams[0].last, version(turn));
            }
        });
    }
    let mut fickle = JoinSet::new();
    for writer in 0..4 {
        let store = subject.handle(writer);
        fickle.spawn(async move {
            for turn in 0..40 {
                dropped_after_polls(&*store, over_three_streams(1_000 * (writer + 1) + turn), turn % 6).await;
                tokio::task::yield_now().await;
            }
        });
    }
    // Aborted at any point at all.
    for turn in 0..40 {
        let store = subject.handle(turn);
        let mut aborted = JoinSet::new();
        aborted.spawn(async move { store.append(over_three_streams(10_000 + turn)).await.is_ok() });
        for _ in 0..turn % 4 {
            tokio::task::yield_now().await;
        }
        aborted.shutdown().await;
    }
    fickle.join_all().await;
    steady.join_all().await;
    for writer in 0..4 {
        assert_eq!(read(subject.store(), &stream(&format!("steady {writer}"))).await.len(), 40);
    }
}
