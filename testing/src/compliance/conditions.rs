//! Contract 7: conditions.

use annals_core::store::{AppendError, Condition, ConditionModel, Criterion, PageSize};
use annals_core::{EventStore, ExpectedVersion, Filter, LogId, LogPosition, NewEvent, Position};

use super::Subject;
use super::sample::*;

/// Whether the store checks conditions; if not, that it says so.
pub(super) async fn are_checked(store: &dyn EventStore) -> bool {
    if store.info().conditions != ConditionModel::Unsupported {
        return true;
    }
    let append = to(&stream("a"), events(1)).condition(nothing_since(by_tag("k:1"), Position::ZERO));
    refused!(store.append(append).await, AppendError::ConditionsUnsupported { .. });
    false
}

pub(super) fn nothing_since(filter: impl Into<Filter>, after: Position) -> Condition {
    Condition::new(filter.into(), LogPosition::new(LogId::MAIN, after))
}

/// Checks whether an append under a condition succeeds, and that it stores nothing otherwise.
async fn assert_condition(store: &dyn EventStore, filter: impl Into<Filter>, after: Position, holds: bool) {
    let condition = nothing_since(filter, after);
    let append = to(&stream("decision"), events(1)).condition(condition.clone());
    let before = read(store, &stream("decision")).await.len();
    match store.append(append.clone()).await {
        Ok(_) => assert!(holds, "{condition:?} should not hold"),
        Err(AppendError::ConditionFailed { at }) => {
            // A store with tag markers may find a conflict where there is none.
            let may_fail = !holds || store.info().conditions == ConditionModel::TagMarkers;
            assert!(may_fail, "{condition:?} should hold, but failed at {at}");
            assert!(at.position > after && at.log == LogId::MAIN, "{condition:?} failed at {at}, which is not after it");
            assert_eq!(read(store, &stream("decision")).await.len(), before);
            assert_eq!(store.appended(append.id).await.expect("the outcome can be asked for"), None);
        }
        Err(other) => panic!("expected a failed condition, got {other:?}"),
    }
}

pub(super) async fn a_condition_holds_while_nothing_matches(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    assert_condition(store, by_tag("k:1"), Position::ZERO, true).await;
    stored(store, to(&stream("a"), vec![tagged(&["k:2"]), tagged(&["j:1"]), event()])).await;
    assert_condition(store, by_tag("k:1"), Position::ZERO, true).await;
    assert_eq!(read(store, &stream("decision")).await.len(), 2);
}

pub(super) async fn a_condition_fails_because_of_what_came_after_its_position(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let first = stored(store, to(&stream("a"), vec![tagged(&["k:1"])])).await.last;
    assert_condition(store, by_tag("k:1"), Position::ZERO, false).await;
    assert_condition(store, by_tag("k:1"), first, true).await;
    let second = stored(store, to(&stream("b"), vec![event(), tagged(&["k:1", "k:2"]), event()])).await.last;
    assert_condition(store, by_tag("k:1"), first, false).await;
    assert_condition(store, by_tag("k:1"), second, true).await;
}

pub(super) async fn a_condition_asks_for_name_category_and_every_tag(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let event = NewEvent { name: name("order.placed"), ..tagged(&["k:1", "j:1"]) };
    stored(store, to(&stream_in("order", "1"), vec![event])).await;
    let k = || Criterion::new().tag(tag("k:1"));

    assert_condition(store, k().tag(tag("j:1")), Position::ZERO, false).await;
    assert_condition(store, k().tag(tag("j:2")), Position::ZERO, true).await;
    assert_condition(store, k().name(name("order.placed")), Position::ZERO, false).await;
    assert_condition(store, k().name(name("order.paid")), Position::ZERO, true).await;
    assert_condition(store, k().category(category("order")), Position::ZERO, false).await;
    assert_condition(store, k().category(category("stock")), Position::ZERO, true).await;
    let both = || k().name(name("order.placed")).category(category("order")).tag(tag("j:1"));
    assert_condition(store, both(), Position::ZERO, false).await;
    assert_condition(store, both().name(name("order.paid")), Position::ZERO, false).await;
}

pub(super) async fn a_condition_fails_if_any_of_its_criteria_matches(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    stored(store, to(&stream("a"), vec![tagged(&["k:2"])])).await;
    let either = |second: &str| by_tag("k:1").or(Criterion::new().tag(tag(second)));
    assert_condition(store, either("k:2"), Position::ZERO, false).await;
    assert_condition(store, either("k:3"), Position::ZERO, true).await;
}

pub(super) async fn a_condition_sees_system_events_only_where_they_are_named(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    stored(store, to(&stream_in("$saga.checkout", "1"), vec![tagged(&["k:1"])])).await;
    assert_condition(store, by_tag("k:1"), Position::ZERO, true).await;
    let named = Criterion::new().category(category("$saga.checkout")).tag(tag("k:1"));
    assert_condition(store, named, Position::ZERO, false).await;
}

pub(super) async fn an_append_does_not_fail_because_of_its_own_events(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let append = to(&stream("a"), vec![tagged(&["k:1"]), tagged(&["k:1"])]);
    let append = append.condition(nothing_since(by_tag("k:1"), Position::ZERO));
    stored(store, append.clone()).await;
    assert!(stored(store, append).await.repeated, "sent again, it is known, whatever its condition");
}

pub(super) async fn a_condition_guards_beside_an_expected_version(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    stored(store, to(&stream("a"), vec![tagged(&["k:1"])])).await;
    let append = |expected, after| expecting(&stream("a"), expected, events(1)).condition(nothing_since(by_tag("k:1"), after));
    let end = read_on(store, &by_tag("k:1"), Position::ZERO, PageSize::default()).await.scanned_to;

    refused!(store.append(append(exactly(1), Position::ZERO)).await, AppendError::ConditionFailed { .. });
    refused!(store.append(append(ExpectedVersion::NoStream, end)).await, AppendError::WrongExpectedVersion { .. });
    stored(store, append(exactly(1), end)).await;
}

pub(super) async fn a_decision_succeeds_once_it_has_read_past_the_conflict(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let mut end = Position::ZERO;
    for _ in 0..20 {
        let other = stored(store, to(&stream("a"), vec![tagged(&["k:1"])])).await.last;
        let append = to(&stream("b"), events(1)).condition(nothing_since(by_tag("k:1"), end));
        match store.append(append.clone()).await {
            Err(AppendError::ConditionFailed { at }) => assert!(at.position > end && at.position >= other),
            other => panic!("expected a failed condition, got {other:?}"),
        }
        end = read_on(store, &by_tag("k:1"), end, PageSize::default()).await.scanned_to;
        assert!(end >= other);
        let again = annals_core::store::Append { condition: Some(nothing_since(by_tag("k:1"), end)), ..append };
        stored(store, again).await;
    }
}

pub(super) async fn a_condition_on_a_log_that_is_not_there_is_refused(subject: Subject) {
    let store = subject.store();
    if !are_checked(store).await {
        return;
    }
    let nowhere = LogId::new(u16::MAX);
    assert!(store.info().log(nowhere).is_none(), "no store has this log");
    let condition = Condition::new(by_tag("k:1"), LogPosition::new(nowhere, Position::ZERO));
    refused!(store.append(to(&stream("a"), events(1)).condition(condition)).await, AppendError::UnknownLog(log) if log == nowhere);
    assert!(read(store, &stream("a")).await.is_empty());
}
