//! Contract 7 while many decide at once: never a false success.

use std::sync::Arc;

use annals_core::store::{Append, AppendError, PageSize};
use annals_core::{EventStore, NewEvent, Payload, Position, StreamId};
use tokio::task::JoinSet;

use super::Subject;
use super::conditions::{are_checked, nothing_since};
use super::sample::*;

const RACERS: usize = 8;

pub(super) async fn of_appends_that_exclude_one_another_exactly_one_succeeds(subject: Subject) {
    if !are_checked(subject.store()).await {
        return;
    }
    for round in 0..25 {
        let seat = format!("seat:{round}");
        let after = read_on(subject.store(), &by_tag(&seat), Position::ZERO, PageSize::default()).await.scanned_to;
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let store = subject.handle(racer);
            let append = to(&stream(&format!("{round} {racer}")), vec![tagged(&[&seat, &format!("racer:{racer}")])]);
            let append = append.condition(nothing_since(by_tag(&seat), after));
            racers.spawn(async move { Some(store.append(append).await) });
            // Writers of other tags, who ask for nothing, must not be in the way.
            let store = subject.handle(racer + 1);
            racers.spawn(async move {
                stored(&*store, to(&stream("noise"), vec![tagged(&["noise:1"]), event()])).await;
                None
            });
        }
        let mut winners = 0;
        for result in racers.join_all().await.into_iter().flatten() {
            match result {
                Ok(_) => winners += 1,
                Err(AppendError::ConditionFailed { .. }) => {}
                Err(other) => panic!("expected a failed condition, got {other:?}"),
            }
        }
        assert_eq!(winners, 1, "of {RACERS} appends that each demand to be the only one");
        assert_eq!(log(subject.store(), &by_tag(&seat)).await.len(), 1);
    }
}

/// What a decision is based on, kept in the body of its event.
fn decided_after(after: Position) -> NewEvent {
    NewEvent {
        name: name("seat.decided"),
        payload: Payload::json(&after).expect("a number can be written"),
        ..tagged(&["seat:1"])
    }
}

/// Reads to the end, decides, appends under the condition that nothing has come since; again after a conflict.
async fn decide(store: Arc<dyn EventStore>, decider: usize, decisions: usize) {
    let (seats, mut after) = (by_tag("seat:1"), Position::ZERO);
    for _ in 0..decisions {
        let id = append_id();
        for attempt in 0.. {
            assert!(attempt < 10_000, "a decision never comes through");
            after = read_on(&*store, &seats, after, PageSize::events(5)).await.scanned_to;
            let append = to(&stream(&format!("decider {decider}")), vec![decided_after(after)]);
            let append = Append { id, ..append }.condition(nothing_since(seats.clone(), after));
            match store.append(append).await {
                Ok(_) => break,
                Err(AppendError::ConditionFailed { at }) => {
                    assert!(at.position > after, "the condition after {after} failed at {at}");
                    tokio::task::yield_now().await;
                }
                Err(other) => panic!("expected a failed condition, got {other:?}"),
            }
        }
    }
}

pub(super) async fn a_decision_is_never_based_on_less_than_what_came_before_it(subject: Subject) {
    if !are_checked(subject.store()).await {
        return;
    }
    let mut tasks = JoinSet::new();
    for decider in 0..4 {
        tasks.spawn(decide(subject.handle(decider), decider, 10));
    }
    for writer in 0..4 {
        let store = subject.handle(writer + 1);
        tasks.spawn(async move {
            for turn in 0..30 {
                // Unconditional, but with the tag: large appends, which may take long, among small ones.
                let mut events = events(if turn % 3 == 0 { 50 } else { 0 });
                events.push(tagged(&["seat:1"]));
                stored(&*store, to(&stream(&format!("writer {writer}")), events)).await;
                for _ in 0..turn % 7 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    tasks.join_all().await;

    let all = log(subject.store(), &by_tag("seat:1")).await;
    let decisions = all.iter().filter(|event| event.name == name("seat.decided"));
    assert_eq!(decisions.clone().count(), 40);
    for decision in decisions {
        let after: Position = decision.payload.read().expect("a decision tells what it is based on");
        let unseen: Vec<_> = all
            .iter()
            .filter(|event| event.position > after && event.position < decision.position)
            .map(|event| event.position)
            .collect();
        assert!(unseen.is_empty(), "the decision at {} saw the log up to {after}, not {unseen:?}", decision.position);
    }
}

pub(super) async fn a_stock_guarded_by_a_condition_is_never_oversold(subject: Subject) {
    const STOCK: usize = 12;
    if !are_checked(subject.store()).await {
        return;
    }
    for item in 0..8 {
        let tag = format!("item:{item}");
        let mut buyers = JoinSet::new();
        for buyer in 0..RACERS {
            buyers.spawn(buy(subject.handle(buyer), stream(&format!("buyer {buyer}")), tag.clone(), STOCK));
        }
        buyers.join_all().await;
        assert_eq!(log(subject.store(), &by_tag(&tag)).await.len(), STOCK);
    }
}

/// Buys one after another, as long as there is stock.
async fn buy(store: Arc<dyn EventStore>, buyer: StreamId, item: String, stock: usize) {
    let sold = by_tag(&item);
    loop {
        let seen = read_on(&*store, &sold, Position::ZERO, PageSize::default()).await;
        if seen.events.len() >= stock {
            return;
        }
        let purchase = to(&buyer, vec![tagged(&[&item])]).condition(nothing_since(sold.clone(), seen.scanned_to));
        match store.append(purchase).await {
            Ok(_) | Err(AppendError::ConditionFailed { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("expected a failed condition, got {other:?}"),
        }
    }
}
