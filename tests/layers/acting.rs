//! An application on behalf of somebody.

use std::time::Duration;

use annals::prelude::*;
use annals::store::ReadStream;
use annals::{CorrelationId, Metadata, StreamId, Tenant};

use crate::support::*;
use crate::tools::{Move, memory, moving};

async fn metadata(app: &App, stream: StreamId) -> Metadata {
    let page = app.store().read_stream(ReadStream::forward(stream)).await.unwrap();
    page.events.last().unwrap().metadata().unwrap()
}

#[tokio::test]
async fn what_is_sent_on_behalf_of_somebody_carries_actor_tenant_and_chain() -> TestResult {
    let app = bank(memory()).await;
    let (acme, chain) = (Tenant::new("acme")?, CorrelationId::from_bytes([5; 16]));
    let ann = app.on_behalf_of(acme.clone(), "ann").correlation(chain).trace("00-1-2-01");
    assert_eq!((ann.actor(), ann.tenant()), ("ann", &acme));
    let receipt = ann.send(deposit("a", 5)).await?;
    assert_eq!(*receipt.stream.tenant(), acme);
    let stored = metadata(&app, receipt.stream).await;
    assert_eq!((stored.actor.as_deref(), stored.correlation_id), (Some("ann"), chain));
    assert_eq!(stored.trace.as_deref(), Some("00-1-2-01"));
    assert_eq!(ann.load::<Account>(&"a".into()).await?.state.balance, 5);
    assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 0, "that is another account");
    let put_off = ann.send(deposit("a", 5)).after(Duration::from_secs(60)).await?;
    assert_eq!(ann.scheduled(put_off.command_id).await?[0].record.metadata()?.actor.as_deref(), Some("ann"));
    assert!(ann.cancel_scheduled(put_off.command_id).await?);
    app.shutdown(Duration::ZERO).await;
    Ok(())
}

#[tokio::test]
async fn what_a_saga_does_that_somebody_started_is_on_their_behalf() -> TestResult {
    let acme = Tenant::new("acme")?;
    let app = App::new(memory()).aggregate::<Account>().saga_with(moving()).start().await?;
    let ann = app.on_behalf_of(acme.clone(), "ann");
    app.send(deposit("a", 10)).tenant(acme).await?;
    ann.saga::<Move>()?.start("m", &Move::default()).await?;
    app.settled().await?;
    let moved = ann.saga::<Move>()?.get("m").await?.unwrap();
    assert_eq!(metadata(&app, moved.stream.clone()).await.actor.as_deref(), Some("ann"));
    let stream = ann.send(deposit("b", 0)).await?.stream;
    let page = app.store().read_stream(ReadStream::forward(stream)).await?;
    assert_eq!(page.events[0].metadata()?.actor.as_deref(), Some("ann"), "the step of the saga");
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn who_acts_stays_who_acts_when_a_message_is_the_cause() -> TestResult {
    let app = bank(memory()).await;
    let first = app.as_actor("ann").send(deposit("a", 5)).source("shop").with("region", "seoul")?.await?;
    let cause = metadata(&app, first.stream).await;
    let plain = app.send(deposit("b", 1)).caused_by(&cause, first.command_id).await?;
    let plain = metadata(&app, plain.stream).await;
    assert_eq!((plain.actor.as_deref(), plain.source.as_deref()), (Some("ann"), Some("shop")));
    let service = app.as_actor("bonus").send(deposit("c", 1)).source("bonus").with("region", "busan")?.with("why", "loyal")?;
    let service = service.caused_by(&cause, first.command_id).await?;
    let service = metadata(&app, service.stream).await;
    assert_eq!((service.actor.as_deref(), service.source.as_deref()), (Some("bonus"), Some("bonus")));
    assert_eq!((service.get("region"), service.get("why")), (Some("busan"), Some("loyal")));
    assert_eq!((service.correlation_id, plain.correlation_id), (cause.correlation_id, cause.correlation_id));
    Ok(())
}
