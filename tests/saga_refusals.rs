//! Steps that may say no: the saga goes on without them, and does something else instead.

mod support;

use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, Phase};
use annals_testing::{given_saga, given_saga_with};
use serde::{Deserialize, Serialize};
use support::*;

/// A rent, paid from one account or from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rent {
    amount: u64,
    refusal: Option<String>,
    undone_for: String,
}

fn rent(amount: u64) -> Rent {
    Rent { amount, refusal: None, undone_for: String::new() }
}

#[saga(manual)]
impl Rent {
    #[step]
    fn pay(&self) -> Withdraw {
        withdraw("wallet", self.amount)
    }

    #[undo(pay)]
    fn pay_back(&self) -> Deposit {
        deposit("wallet", self.amount)
    }

    #[rejected(pay)]
    fn wallet_is_empty(&mut self, no: &Failure) {
        self.refusal = Some(format!("{}: {}", no.step, no.reason));
    }

    #[step]
    fn pay_from_savings(&self) -> Option<Withdraw> {
        self.refusal.as_ref().map(|_| withdraw("savings", self.amount))
    }

    #[undo(pay_from_savings)]
    fn save_again(&self) -> Option<Deposit> {
        self.refusal.as_ref().map(|_| deposit("savings", self.amount))
    }

    #[step(pivot)]
    fn receive(&self) -> Deposit {
        deposit("landlord", self.amount)
    }

    #[step]
    fn send_a_coin(&self) -> Withdraw {
        withdraw("pocket", 1)
    }

    #[rejected(send_a_coin)]
    fn no_coin(&mut self, _: &Failure) {}

    #[failure]
    fn failed(&mut self, failure: &Failure) {
        self.undone_for = failure.reason.clone();
    }
}

async fn balances(app: &App) -> Result<[u64; 3], annals::LoadError> {
    let mut balances = [0; 3];
    for (at, account) in ["wallet", "savings", "landlord"].into_iter().enumerate() {
        balances[at] = app.load::<Account>(&account.to_owned()).await?.state.balance;
    }
    Ok(balances)
}

#[tokio::test]
async fn what_an_aggregate_refuses_is_done_another_way() -> TestResult {
    for fresh in stores().await {
        for (amount, phase, expected) in
            [(3, Phase::Completed, [2, 9, 3]), (8, Phase::Completed, [2, 1, 11]), (7, Phase::Compensated, [2, 1, 11])]
        {
            let app = App::new(fresh.store.clone()).aggregate::<Account>().saga::<Rent>().start().await?;
            if amount == 3 {
                app.send(deposit("wallet", 5)).await?;
                app.send(deposit("savings", 9)).await?;
            }
            let rents = app.saga::<Rent>()?;
            let key = format!("of-{amount}");
            rents.start(&key, &rent(amount)).await?;
            app.settled().await?;
            let ended = rents.get(&key).await?.expect("it was started");
            assert_eq!((ended.phase(), balances(&app).await?), (phase, expected), "{amount}");
            let refusal = (amount > 3).then(|| "pay: only 2 left".to_owned());
            assert_eq!(ended.state.refusal, refusal);
            let names: Vec<_> = rents.history(&key).await?.iter().map(|event| event.record.name.to_string()).collect();
            assert_eq!(names.contains(&"$saga.step_declined".to_owned()), amount > 3 || phase == Phase::Completed);
            // Only what undoes the saga is a failure of it.
            assert_eq!(ended.state.undone_for, if phase == Phase::Compensated { "only 1 left" } else { "" });
            app.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}

#[test]
fn the_test_kit_says_no() {
    given_saga::<Rent>()
        .begun("r", rent(5))
        .does("pay")
        .is_rejected("only 2 left")
        .does("pay_from_savings")
        .sends(withdraw("savings", 5))
        .succeeds()
        .does("receive")
        .is_rejected("the account is closed")
        .undoes("pay_from_savings")
        .sends(deposit("savings", 5))
        .succeeds()
        .then_ended(Phase::Compensated);
    // A step that was given up is no answer.
    given_saga::<Rent>().begun("r", rent(5)).does("pay").breaks("panic").then_suspended();
}

#[test]
fn a_step_that_is_left_out_is_drawn_as_a_way_forward() -> TestResult {
    let drawn = annals::describe::saga::<Rent>()?.to_mermaid();
    assert!(drawn.contains("    do_pay -. no .-> do_pay_from_savings\n"), "{drawn}");
    assert!(drawn.contains("    do_send_a_coin -. no .-> completed\n"), "{drawn}");
    assert!(!drawn.contains("do_pay -. no .-> compensated"), "{drawn}");
    assert!(drawn.contains("do_pay_from_savings -. no .-> undo_pay\n"), "{drawn}");
    Ok(())
}

/// A person is asked; a "no" is an answer, and silence is none.
fn asked(pivot_first: bool) -> Result<Definition<Option<bool>>, InvalidSaga> {
    let answers = |event: &AccountEvent, _: &EventContext<'_>| match event {
        AccountEvent::Deposited { .. } => Some(Ok(true)),
        AccountEvent::Closed => Some(Err("no".to_owned())),
        AccountEvent::Withdrawn { .. } => None,
    };
    let key = |_: &AccountEvent, context: &EventContext<'_>| Some(context.stream_id().to_owned());
    let beginning = Definition::<Option<bool>>::named("question").step("ask").command(|_| deposit("fee", 1));
    let week = Duration::from_secs(7 * 86_400);
    if pivot_first {
        let asked = beginning.pivot().step("answer").wait(key, answers).outcome(|it, yes| *it = Some(yes));
        asked.rejected(|it, _| *it = Some(false)).build()
    } else {
        let asked = beginning.undo(|_| withdraw("fee", 1)).step("answer").wait(key, answers).timeout(week);
        asked.outcome(|it, yes| *it = Some(yes)).rejected(|it, _| *it = Some(false)).build()
    }
}

#[test]
fn an_event_that_says_no_is_an_answer() {
    for pivot_first in [false, true] {
        let ask = || given_saga_with(asked(pivot_first)).begun("q", None).does("ask").succeeds().awaits("answer");
        let by = "q".to_owned();
        ask()
            .hears_of::<Account>(&by, AccountEvent::Closed)
            .then_state(|it| assert_eq!(*it, Some(false)))
            .then_ended(Phase::Completed);
        ask().hears_of::<Account>(&by, AccountEvent::Deposited { amount: 1 }).then_state(|it| assert_eq!(*it, Some(true)));
    }
    let week = Duration::from_secs(7 * 86_400);
    let silent = given_saga_with(asked(false)).begun("q", None).does("ask").succeeds().awaits("answer").waits_for(week);
    silent.undoes("ask").succeeds().then_state(|it| assert_eq!(*it, None)).then_ended(Phase::Compensated);
}
