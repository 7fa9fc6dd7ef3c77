//! Timers.

use annals_core::store::{Effect, Timer, Timers};
use annals_core::{Category, StreamId, Tenant, Timestamp};

use super::Subject;
use super::effects::{at, timer, with};
use super::sample::*;

async fn set(subject: &Subject, timers: impl IntoIterator<Item = Timer>) {
    stored(subject.store(), with(timers.into_iter().map(Effect::SetTimer))).await;
}

async fn due(timers: &dyn Timers, category: &Category, now: Timestamp, limit: usize) -> Vec<Timer> {
    timers.due(category, now, limit).await.expect("timers can be read")
}

pub(super) async fn timers_are_due_from_their_moment_on_the_longest_due_first(subject: Subject) {
    let Some(timers) = subject.store().timers() else { return };
    let (a, b, sample) = (stream("a"), stream("b"), category(CATEGORY));
    let all = [timer(&b, "x", at(10)), timer(&a, "x", at(20)), timer(&a, "y", at(30))];
    set(&subject, all.iter().rev().cloned()).await;

    assert_eq!(due(timers, &sample, at(9), 10).await, []);
    assert_eq!(due(timers, &sample, at(10), 10).await, all[..1]);
    assert_eq!(due(timers, &sample, at(29), 10).await, all[..2]);
    assert_eq!(due(timers, &sample, Timestamp::MAX, 10).await, all);
    assert_eq!(due(timers, &sample, Timestamp::MAX, 2).await, all[..2]);
    assert_eq!(due(timers, &sample, Timestamp::MAX, 0).await, []);
}

pub(super) async fn the_next_timer_is_the_first_that_is_not_yet_due(subject: Subject) {
    let Some(timers) = subject.store().timers() else { return };
    let sample = category(CATEGORY);
    let next = async |now| timers.next_due(&sample, now).await.expect("timers can be read");
    assert_eq!(next(at(0)).await, None);
    set(&subject, [timer(&stream("a"), "x", at(10)), timer(&stream("b"), "x", at(20)), timer(&stream("c"), "x", at(20))]).await;

    assert_eq!(next(Timestamp::EPOCH).await, Some(at(10)));
    assert_eq!(next(Timestamp::from_micros(at(10).as_micros() - 1)).await, Some(at(10)));
    assert_eq!(next(at(10)).await, Some(at(20)));
    assert_eq!(next(at(20)).await, None);
}

pub(super) async fn a_timer_that_is_set_again_moves(subject: Subject) {
    let Some(timers) = subject.store().timers() else { return };
    let (a, sample) = (stream("a"), category(CATEGORY));
    set(&subject, [timer(&a, "x", at(10)), timer(&a, "y", at(15))]).await;
    for second in [30, 5, 20] {
        set(&subject, [timer(&a, "x", at(second))]).await;
        assert_eq!(timers.of(&a).await.expect("timers can be read"), [timer(&a, "x", at(second)), timer(&a, "y", at(15))]);
    }
    assert_eq!(due(timers, &sample, at(100), 10).await, [timer(&a, "y", at(15)), timer(&a, "x", at(20))]);
    assert_eq!(due(timers, &sample, at(14), 10).await, []);
}

pub(super) async fn a_cancelled_timer_is_gone_and_no_other(subject: Subject) {
    let store = subject.store();
    let Some(timers) = store.timers() else { return };
    let (a, b) = (stream("a"), stream("b"));
    set(&subject, [timer(&a, "x", at(10)), timer(&a, "y", at(10)), timer(&b, "x", at(10))]).await;
    let cancel = |name: &str| Effect::CancelTimer { owner: a.clone(), name: name.to_owned() };

    stored(store, with([cancel("x"), cancel("unknown")])).await;
    stored(store, with([cancel("x")])).await;

    assert_eq!(timers.of(&a).await.expect("timers can be read"), [timer(&a, "y", at(10))]);
    assert_eq!(timers.of(&b).await.expect("timers can be read"), [timer(&b, "x", at(10))]);
    assert_eq!(due(timers, &category(CATEGORY), at(10), 10).await.len(), 2);
    stored(store, with([cancel("y")])).await;
    assert_eq!(timers.of(&a).await.expect("timers can be read"), []);
    assert_eq!(timers.next_due(&category(CATEGORY), Timestamp::EPOCH).await.expect("timers can be read"), Some(at(10)));
}

pub(super) async fn the_timers_of_a_stream_come_in_order_of_their_names(subject: Subject) {
    let Some(timers) = subject.store().timers() else { return };
    let a = stream("a");
    let longest = "z".repeat(255);
    let mut names = ["b", "a", "B", "a.1", "한", "é", "", "z", "a b", &longest];
    set(&subject, names.map(|name| timer(&a, name, at(1)))).await;
    names.sort_unstable();
    assert_eq!(timers.of(&a).await.expect("timers can be read"), names.map(|name| timer(&a, name, at(1))));
}

pub(super) async fn timers_are_kept_by_category_over_all_tenants(subject: Subject) {
    let Some(timers) = subject.store().timers() else { return };
    let of = |tenant: &str, name: &str| {
        StreamId::of(Tenant::new(tenant).expect("the tenant is valid"), category(name), "1").expect("the id is valid")
    };
    let saga = "$saga.checkout";
    let all = [timer(&of("", saga), "t", at(1)), timer(&of("a", saga), "t", at(2)), timer(&of("", "$saga.other"), "t", at(3))];
    set(&subject, all.clone()).await;

    assert_eq!(due(timers, &category(saga), at(9), 10).await, all[..2]);
    assert_eq!(due(timers, &category("$saga.other"), at(9), 10).await, all[2..]);
    assert_eq!(due(timers, &category("nowhere"), at(9), 10).await, []);
    assert_eq!(timers.of(&of("a", saga)).await.expect("timers can be read"), all[1..2]);
    assert_eq!(timers.next_due(&category("$saga.other"), at(1)).await.expect("timers can be read"), Some(at(3)));
    // Moments far away, on either side.
    let far = [timer(&of("", "far"), "a", Timestamp::from_micros(i64::MIN)), timer(&of("", "far"), "b", Timestamp::MAX)];
    set(&subject, far.clone()).await;
    assert_eq!(due(timers, &category("far"), Timestamp::MAX, 10).await, far);
}
