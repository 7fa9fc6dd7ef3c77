//! Contract 5, continued: which events of the log a filter finds.

use annals_core::store::{Criterion, Filter, PageSize};
use annals_core::{NewEvent, Position, StreamId, Tenant};

use super::Subject;
use super::sample::*;

/// Appends events of several categories, names and tags, and checks that a filter finds those that it should.
async fn assert_finds(subject: &Subject, filter: impl Into<Filter>, expected: &[&str]) {
    let store = subject.store();
    let filter = filter.into();
    if read(store, &stream_in("order", "1")).await.is_empty() {
        for (category, name, tags) in SAMPLES {
            stored(store, to(&stream_in(category, "1"), vec![NewEvent { tags: tagged(tags).tags, ..named(name) }])).await;
        }
    }
    for size in [PageSize::default(), PageSize::events(1), PageSize::events(2)] {
        let found = read_on(store, &filter, Position::ZERO, size).await.events;
        let names: Vec<_> = found.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(names, expected, "{filter:?} in {size:?}");
    }
}

const SAMPLES: [(&str, &str, &[&str]); 8] = [
    ("order", "order.placed", &["customer:1", "item:7"]),
    ("order", "order.paid", &["customer:1"]),
    ("stock", "stock.reserved", &["item:7"]),
    ("$saga.checkout", "$saga.started", &["customer:1"]),
    ("stock", "stock.counted", &[]),
    ("order", "order.cancelled", &["customer:2", "item:7"]),
    ("$saga.billing", "$saga.ended", &[]),
    ("orders", "order.archived", &["customer:11"]),
];

pub(super) async fn a_filter_without_criteria_finds_every_event_of_the_application(subject: Subject) {
    let expected = ["order.placed", "order.paid", "stock.reserved", "stock.counted", "order.cancelled", "order.archived"];
    assert_finds(&subject, Filter::all(), &expected).await;
}

pub(super) async fn a_filter_finds_by_category(subject: Subject) {
    assert_finds(&subject, Filter::category(category("order")), &["order.placed", "order.paid", "order.cancelled"]).await;
    let either = Criterion::new().category(category("stock")).category(category("orders"));
    assert_finds(&subject, either, &["stock.reserved", "stock.counted", "order.archived"]).await;
    assert_finds(&subject, Filter::category(category("nowhere")), &[]).await;
}

pub(super) async fn a_filter_finds_by_name(subject: Subject) {
    assert_finds(&subject, Criterion::new().name(name("order.paid")), &["order.paid"]).await;
    let either = Criterion::new().name(name("order.paid")).name(name("stock.counted"));
    assert_finds(&subject, either, &["order.paid", "stock.counted"]).await;
    assert_finds(&subject, Criterion::new().name(name("order")), &[]).await;
}

pub(super) async fn a_filter_finds_by_tags_that_all_must_be_there(subject: Subject) {
    assert_finds(&subject, by_tag("customer:1"), &["order.placed", "order.paid"]).await;
    assert_finds(&subject, by_tag("item:7"), &["order.placed", "stock.reserved", "order.cancelled"]).await;
    let both = Criterion::new().tag(tag("customer:1")).tag(tag("item:7"));
    assert_finds(&subject, both, &["order.placed"]).await;
    assert_finds(&subject, by_tag("customer:3"), &[]).await;
}

pub(super) async fn everything_that_a_criterion_names_must_hold(subject: Subject) {
    let criterion = Criterion::new().category(category("order")).tag(tag("item:7"));
    assert_finds(&subject, criterion.clone(), &["order.placed", "order.cancelled"]).await;
    assert_finds(&subject, criterion.name(name("order.cancelled")), &["order.cancelled"]).await;
    let contradiction = Criterion::new().category(category("stock")).name(name("order.placed"));
    assert_finds(&subject, contradiction, &[]).await;
}

pub(super) async fn alternatives_find_each_event_once(subject: Subject) {
    let filter = by_tag("customer:1").or(Criterion::new().tag(tag("item:7"))).or(Criterion::new().name(name("order.placed")));
    assert_finds(&subject, filter, &["order.placed", "order.paid", "stock.reserved", "order.cancelled"]).await;
    let mixed = Filter::category(category("orders")).or(Criterion::new().tag(tag("customer:2")));
    assert_finds(&subject, mixed, &["order.cancelled", "order.archived"]).await;
}

pub(super) async fn system_categories_are_found_only_where_they_are_named(subject: Subject) {
    assert_finds(&subject, by_tag("customer:1"), &["order.placed", "order.paid"]).await;
    let with_system = Criterion::new().tag(tag("customer:1")).and_system();
    assert_finds(&subject, with_system, &["order.placed", "order.paid", "$saga.started"]).await;
    // Whoever names an event of Annals means its category too.
    assert_finds(&subject, Criterion::new().name(name("$saga.started")), &["$saga.started"]).await;
    assert_finds(&subject, Filter::everything(), &SAMPLES.map(|(_, name, _)| name)).await;
    assert_finds(&subject, Filter::category(category("$saga.checkout")), &["$saga.started"]).await;
    let named = Criterion::new().category(category("$saga.checkout")).tag(tag("customer:1"));
    assert_finds(&subject, named, &["$saga.started"]).await;
    let beside = Criterion::new().category(category("$saga.billing")).category(category("orders"));
    assert_finds(&subject, beside, &["$saga.ended", "order.archived"]).await;
}

pub(super) async fn a_filter_finds_events_of_every_tenant(subject: Subject) {
    let store = subject.store();
    for tenant in ["", "a", "b"] {
        let tenant = Tenant::new(tenant).expect("the tenant is valid");
        let stream = StreamId::of(tenant, category(CATEGORY), "1").expect("the id is valid");
        stored(store, to(&stream, vec![tagged(&["k:1"])])).await;
    }
    assert_eq!(log(store, &Filter::category(category(CATEGORY))).await.len(), 3);
    assert_eq!(log(store, &by_tag("k:1")).await.len(), 3);
}
