//! Sagas of steps, as `#[saga]` writes them.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::engine::{Kind, Plan};
use annals::saga::{Phase, RetryPolicy};
use annals::{MemoryStore, RecordedEvent, StartError};
use annals_testing::{TestEnv, given_saga};

use super::saga_domain::{
    Abandon, Bank, Buy, Cart, CartEvent, Checkout, Generous, Leave, Open, Payment, PaymentEvent, PutBack, Settle, Shelf,
    ShelfEvent, Take, Till,
};
use super::support::record;

type TestResult = Result<(), Box<dyn Error>>;

const DAY: Duration = Duration::from_secs(86_400);

fn plan() -> Plan {
    Checkout::definition().unwrap().plan().clone()
}

#[test]
fn the_marks_say_what_the_steps_are() {
    let plan = plan();
    let steps: Vec<_> = plan.steps.iter().map(|step| (step.name, step.kind, step.undo, step.pivot)).collect();
    assert_eq!(
        steps,
        [
            ("open", Kind::Commands, true, false),
            ("pay", Kind::Activity, true, false),
            ("look_around", Kind::Commands, false, false),
            ("confirmed", Kind::Wait, false, false),
            ("leave", Kind::Commands, false, true),
            ("brought_back", Kind::Wait, false, false),
        ]
    );
}

#[test]
fn the_arguments_say_how_long_and_how_often() {
    let plan = plan();
    assert_eq!((plan.name, plan.version, plan.deadline), ("checkout", 3, Some(30 * DAY)));
    let pay = &plan.steps[1];
    assert_eq!(pay.timeout, Some(Duration::from_secs(5_400)));
    let retry = RetryPolicy::attempts(2).backoff(Duration::from_millis(1), Duration::from_millis(2));
    assert_eq!(pay.retry, retry.alert_after(Duration::from_secs(300)));
    assert_eq!((plan.steps[3].timeout, plan.steps[3].optional), (Some(3 * DAY), false));
    assert_eq!((plan.steps[5].timeout, plan.steps[5].optional), (Some(14 * DAY), true));
    assert_eq!(plan.steps[0].retry, RetryPolicy::default());
}

fn heard(event: &RecordedEvent) -> Vec<String> {
    Checkout::definition().unwrap().heard(event).unwrap().into_iter().map(|heard| heard.key).collect()
}

#[test]
fn an_event_is_for_the_instance_that_its_key_says() {
    let bought = CartEvent::Bought { total: 1, shelves: Vec::new() };
    assert_eq!(heard(&record(("cart", "c1"), &bought)), ["c1"], "the id of its stream");
    assert_eq!(heard(&record(("payment", "7"), &PaymentEvent::Refused { cart: "c2".into() })), ["c2"]);
    assert_eq!(heard(&record(("shelf", "milk"), &ShelfEvent::PutBack { cart: "c3".into() })), ["c3"]);
    assert!(heard(&record(("shelf", "milk"), &ShelfEvent::Taken { cart: "c3".into() })).is_empty());
}

fn bought(total: u64, shelves: &[&str]) -> CartEvent {
    CartEvent::Bought { total, shelves: shelves.iter().map(|shelf| (*shelf).to_owned()).collect() }
}

fn cart() -> String {
    "c".to_owned()
}

#[test]
fn what_was_done_is_undone_in_reverse() {
    given_saga::<Checkout>()
        .begun_by::<Cart>(&cart(), bought(5, &["milk", "tea"]))
        .does("open")
        .sends((Open { cart: cart() }, [Take { shelf: "milk".into(), cart: cart() }, Take { shelf: "tea".into(), cart: cart() }]))
        .succeeds()
        .does("pay")
        .returns(6_u64)
        .then_state(|checkout| assert_eq!(checkout.payment, Some(6)))
        .does("look_around")
        .sends_nothing()
        .succeeds()
        .awaits("confirmed")
        .hears_of::<Payment>(&7, PaymentEvent::Refused { cart: cart() })
        .then_state(|checkout| assert_eq!(checkout.why, "payment 7 was refused"))
        .undoes("pay")
        .succeeds()
        .undoes("open")
        .sends((
            [PutBack { shelf: "milk".into(), cart: cart() }, PutBack { shelf: "tea".into(), cart: cart() }],
            Abandon { cart: cart(), why: "payment 7 was refused".into() },
        ))
        .succeeds()
        .then_ended(Phase::Compensated);
}

#[test]
fn the_failure_of_a_step_goes_to_its_own_method() {
    given_saga::<Checkout>()
        .begun_by::<Cart>(&cart(), bought(5, &[]))
        .does("open")
        .succeeds()
        .does("pay")
        .is_rejected("no")
        .then_state(|checkout| assert_eq!((checkout.declined, checkout.why.as_str()), (true, "pay says no")));
    given_saga::<Checkout>()
        .begun_by::<Cart>(&cart(), bought(5, &[]))
        .does("open")
        .is_rejected("no")
        .then_state(|checkout| assert_eq!((checkout.declined, checkout.why.as_str()), (false, "no")));
}

#[test]
fn the_event_that_is_awaited_may_stay_away() {
    let at_the_wait = || {
        let begun = given_saga::<Checkout>().begun_by::<Cart>(&cart(), bought(5, &[]));
        begun.does("open").succeeds().does("pay").returns(6_u64).does("look_around").succeeds().awaits("confirmed")
    };
    at_the_wait().after(3 * DAY).undoes("pay");
    at_the_wait()
        .hears_of::<Payment>(&7, PaymentEvent::Confirmed { cart: cart(), receipt: 9 })
        .does("leave")
        .sends(Leave { cart: cart() })
        .succeeds()
        .awaits("brought_back")
        .after(14 * DAY)
        .then_state(|checkout| assert_eq!((checkout.receipt, checkout.returned.as_str()), (Some(9), "nothing")))
        .then_ended(Phase::Completed);
}

async fn shop(test: &TestEnv, till: &Arc<Till>) -> Result<App, StartError> {
    let bank: Arc<dyn Bank> = Arc::new(Generous);
    App::new(Arc::new(MemoryStore::new()))
        .env(test.env())
        .aggregate::<Cart>()
        .aggregate::<Shelf>()
        .aggregate::<Payment>()
        .service(Arc::clone(till))
        .service(bank)
        .saga::<Checkout>()
        .start()
        .await
}

fn buy(cart: &str, total: u64, shelf: &str) -> Buy {
    Buy { cart: cart.into(), total, shelves: vec![shelf.into()] }
}

#[tokio::test]
async fn a_checkout_ends_as_a_whole() -> TestResult {
    let (test, till) = (TestEnv::seeded(1), Arc::new(Till::default()));
    test.run(async {
        let app = shop(&test, &till).await?;
        app.send(buy("c", 5, "milk")).await?;
        app.settled().await?;
        assert_eq!(app.load::<Shelf>(&"milk".to_owned()).await?.state.taken, ["c"]);
        let keys = till.charged.lock().unwrap().clone();
        assert_eq!((keys.len(), keys[0] == keys[1]), (2, true), "one key for both attempts");

        app.send(Settle { payment: 6, cart: "c".into(), receipt: Some(0) }).await?;
        app.send(Settle { payment: 7, cart: "c".into(), receipt: Some(9) }).await?;
        app.settled().await?;
        assert_eq!(app.load::<Cart>(&"c".to_owned()).await?.state.events, ["bought", "opened", "left"]);

        app.send(PutBack { shelf: "milk".into(), cart: "c".into() }).await?;
        app.settled().await?;
        let ended = app.saga::<Checkout>()?.get("c").await?.expect("the checkout has begun");
        assert_eq!(ended.phase(), Phase::Completed);
        assert_eq!((ended.state.payment, ended.state.receipt, ended.state.returned.as_str()), (Some(6), Some(9), "milk"));
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_checkout_that_fails_is_undone() -> TestResult {
    let (test, till) = (TestEnv::seeded(1), Arc::new(Till::default()));
    test.run(async {
        let app = shop(&test, &till).await?;
        app.send(buy("poor", 5_000, "milk")).await?;
        app.send(buy("late", 5, "milk")).await?;
        app.send(buy("keen", 5, "empty")).await?;
        app.settled().await?;
        app.env().sleep_until(app.env().now().after(3 * DAY)).await;
        app.settled().await?;

        let carts = [("poor", "dropped: pay says declined"), ("late", "dropped: nothing came in time")];
        for (cart, end) in carts {
            assert_eq!(app.saga::<Checkout>()?.get(cart).await?.map(|it| it.phase()), Some(Phase::Compensated), "{cart}");
            assert_eq!(app.load::<Cart>(&cart.to_owned()).await?.state.events, ["bought", "opened", end]);
        }
        assert_eq!(app.load::<Cart>(&"keen".to_owned()).await?.state.events, ["bought"], "all commands of a step, or none");
        assert!(app.load::<Shelf>(&"milk".to_owned()).await?.state.taken.is_empty());
        let (charged, refunded) = (till.charged.lock().unwrap().clone(), till.refunded.lock().unwrap().clone());
        assert_eq!((refunded.len(), charged.contains(&refunded[0])), (1, true), "only what was paid, by the key of the payment");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_service_that_is_missing_is_named_at_the_start() {
    let app = App::new(Arc::new(MemoryStore::new())).aggregate::<Cart>().aggregate::<Shelf>().service(Arc::new(Till::default()));
    let error = app.saga::<Checkout>().start().await.expect_err("there is no bank");
    let cause = error.source().expect("the cause is said").to_string();
    assert!(cause.contains("dyn macros::saga_domain::Bank"), "{cause}");
}
