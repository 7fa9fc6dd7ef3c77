//! Sagas and subscribers that begin with what happens from their first start on.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga};
use annals::store::{Checkpoint, Epoch, ViewCommit, ViewName};
use annals::{AppBuilder, EventStore, LogId, MemoryStore, StartError};
use support::*;

/// The amounts that a subscriber was told of.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u64>>>);

impl Told {
    fn by(&self, app: AppBuilder) -> AppBuilder {
        let told = self.clone();
        app.aggregate::<Account>().subscriber("mail", move |event: Recorded<AccountEvent>| {
            if let AccountEvent::Deposited { amount } = event.event {
                told.0.lock().expect("nobody panics").push(amount);
            }
            async { Ok(()) }
        })
    }

    async fn after(&self, app: &App) -> Result<Vec<u64>, annals::WaitError> {
        app.settled().await?;
        Ok(self.0.lock().expect("nobody panics").clone())
    }
}

/// An instance for each account into which something is paid.
fn bonus() -> Result<Definition<u64>, InvalidSaga> {
    Definition::<u64>::named("bonus")
        .starts_on(|event: &AccountEvent, context| match event {
            AccountEvent::Deposited { amount } if context.stream_id() != "bonus" => {
                Some((context.stream_id().to_owned(), *amount))
            }
            _ => None,
        })
        .step("pay")
        .command(|amount| deposit("bonus", *amount))
        .pivot()
        .build()
}

async fn pay(app: &App, amounts: impl IntoIterator<Item = u64>) -> TestResult {
    for amount in amounts {
        app.send(deposit(&format!("of-{amount}"), amount)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_subscriber_is_told_of_what_happens_from_its_first_start_on() -> TestResult {
    for fresh in stores().await {
        let new = || App::new(fresh.store.clone());
        let app = new().aggregate::<Account>().start().await?;
        pay(&app, 1..=3).await?;

        let told = Told::default();
        let with_mail = told.by(new()).from_now().start().await?;
        pay(&app, [4]).await?;
        assert_eq!(told.after(&with_mail).await?, [4]);
        with_mail.shutdown(Duration::from_secs(5)).await;

        // What happens while it does not run is not lost.
        pay(&app, [5]).await?;
        let again = told.by(new()).from_now().start().await?;
        pay(&app, [6]).await?;
        assert_eq!(told.after(&again).await?, [4, 5, 6]);
        again.shutdown(Duration::from_secs(5)).await;

        // Nothing was taken in before it ended: where it began is stored all the same.
        let other = Told::default();
        let mail = |other: &Told| {
            let other = other.clone();
            new().aggregate::<Account>().subscriber("other", move |event: Recorded<AccountEvent>| {
                if let AccountEvent::Deposited { amount } = event.event {
                    other.0.lock().expect("nobody panics").push(amount);
                }
                async { Ok(()) }
            })
        };
        mail(&other).from_now().start().await?.shutdown(Duration::from_secs(5)).await;
        pay(&app, [7]).await?;
        let app_with_other = mail(&other).from_now().start().await?;
        assert_eq!(other.after(&app_with_other).await?, [7]);
        app_with_other.shutdown(Duration::from_secs(5)).await;
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn without_it_a_subscriber_is_told_of_everything() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store.clone()).aggregate::<Account>().start().await?;
        pay(&app, 1..=3).await?;
        let told = Told::default();
        let with_mail = told.by(App::new(fresh.store.clone())).start().await?;
        assert_eq!(told.after(&with_mail).await?, [1, 2, 3]);
        with_mail.shutdown(Duration::from_secs(5)).await;
        // It has begun: it is not moved.
        pay(&app, [4]).await?;
        let again = told.by(App::new(fresh.store.clone())).from_now().start().await?;
        assert_eq!(told.after(&again).await?, [1, 2, 3, 4]);
        again.shutdown(Duration::from_secs(5)).await;
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_saga_begins_instances_for_what_happens_from_its_first_start_on() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store.clone()).aggregate::<Account>().start().await?;
        pay(&app, 1..=3).await?;
        let with_saga = || App::new(fresh.store.clone()).aggregate::<Account>().saga_with(bonus()).from_now().start();
        let first = with_saga().await?;
        pay(&app, [4]).await?;
        first.settled().await?;
        first.shutdown(Duration::from_secs(5)).await;
        pay(&app, [5]).await?;
        let second = with_saga().await?;
        second.settled().await?;
        assert_eq!(app.load::<Account>(&"bonus".into()).await?.state.balance, 9);
        let bonuses = second.saga::<u64>()?;
        assert!(bonuses.get("of-3").await?.is_none() && bonuses.get("of-4").await?.is_some());
        second.shutdown(Duration::from_secs(5)).await;
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

/// Positions of another life of the store mean nothing: that must not flood anybody with old events.
#[tokio::test]
async fn after_a_change_of_the_store_it_begins_anew_from_now() -> TestResult {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let app = App::new(store.clone()).aggregate::<Account>().start().await?;
    pay(&app, 1..=3).await?;
    let another = Checkpoint::start(LogId::MAIN, Epoch::from_uuid(annals::CommandId::from_bytes([7; 16]).as_uuid()));
    let view = ViewName::new("$subscriber.mail")?;
    let commit = ViewCommit { view, version: 1, expected: None, checkpoint: another, changes: Vec::new() };
    store.views().expect("it keeps views").commit(commit).await?;

    let told = Told::default();
    let with_mail = told.by(App::new(store)).from_now().start().await?;
    pay(&app, [4]).await?;
    assert_eq!(told.after(&with_mail).await?, [4]);
    Ok(())
}

#[tokio::test]
async fn what_is_made_of_the_whole_history_cannot_begin_from_now() {
    let new = || App::new(Arc::new(MemoryStore::new()) as Arc<dyn EventStore>);
    for (app, named) in [
        (new().projection::<Totals>().from_now(), "the projection `totals`"),
        (new().aggregate::<Account>().from_now(), "what is not there yet"),
    ] {
        let Err(StartError::NotFromNow { part }) = app.start().await else { panic!("{named} may not begin from now") };
        assert_eq!(part, named);
    }
    // The mistake in the part itself is said first.
    let nameless = new().subscriber("Not A Name", |_: Recorded<AccountEvent>| async { Ok(()) }).from_now();
    assert!(matches!(nameless.start().await, Err(StartError::Name(_))));
}
