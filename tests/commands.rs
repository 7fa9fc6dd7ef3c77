//! Commands: decided once, in order, on what is true.

mod support;

use std::time::Duration;

use annals::store::ReadStream;
use annals::{CommandId, Env, EventStore, SendError};
use support::*;

async fn events(store: &dyn EventStore, account: &str) -> usize {
    let stream = annals::StreamId::new("account", account).unwrap();
    store.read_stream(ReadStream::forward(stream)).await.unwrap().events.len()
}

fn new_id(env: &Env) -> CommandId {
    CommandId::generate(env)
}

#[tokio::test]
async fn a_command_sent_twice_is_applied_once_and_answers_alike() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        app.send(deposit("a", 10)).await?;
        let id = new_id(app.env());
        let first = app.send(withdraw("a", 10)).id(id).await?;
        // Deciding it again would now reject it, and much has happened since.
        for _ in 0..20 {
            app.send(deposit("a", 1)).await?;
        }
        app.send(withdraw("a", 20)).await?;
        let again = app.send(withdraw("a", 10)).id(id).await?;
        assert!(again.repeated && !first.repeated);
        assert_eq!((again.position, again.version, &again.stream), (first.position, first.version, &first.stream));
        // Another process, which has nothing in memory, answers the same.
        let other = bank(fresh.store.clone()).await;
        assert_eq!(other.send(withdraw("a", 10)).id(id).await?, again);
        assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_command_that_changed_nothing_answers_alike_once_it_would_change_something() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let id = new_id(app.env());
        let first = app.send(Close { account: "a".into() }).id(id).await?;
        let again = app.send(Close { account: "a".into() }).id(id).await?;
        assert_eq!((first.version, first.position), (again.version, again.position));
        let nothing = app.send(Close { account: "a".into() }).await?;
        assert_eq!((nothing.position, nothing.version), (None, first.version));
    }
    Ok(())
}

#[tokio::test]
async fn an_id_that_was_used_for_another_stream_is_refused() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let id = new_id(app.env());
        app.send(deposit("a", 10)).id(id).await?;
        let reused = app.send(deposit("b", 10)).id(id).await;
        assert!(matches!(reused, Err(SendError::CommandIdReused { id: named }) if named == id), "{reused:?}");
        assert_eq!(events(&*fresh.store, "b").await, 0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_several_processes_on_one_stream_are_decided_on_what_is_true() -> TestResult {
    for fresh in stores().await {
        // Each application has its own memory of the account, as processes have.
        let apps = [bank(fresh.store.clone()).await, bank(fresh.store.clone()).await, bank(fresh.store.clone()).await];
        apps[0].send(deposit("hot", 50)).await?;
        let mut sending = Vec::new();
        for at in 0..90 {
            let app = apps[at % 3].clone();
            #[expect(clippy::disallowed_methods, reason = "a test may start tasks of its own")]
            sending.push(tokio::spawn(async move { app.send(withdraw("hot", 1)).await }));
        }
        let mut withdrawn = 0;
        for sent in sending {
            match sent.await? {
                Ok(_) => withdrawn += 1,
                Err(SendError::Rejected(AccountError::Short { balance: 0 })) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(withdrawn, 50, "as many as the balance allows, neither more nor fewer");
        assert_eq!(events(&*fresh.store, "hot").await, 51);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_kept_in_memory_never_rejects_by_itself() -> TestResult {
    for fresh in stores().await {
        let (one, other) = (bank(fresh.store.clone()).await, bank(fresh.store.clone()).await);
        one.send(deposit("a", 1)).await?;
        other.send(deposit("a", 99)).await?;
        // `one` remembers a balance of 1.
        one.send(withdraw("a", 100)).await?;
        let refused = other.send(withdraw("a", 1)).await;
        assert!(matches!(refused, Err(SendError::Rejected(AccountError::Short { balance: 0 }))), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_panic_of_the_domain_ends_the_command_alone() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        app.send(deposit("a", 1)).await?;
        let panicked = app.send(deposit("a", 666)).await;
        assert!(
            matches!(&panicked, Err(SendError::Panicked { command: "deposit", message }) if message.contains("panics")),
            "{panicked:?}"
        );
        app.send(deposit("a", 2)).await?;
        assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 3);
    }
    Ok(())
}

#[tokio::test]
async fn metadata_travels_from_command_to_event() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let sent = app.send(deposit("a", 1)).actor("ann").source("shop").trace("00-1-2-01").with("shop", "seoul")?.await?;
        let stream = sent.stream.clone();
        let page = fresh.store.read_stream(ReadStream::forward(stream)).await?;
        let metadata = page.events[0].metadata()?;
        assert_eq!(metadata.actor.as_deref(), Some("ann"));
        assert_eq!(metadata.source.as_deref(), Some("shop"));
        assert_eq!(metadata.trace.as_deref(), Some("00-1-2-01"));
        assert_eq!(metadata.get("shop"), Some("seoul"));
        assert_eq!(metadata.causation_id, Some(sent.command_id.into()));
        assert_eq!(metadata.correlation_id, sent.command_id.into());
    }
    Ok(())
}

#[tokio::test]
async fn tenants_do_not_see_each_other() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let acme = annals::Tenant::new("acme")?;
        app.send(deposit("a", 1)).tenant(acme.clone()).await?;
        app.send(deposit("a", 5)).await?;
        assert_eq!(app.load_of::<Account>(&acme, &"a".into()).await?.state.balance, 1);
        assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 5);
    }
    Ok(())
}

#[tokio::test]
async fn after_the_shutdown_nothing_is_accepted() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        assert!(app.shutdown(Duration::from_secs(5)).await);
        assert!(matches!(app.send(deposit("a", 1)).await, Err(SendError::ShuttingDown)));
        assert_eq!(events(&*fresh.store, "a").await, 0);
    }
    Ok(())
}
