//! Contract 6: waiting wakes, and never misses.

use std::sync::Arc;

use annals_core::store::PageSize;
use annals_core::{EventStore, Filter, LogId, Position};
use tokio::task::JoinSet;

use super::Subject;
use super::runner::soon;
use super::sample::*;

/// Waits until the log has an event above `after`: a wait may end without one.
async fn until_above(store: &dyn EventStore, after: Position) {
    loop {
        store.wait(LogId::MAIN, after).await.expect("the main log can be waited for");
        if !read_on(store, &Filter::all(), after, PageSize::events(1)).await.events.is_empty() {
            return;
        }
    }
}

pub(super) async fn waiting_for_what_is_there_ends_at_once(subject: Subject) {
    let store = subject.store();
    let first = stored(store, to(&stream("a"), events(1))).await.first;
    let last = stored(store, to(&stream("a"), events(1))).await.last;
    for after in [Position::ZERO, first, last.previous()] {
        soon("the end of waiting", store.wait(LogId::MAIN, after)).await.expect("the main log can be waited for");
    }
}

pub(super) async fn waiting_ends_when_an_append_comes(subject: Subject) {
    let mut end = Position::ZERO;
    for _ in 0..20 {
        let store = subject.handle(0);
        let mut waiter = JoinSet::new();
        waiter.spawn(async move { until_above(&*store, end).await });
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        end = stored(subject.store(), to(&stream("a"), events(1))).await.last;
        soon("the wake-up", waiter.join_all()).await;
    }
}

pub(super) async fn every_waiter_is_woken(subject: Subject) {
    let mut waiters = JoinSet::new();
    for waiter in 0..50 {
        let store: Arc<dyn EventStore> = subject.handle(waiter);
        waiters.spawn(async move { until_above(&*store, Position::ZERO).await });
    }
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    stored(subject.store(), to(&stream("a"), events(1))).await;
    soon("the wake-up of all waiters", waiters.join_all()).await;
}

pub(super) async fn a_wake_up_is_never_missed(subject: Subject) {
    let mut end = Position::ZERO;
    for round in 0..300 {
        let (waiting, writing) = (subject.handle(0), subject.handle(round));
        let mut race = JoinSet::new();
        race.spawn(async move {
            until_above(&*waiting, end).await;
            None
        });
        race.spawn(async move {
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            Some(stored(&*writing, to(&stream("a"), events(1))).await.last)
        });
        let ended = soon("the wake-up of a waiter that races with an append", race.join_all()).await;
        end = ended.into_iter().flatten().max().expect("the writer has ended");
    }
}

pub(super) async fn a_wait_that_is_dropped_disturbs_nobody(subject: Subject) {
    let store = subject.handle(0);
    let mut patient = JoinSet::new();
    patient.spawn(async move { until_above(&*store, Position::ZERO).await });
    for _ in 0..20 {
        let store = subject.handle(0);
        let mut dropped = JoinSet::new();
        dropped.spawn(async move { until_above(&*store, Position::ZERO).await });
        tokio::task::yield_now().await;
        dropped.shutdown().await;
    }
    stored(subject.store(), to(&stream("a"), events(1))).await;
    soon("the wake-up", patient.join_all()).await;
}
