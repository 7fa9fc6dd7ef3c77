//! An application knows the aggregates that its sagas send to, as far as their types say, or does not start.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::builder::{BeforePivot, NamedStep};
use annals::saga::{Definition, InvalidSaga, Phase, Reaction};
use annals::{MemoryStore, ScheduleError, StartError};
use support::*;

type Defined = Result<Definition<u64>, InvalidSaga>;

/// Takes `amount` to `to`, in reaction to a deposit into `from`.
fn reacting<R: annals::saga::IntoReaction>(react: impl Fn(u64) -> R + Send + Sync + 'static) -> Defined {
    Definition::<u64>::named("mirror")
        .starts_on(|_: &AccountEvent, context| (context.stream_id() == "from").then(|| ("m".to_owned(), 0)))
        .on(
            |_: &AccountEvent, context| (context.stream_id() == "from").then(|| "m".to_owned()),
            move |_, event: &AccountEvent, _| match event {
                AccountEvent::Deposited { amount } => react(*amount),
                _ => react(0),
            },
        )
        .build()
}

async fn refused(saga: Defined) -> Option<(String, String, String)> {
    match App::new(Arc::new(MemoryStore::new())).saga_with(saga).start().await {
        Ok(_) => None,
        Err(StartError::MissingAggregate { needed_by, aggregate, command }) => {
            Some((needed_by, aggregate.to_owned(), command.to_owned()))
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn step() -> NamedStep<u64, BeforePivot> {
    Definition::<u64>::named("pay").step("pay")
}

#[tokio::test]
async fn a_step_says_what_it_sends_in_every_form() {
    let forms: [Defined; 5] = [
        step().command(|amount| deposit("a", *amount)).pivot().build(),
        step().command(|_| None::<Deposit>).pivot().build(),
        step().command(|_| Vec::<Deposit>::new()).pivot().build(),
        step().command(|_| (None::<Deposit>, Vec::<Close>::new())).pivot().build(),
        step().command(|_| [None::<Deposit>, None]).pivot().build(),
    ];
    for saga in forms {
        let (needed_by, aggregate, command) = refused(saga).await.expect("it is refused");
        assert_eq!(
            (needed_by.as_str(), aggregate.as_str(), command.as_str()),
            ("the step `pay` of the saga `pay`", "account", "deposit")
        );
    }
}

#[tokio::test]
async fn so_do_an_undo_a_reaction_and_what_reacts_to_a_rejection() {
    let call = |_: annals::saga::Call<u64>| async { Ok::<(), annals::saga::StepError<AccountError>>(()) };
    let undo = step().activity(call).undo(|amount| withdraw("a", *amount)).build();
    let told = refused(undo).await.expect("it is refused").0;
    assert_eq!(told, "the undo of the step `pay` of the saga `pay`");

    let told = refused(reacting(|amount| Some(deposit("to", amount)))).await.expect("it is refused").0;
    assert!(told.starts_with("the reaction to `") && told.ends_with("AccountEvent` of the saga `mirror`"), "{told}");

    let on_rejection =
        Definition::<u64>::named("mirror").on(|_: &AccountEvent, _| None, |_, _, _| ()).rejected(|_, _: &Withdraw, _| ()).build();
    let (told, _, command) = refused(on_rejection).await.expect("it is refused");
    assert_eq!(
        (told.as_str(), command.as_str()),
        ("the reaction to the rejection of `withdraw` of the saga `mirror`", "withdraw")
    );

    // What is put together by code cannot be known before it runs.
    assert_eq!(refused(reacting(|amount| Reaction::new().send(deposit("to", amount)))).await, None);
}

#[tokio::test]
async fn the_message_says_what_to_write() {
    let saga = step().command(|amount| deposit("a", *amount)).pivot().build();
    let error = App::new(Arc::new(MemoryStore::new())).saga_with(saga).start().await.unwrap_err();
    let expected = "the step `pay` of the saga `pay` sends `deposit` to the aggregate `account`, which the application does not have: add it with `.aggregate::<…>()`, or with `.sends_to::<…>()` if it is another program's";
    assert_eq!(error.to_string(), expected);
}

/// The program with the saga has no accounts of its own: it sends to those of another one on the same store.
#[tokio::test]
async fn a_saga_may_send_to_an_aggregate_of_another_program() -> TestResult {
    for fresh in stores().await {
        let accounts = App::new(fresh.store.clone()).aggregate::<Account>().start().await?;
        let saga = step().command(|amount| deposit("steps", *amount)).pivot().build();
        let mirror = reacting(|amount| Some(deposit("to", amount)));
        let sagas = App::new(fresh.store.clone()).sends_to::<Account>().saga_with(saga).start().await?;
        let mirrors = App::new(fresh.store.clone()).sends_to::<Account>().saga_with(mirror).start().await?;

        sagas.saga::<u64>()?.start("s", &7).await?;
        sagas.settled().await?;
        accounts.send(deposit("from", 5)).await?;
        mirrors.settled().await?;

        assert_eq!(sagas.saga::<u64>()?.get("s").await?.map(|it| it.phase()), Some(Phase::Completed));
        for (account, balance) in [("steps", 7), ("to", 5)] {
            assert_eq!(accounts.load::<Account>(&account.to_owned()).await?.state.balance, balance, "{account}");
        }
        // It is not offered: that would need the services of all its commands.
        assert!(matches!(sagas.send(deposit("a", 1)).await, Err(SendError::UnknownAggregate { aggregate: "account" })));
        let put_off = sagas.send(deposit("a", 1)).after(Duration::from_secs(1)).await;
        assert!(matches!(put_off, Err(ScheduleError::UnknownCommand { .. })));
        for app in [accounts, mirrors, sagas] {
            app.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}
