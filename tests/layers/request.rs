//! What a layer sees of a request, and what it may add.

use std::time::Duration;

use annals::layer::{Origin, Request};
use annals::prelude::*;
use annals::store::ReadStream;
use annals::{CommandId, StreamId, Tenant};
use annals_testing::TestEnv;
use tower::filter::FilterLayer;

use crate::support::*;
use crate::tools::{Move, Notes, memory, moving};

#[tokio::test]
async fn a_layer_sees_each_command_with_its_type_and_where_it_goes() -> TestResult {
    let seen = Notes::new();
    let note = seen.clone();
    let look = move |request: Request| {
        for command in request.commands() {
            let amount = command.get::<Deposit>().map(|deposit| deposit.amount);
            assert_eq!((command.is::<Deposit>(), command.is::<Withdraw>()), (amount.is_some(), amount.is_none()));
            let (actor, tenant) = (request.metadata().actor.clone(), request.tenant().clone());
            note.add((command.name(), command.category(), command.stream(), command.id(), amount, actor, tenant));
        }
        Ok::<_, tower::BoxError>(request)
    };
    let app = App::new(memory()).aggregate::<Account>().layer(FilterLayer::new(look)).start().await?;
    let (acme, id) = (Tenant::new("acme")?, CommandId::from_bytes([7; 16]));
    app.send(deposit("a", 5)).id(id).tenant(acme.clone()).actor("ann").await?;
    app.send(withdraw("b", 0)).await?;
    let seen = seen.take();
    let stream = StreamId::of(acme.clone(), annals::Category::new("account")?, "a")?;
    assert_eq!(seen[0], ("deposit", "account", Ok(stream), id, Some(5), Some("ann".into()), acme));
    assert_eq!((seen[1].0, seen[1].4, &seen[1].5, seen[1].6.is_none()), ("withdraw", None, &None, true));
    Ok(())
}

#[tokio::test]
async fn a_layer_sees_where_a_command_comes_from() -> TestResult {
    let test = TestEnv::seeded(1);
    let seen = Notes::new();
    let note = seen.clone();
    let look = move |request: Request| {
        let name = request.command_names().next().unwrap();
        note.add((name, request.origin().clone(), request.metadata().actor.clone(), request.due()));
        Ok::<_, tower::BoxError>(request)
    };
    let builder = App::new(memory()).env(test.env()).aggregate::<Account>().saga_with(moving());
    let app = builder.layer(FilterLayer::new(look)).start().await?;
    test.run(async {
        let ann = app.as_actor("ann");
        ann.send(deposit("a", 10)).await?;
        ann.saga::<Move>()?.start("m", &Move::default()).await?;
        app.settled().await?;
        let due = ann.send(withdraw("b", 10)).after(Duration::from_secs(60)).await?.due;
        app.env().sleep_until(due.after(Duration::from_secs(1))).await;
        app.settled().await?;
        let (seen, ann) = (seen.take(), Some("ann".to_owned()));
        let saga = seen[1].1.clone();
        assert_eq!(saga.saga(), Some("move"));
        assert_eq!(saga, Origin::Saga { instance: StreamId::new("$saga.move", "m")? });
        let expected = [
            ("deposit", Origin::Sender, ann.clone(), None),
            ("withdraw", saga.clone(), ann.clone(), None),
            ("deposit", saga.clone(), ann.clone(), None),
            ("deposit", saga, ann.clone(), None),
            ("withdraw", Origin::Sender, ann.clone(), Some(due)),
            ("withdraw", Origin::Schedule, ann, None),
        ];
        assert_eq!(seen, expected);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_a_layer_adds_to_the_metadata_is_stored_and_the_keys_of_annals_are_safe() -> TestResult {
    for fresh in stores().await {
        let add = |mut request: Request| {
            let reserved = request.insert("$actor", "eve").unwrap_err();
            assert!(reserved.to_string().contains("`$actor`"));
            request.insert("region", "seoul")?;
            Ok::<_, tower::BoxError>(request)
        };
        let app = App::new(fresh.store).aggregate::<Account>().layer(FilterLayer::new(add)).start().await?;
        let receipt = app.as_actor("ann").send(deposit("a", 5)).await?;
        let page = app.store().read_stream(ReadStream::forward(receipt.stream)).await?;
        let metadata = page.events[0].metadata()?;
        assert_eq!((metadata.get("region"), metadata.actor.as_deref()), (Some("seoul"), Some("ann")));
        // What is put off keeps it until it is due.
        let put_off = app.send(deposit("a", 5)).after(Duration::from_secs(3_600)).await?;
        let history = app.scheduled(&Tenant::NONE, put_off.command_id).await?;
        assert_eq!(history[0].record.metadata()?.get("region"), Some("seoul"));
        app.shutdown(Duration::ZERO).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_shows_no_content() -> TestResult {
    let shown = Notes::new();
    let note = shown.clone();
    let look = move |request: Request| {
        note.add(format!("{request:?} {:?}", request.commands().next()));
        Ok::<_, tower::BoxError>(request)
    };
    let builder = App::new(memory()).aggregate::<Account>().saga_with(moving());
    let app = builder.layer(FilterLayer::new(look)).start().await?;
    app.send(deposit("a", 271_828)).await?;
    app.saga::<Move>()?.start("m", &Move { failure: Some("a secret".into()) }).await?;
    app.settled().await?;
    for shown in shown.take() {
        assert!(shown.contains("for account"), "{shown}");
        assert!(!shown.contains("271828") && !shown.contains("secret"), "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn a_layer_that_panics_ends_the_command_alone() -> TestResult {
    let panics = |request: Request| {
        assert!(request.commands_of::<Withdraw>().next().is_none(), "out of order");
        Ok::<_, tower::BoxError>(request)
    };
    let app = App::new(memory()).aggregate::<Account>().layer(FilterLayer::new(panics)).start().await?;
    app.send(deposit("a", 1)).await?;
    let panicked = app.send(withdraw("a", 1)).await;
    let Err(SendError::Panicked { command: "withdraw", message }) = panicked else { panic!("{panicked:?}") };
    assert_eq!(message, "in a layer: out of order");
    assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 1);
    Ok(())
}

#[tokio::test]
async fn the_layer_that_is_added_last_sees_a_command_first() -> TestResult {
    let seen = Notes::new();
    let named = |name: &'static str| {
        let seen = seen.clone();
        FilterLayer::new(move |request: Request| {
            seen.add(name);
            Ok::<_, tower::BoxError>(request)
        })
    };
    let app = App::new(memory()).aggregate::<Account>().layer(named("inner")).layer(named("outer")).start().await?;
    app.send(deposit("a", 1)).await?;
    assert_eq!(seen.take(), ["outer", "inner"]);
    Ok(())
}
