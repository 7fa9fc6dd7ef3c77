//! Unique keys.

use annals_core::store::{AppendError, Effect, Keys, ReservedKeyName};
use annals_core::{Filter, StreamId, Tenant};
use tokio::task::JoinSet;

use super::Subject;
use super::effects::{key, release, reserve, with};
use super::sample::*;

async fn owner(keys: &dyn Keys, text: &str) -> Option<StreamId> {
    keys.owner(&key(text)).await.expect("keys can be read")
}

pub(super) async fn a_key_has_one_owner(subject: Subject) {
    let store = subject.store();
    let Some(keys) = store.keys() else { return };
    let (a, b) = (stream("a"), stream("b"));
    assert_eq!(owner(keys, "k").await, None);

    stored(store, with([reserve("k", &a)])).await;

    match store.append(with([reserve("k", &b)])).await {
        Err(AppendError::KeyTaken { key: named, owner }) => assert_eq!((named, owner), (key("k"), a.clone())),
        other => panic!("expected that the key is taken, got {other:?}"),
    }
    assert_eq!(owner(keys, "k").await, Some(a.clone()));
    stored(store, with([reserve("k", &a)])).await;
    assert_eq!(owner(keys, "k").await, Some(a), "its owner may reserve it again");
}

pub(super) async fn only_its_owner_gives_a_key_back(subject: Subject) {
    let store = subject.store();
    let Some(keys) = store.keys() else { return };
    let (a, b) = (stream("a"), stream("b"));
    stored(store, with([reserve("k", &a), release("free", &a)])).await;
    stored(store, with([release("k", &b)])).await;
    assert_eq!(owner(keys, "k").await, Some(a.clone()));
    stored(store, with([release("k", &a)])).await;
    assert_eq!(owner(keys, "k").await, None);
    stored(store, with([reserve("k", &b)])).await;
    assert_eq!(owner(keys, "k").await, Some(b));
}

pub(super) async fn a_key_is_unique_within_tenant_and_scope(subject: Subject) {
    let store = subject.store();
    let Some(keys) = store.keys() else { return };
    let longest = "k".repeat(255);
    let of = |tenant: &str, scope: &str, key: &str| {
        let tenant = Tenant::new(tenant).expect("the tenant is valid");
        ReservedKeyName::new(tenant, scope, key).expect("the key is valid")
    };
    let names = [
        of("", "email", "k"),
        of("t", "email", "k"),
        of("", "phone", "k"),
        of("", "email", "K"),
        of("", "email", "é"),
        of("", "email", "e\u{301}"),
        of("", "email", "k "),
        of("", "email", &longest),
    ];
    for (number, name) in names.iter().enumerate() {
        let reserve = Effect::ReserveKey { key: name.clone(), owner: stream(&format!("{number}")) };
        stored(store, with([reserve])).await;
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(keys.owner(name).await.expect("keys can be read"), Some(stream(&format!("{number}"))), "{name}");
    }
}

pub(super) async fn of_racers_for_one_key_exactly_one_wins(subject: Subject) {
    let Some(keys) = subject.store().keys() else { return };
    for round in 0..15 {
        let text = format!("{round}");
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let store = subject.handle(racer);
            let own = stream(&format!("{round} {racer}"));
            let append = to(&own, events(1)).effect(reserve(&text, &own));
            racers.spawn(async move { store.append(append).await.map(|_| own) });
        }
        let mut winner = None;
        for result in racers.join_all().await {
            match result {
                Ok(stream) => assert!(winner.replace(stream).is_none(), "two streams have the key"),
                Err(AppendError::KeyTaken { .. }) => {}
                Err(other) => panic!("expected that the key is taken, got {other:?}"),
            }
        }
        assert_eq!(owner(keys, &text).await, winner);
        assert!(winner.is_some(), "nobody has the key");
    }
    assert_eq!(log(subject.store(), &Filter::all()).await.len(), 15);
}
