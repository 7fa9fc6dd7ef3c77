//! Sagas in virtual time, and what a scenario says that is wrong: `tests/snapshots/sagas__*.snap`.

mod failing;
#[path = "sagas/shop.rs"]
mod shop;

use std::time::Duration;

use annals::Services;
use annals::saga::Phase;
use annals_testing::{GivenSaga, SagaScenario, given_saga};
use failing::{failure, without_lines};
use shop::*;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn id(id: &str) -> String {
    id.to_owned()
}

/// A checkout of one order, by the event that begins it.
fn placed() -> SagaScenario<Checkout> {
    given_saga().begun_by::<Order>(&id("A-17"), OrderEvent::Placed { product: "tea".into() })
}

fn charged() -> SagaScenario<Checkout> {
    placed().does("reserve").succeeds().does("charge").returns(7_u64)
}

fn confirmed() -> SagaScenario<Checkout> {
    charged().hears_of::<Bank>(&id("A-17"), BankEvent::Confirmed { receipt: "R-1".into() })
}

#[test]
fn a_checkout_goes_forward() {
    charged()
        .awaits("confirm")
        .hears_of::<Bank>(&id("A-17"), BankEvent::Confirmed { receipt: "R-1".into() })
        .then_state(|it| assert_eq!((it.payment, it.receipt.as_deref()), (Some(7), Some("R-1"))))
        .does("ship")
        .sends((Ship { order: id("A-17") }, Sold { product: id("tea") }))
        .succeeds()
        .does("thank")
        .fails("no line")
        .waits()
        .does("thank")
        .succeeds()
        .then_ended(Phase::Completed);
}

#[test]
fn a_no_undoes_in_reverse_order() {
    confirmed()
        .does("ship")
        .is_rejected_with(Refused)
        .undoes("charge")
        .fails("no line")
        .waits()
        .undoes("charge")
        .succeeds()
        .undoes("reserve")
        .sends(Release { product: id("tea"), order: id("A-17") })
        .succeeds()
        .then_undone(["charge", "reserve"])
        .then_state(|it| assert_eq!(it.failure.as_deref(), Some("ship: no")))
        .then_ended(Phase::Compensated);
    confirmed().is_rejected("no").undoes_all(["charge", "reserve"]).then_ended(Phase::Compensated);
}

#[test]
fn a_call_that_hangs_is_given_up() {
    placed().succeeds().does("charge").hangs().undoes_all(["charge", "reserve"]).then_ended(Phase::Compensated);
    placed().succeeds().after(9 * SECOND).does("charge").after(SECOND).undoes("charge");
    // After the pivot there is no way back: each attempt is given up by itself.
    confirmed().succeeds().does("thank").hangs().waits().does("thank").hangs().waits().succeeds().then_ended(Phase::Completed);
}

#[test]
fn an_event_comes_early_late_or_never() {
    let confirmed = || BankEvent::Confirmed { receipt: "R-1".into() };
    placed()
        .hears_of::<Bank>(&id("A-17"), confirmed())
        .does("reserve")
        .succeeds()
        .does("charge")
        .returns(7_u64)
        .does("ship")
        .ignores::<Bank>(&id("A-17"), confirmed());
    charged().waits_for(3 * DAY).undoes("charge").ignores::<Bank>(&id("A-17"), confirmed());
    charged().after(2 * DAY).awaits("confirm").ignores::<Bank>(&id("B-18"), confirmed());
    charged().hears_of::<Bank>(&id("A-17"), BankEvent::Declined).undoes_all(["charge", "reserve"]).then_ended(Phase::Compensated);
}

#[tokio::test]
async fn an_activity_is_called_for_real() {
    let mut services = Services::default();
    services.insert(Gateway { accepts: true });
    let scenario = placed().succeeds().does("charge").calls(&services).await;
    let scenario = scenario.then_state(|it| assert_eq!(it.payment, Some(3))).awaits("confirm").waits();
    scenario.undoes("charge").calls(&services).await.undoes("reserve").succeeds().then_ended(Phase::Compensated);

    let mut services = Services::default();
    services.insert(Gateway { accepts: false });
    placed().succeeds().calls(&services).await.undoes("reserve").succeeds().then_undone(["reserve"]);
}

#[test]
fn an_operator_lets_it_go_on() {
    placed()
        .succeeds()
        .does("charge")
        .breaks("a bug")
        .then_suspended()
        .is_resumed()
        .does("charge")
        .returns(1_u64)
        .awaits("confirm");
}

/// A saga that reacts, from its first event.
fn subscribed() -> SagaScenario<Renewal> {
    given_saga().begun_by::<Order>(&id("A-17"), OrderEvent::Placed { product: "tea".into() })
}

#[test]
fn a_reaction_sends_now_and_later() {
    subscribed()
        .sends(Reserve { product: id("tea"), order: id("A-17") })
        .puts_off(30 * DAY, Ship { order: id("A-17") })
        .after(29 * DAY)
        .sends_nothing()
        .after(DAY)
        .sends(Ship { order: id("A-17") })
        .succeeds()
        .puts_off_nothing()
        .then_state(|it| assert_eq!(it.refused, None));
    subscribed().succeeds().waits_for(30 * DAY).sends(Ship { order: id("A-17") });
}

#[test]
fn a_reaction_cancels_what_was_put_off_and_ends() {
    subscribed().hears_of::<Order>(&id("A-17"), OrderEvent::Cancelled).puts_off_nothing().then_ended(Phase::Completed);
    subscribed().ignores::<Order>(&id("B-18"), OrderEvent::Cancelled);
}

#[test]
fn a_rejected_command_is_reacted_to() {
    subscribed()
        .is_rejected_with(Refused)
        .then_state(|it| assert_eq!(it.refused.as_deref(), Some("tea: no")))
        .sends(Sold { product: id("tea") })
        .fails("no line")
        .waits()
        .succeeds()
        .waits()
        .is_rejected_with(Refused)
        .then_suspended();
}

#[test]
fn what_comes_while_it_is_suspended_is_kept() {
    subscribed()
        .hears_of::<Order>(&id("A-17"), OrderEvent::Placed { product: "poison".into() })
        .then_suspended()
        .hears_of::<Order>(&id("A-17"), OrderEvent::Cancelled)
        .is_resumed()
        .then_suspended();
    subscribed()
        .is_rejected_with(Refused)
        .succeeds()
        .waits()
        .is_rejected_with(Refused)
        .then_suspended()
        .hears_of::<Order>(&id("A-17"), OrderEvent::Cancelled)
        .sends_nothing()
        .is_resumed()
        .sends(Release { product: id("tea"), order: id("A-17") })
        .then_ended(Phase::Completed);
}

macro_rules! snapshot {
    ($name:ident, $scenario:expr) => {
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(without_lines(&failure(|| _ = $scenario)));
            });
        }
    };
}

snapshot!(another_step, charged().does("ship"));
snapshot!(
    a_step_after_the_way_back,
    confirmed().after(SECOND).is_rejected("no such address").undoes("charge").fails("no line").does("thank")
);
snapshot!(other_commands, placed().sends(Reserve { product: id("coffee"), order: id("A-17") }));
snapshot!(commands_of_several_types, confirmed().sends(Ship { order: id("A-18") }));
snapshot!(no_commands, charged().sends(Ship { order: id("A-17") }));
snapshot!(an_outcome_where_there_is_no_step, charged().succeeds());
snapshot!(an_event_for_another_instance, charged().hears_of::<Bank>(&id("B-18"), BankEvent::Declined));
snapshot!(an_event_that_means_nothing, confirmed().hears_of::<Bank>(&id("A-17"), BankEvent::Declined));
snapshot!(an_event_that_should_be_ignored, charged().ignores::<Bank>(&id("A-17"), BankEvent::Declined));
snapshot!(
    an_event_that_begins_nothing,
    GivenSaga::<Checkout>::begun_by::<Order>(given_saga(), &id("A-17"), OrderEvent::Cancelled)
);
snapshot!(another_end, confirmed().is_rejected("no").undoes_all(["charge"]).then_ended(Phase::Completed));
snapshot!(
    another_order_of_undoing,
    confirmed().is_rejected("no").undoes_all(["charge", "reserve"]).then_undone(["reserve", "charge"])
);
snapshot!(another_wait, charged().waits_for(2 * DAY));
snapshot!(not_suspended, charged().then_suspended());
snapshot!(suspended, placed().succeeds().breaks("it panicked").returns(7_u64));
snapshot!(a_call_that_would_hang_for_ever, placed().hangs());
snapshot!(a_reaction_that_puts_off_other_commands, subscribed().puts_off(DAY, Ship { order: id("A-17") }));
snapshot!(a_reaction_with_a_long_history, {
    let rejected = subscribed().is_rejected_with(Refused).succeeds().after(31 * DAY);
    rejected.hears_of::<Order>(&id("A-17"), OrderEvent::Cancelled).sends(Ship { order: id("A-17") })
});
