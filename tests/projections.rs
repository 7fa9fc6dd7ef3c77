//! Projections and subscribers: each event exactly once, or at least once and in order.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use annals::store::{ReadLog, ViewName};
use annals::{App, Filter, Health, LogPosition, Position, Recorded, StartError, WaitError};
use support::*;

#[tokio::test]
async fn what_was_written_is_read_once_it_is_waited_for() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store).await;
        for amount in 1..=20 {
            let receipt = app.send(deposit("a", amount)).await?;
            let totals = app.view::<Totals>()?.at_least(&receipt).await?.single().await?;
            assert_eq!(totals, Totals { events: amount, deposited: amount * (amount + 1) / 2, withdrawn: 0 });
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_projection_goes_on_where_it_was() -> TestResult {
    for fresh in stores().await {
        for round in 1..=3 {
            let app = bank(fresh.store.clone()).await;
            let receipt = app.send(deposit("a", 1)).await?;
            app.wait_for(&receipt).await?;
            assert_eq!(app.view::<Totals>()?.single().await?.events, round);
            assert!(app.shutdown(Duration::from_secs(5)).await);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_feed_one_projection_take_each_event_in_once() -> TestResult {
    for fresh in stores().await {
        let apps = [bank(fresh.store.clone()).await, bank(fresh.store.clone()).await];
        let mut last = None;
        for at in 0..100 {
            last = Some(apps[at % 2].send(deposit("a", 1)).await?);
        }
        for app in &apps {
            app.wait_for(last.as_ref().unwrap()).await?;
        }
        // Whoever came second was fenced off by the checkpoint, and went on from there.
        apps[0].settled().await?;
        assert_eq!(apps[0].view::<Totals>()?.single().await?, Totals { events: 100, deposited: 100, withdrawn: 0 });
        for app in &apps {
            app.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_subscriber_gets_each_event_in_order_and_again_after_a_failure() -> TestResult {
    for fresh in stores().await {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let failed = Arc::new(Mutex::new(false));
        let (sees, fails) = (Arc::clone(&seen), Arc::clone(&failed));
        let app = App::new(fresh.store.clone())
            .aggregate::<Account>()
            .subscriber("audit", move |event: Recorded<AccountEvent>| {
                let (sees, fails) = (Arc::clone(&sees), Arc::clone(&fails));
                async move {
                    let AccountEvent::Deposited { amount } = event.event else { return Ok(()) };
                    if amount == 3 && !std::mem::replace(&mut *fails.lock().unwrap(), true) {
                        return Err("not now".into());
                    }
                    sees.lock().unwrap().push(amount);
                    Ok(())
                }
            })
            .start()
            .await?;
        for amount in 1..=5 {
            app.send(deposit("a", amount)).await?;
        }
        app.settled().await?;
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 4, 5]);
        assert!(*failed.lock().unwrap());
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_subscription_reads_what_is_old_and_what_is_new_without_a_seam() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store).await;
        for _ in 0..10 {
            app.send(deposit("old", 1)).await?;
        }
        let mut subscription = app.subscribe(Filter::all(), LogPosition::default());
        #[expect(clippy::disallowed_methods, reason = "a test may start tasks of its own")]
        let reader = tokio::spawn(async move {
            let mut positions = Vec::new();
            while positions.len() < 40 {
                let Some(page) = subscription.next_page().await.unwrap() else { break };
                positions.extend(page.events.iter().map(|event| event.position));
            }
            positions
        });
        for _ in 0..30 {
            app.send(deposit("new", 1)).await?;
        }
        let positions = reader.await?;
        assert_eq!(positions.len(), 40);
        assert!(positions.is_sorted_by(|one, next| one < next));
    }
    Ok(())
}

#[tokio::test]
async fn a_projection_stops_at_an_event_it_cannot_read_and_says_which() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let good = app.send(deposit("a", 1)).await?;
        app.wait_for(&good).await?;
        let page = fresh.store.read_log(ReadLog::new(Filter::all())).await?;
        let mut record = page.events[0].clone();
        record.payload.data = b"{\"amount\":\"many\"}".to_vec().into();
        let bad = annals::NewEvent {
            id: annals::EventId::generate(app.env()),
            name: record.name,
            schema_version: 1,
            payload: record.payload,
            metadata: record.metadata,
            tags: Vec::new(),
        };
        let append = annals::store::Append::new(annals::AppendId::generate(app.env())).stream(
            annals::StreamId::new("account", "b")?,
            annals::ExpectedVersion::NoStream,
            vec![bad],
        );
        let appended = fresh.store.append(append).await?;
        let waited = app.wait_for_position(appended.log_position()).await;
        let Err(WaitError::Failed { name, reason, .. }) = waited else { panic!("{waited:?}") };
        assert_eq!(name, "totals");
        assert!(reason.starts_with("event 1 of `account/b` (`account.deposited`, schema version 1) cannot be read"), "{reason}");
        assert!(matches!(app.status()[0].health, Health::Failed(_)));
        // The aggregate says so too, and other streams go on.
        let refused = app.send(deposit("b", 1)).await;
        assert!(matches!(refused, Err(annals::SendError::Decode(_))), "{refused:?}");
        app.send(deposit("a", 1)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_start_is_named() -> TestResult {
    for fresh in stores().await {
        let twice = App::new(fresh.store.clone()).projection::<Totals>().projection::<Totals>().start().await;
        assert_eq!(
            twice.unwrap_err().to_string(),
            "the projection `totals` is there twice: give each its own name, and add it once"
        );
        let twice = App::new(fresh.store.clone()).aggregate::<Account>().aggregate::<Account>().start().await;
        assert!(matches!(twice, Err(StartError::Repeated { .. })));
        let app = App::new(fresh.store.clone()).start().await?;
        let unknown = app.send(deposit("a", 1)).await;
        assert!(matches!(unknown, Err(annals::SendError::UnknownAggregate { aggregate: "account" })));
        assert!(app.view::<Totals>().is_err());
        assert_eq!(fresh.store.views().unwrap().checkpoint(&ViewName::new("totals")?, 1).await?, None);
        assert_eq!(Position::ZERO, fresh.store.read_log(ReadLog::new(Filter::all())).await?.scanned_to);
    }
    Ok(())
}

/// The events of accounts after somebody has renamed one of them and forgotten the alias.
mod renamed {
    use annals::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Event)]
    #[event(name = "account")]
    pub(crate) enum AccountEvent {
        PaidIn { amount: u64 },
        Withdrawn { amount: u64 },
    }

    #[derive(Default, Serialize, Deserialize)]
    pub(crate) struct Totals {
        events: u64,
        deposited: u64,
        withdrawn: u64,
    }

    #[projection]
    impl Totals {
        #[on]
        fn account(&mut self, event: &AccountEvent) {
            match event {
                AccountEvent::PaidIn { amount } => self.deposited += amount,
                AccountEvent::Withdrawn { amount } => self.withdrawn += amount,
            }
            self.events += 1;
        }
    }
}

#[tokio::test]
async fn an_event_that_was_renamed_without_an_alias_is_named() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let receipt = app.send(deposit("a", 1)).await?;
        app.wait_for(&receipt).await?;
        app.shutdown(Duration::from_secs(5)).await;
        let app = App::new(fresh.store.clone()).projection::<renamed::Totals>().start().await?;
        let next = LogPosition::new(annals::LogId::MAIN, Position::new(99)?);
        let Err(WaitError::Failed { reason, .. }) = app.wait_for_position(next).await else { panic!("it cannot go on") };
        assert!(
            reason.contains("a `account.deposited`") && reason.contains(r#"#[event(alias = "account.deposited")]"#),
            "{reason}"
        );
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}
