//! Property tests of aggregates, and what they say of an aggregate with a flaw: `tests/snapshots/property__*.snap`.
#![cfg(feature = "proptest")]

#[path = "property/club.rs"]
mod club;
mod failing;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use annals::{CommandId, ParseTimestampError, Timestamp};
use annals_testing::ManualClock;
use annals_testing::property::{Commands, Config, commands};
use annals_testing::proptest::prelude::*;
use annals_testing::proptest::test_runner::RngSeed;
use club::{Club, ClubEvent, Flaw, Join, Leave, Pay, Price, Remind, Spend};
use failing::{failure, without_lines};

const DAY: Duration = Duration::from_secs(86_400);

fn repeatable() -> Config {
    Config { failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..Config::default() }
}

fn join(member: u8) -> Join {
    Join { club: "chess".into(), member: member.to_string() }
}

/// Commands of a club that are accepted and rejected in turn.
fn all() -> Commands<Club> {
    commands::<Club>()
        .service(Price(10))
        .of(0..8_u8, join)
        .of(0..8_u8, |member| Leave { club: "chess".into(), member: member.to_string() })
        .of(1..1_000_i64, |amount| Pay { club: "chess".into(), amount })
        .of(1..1_000_i64, |amount| Spend { club: "chess".into(), amount })
        .weight(2)
        .just(|| Remind { club: "chess".into() })
        .config(repeatable())
}

fn with(flaw: Flaw) -> Commands<Club> {
    all().given([ClubEvent::Founded { flaw }])
}

macro_rules! snapshot {
    ($name:ident, $commands:expr, $property:expr) => {
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(without_lines(&failure(|| $commands.check($property))));
            });
        }
    };
}

#[test]
fn a_property_that_holds_is_found_to_hold() {
    let (accepted, rejected, events) = (Cell::new(0), Cell::new(0), Cell::new(0));
    with(Flaw::None).check(|history| {
        history.always(|club| assert!(club.balance >= 0));
        history.each(|decision| {
            assert!(decision.events().is_empty() || !decision.is_rejected());
            if let Some(spend) = decision.command::<Spend>()
                && !decision.is_rejected()
            {
                assert_eq!(decision.before().balance - decision.after().balance, spend.amount);
            }
        });
        accepted.set(accepted.get() + history.accepted());
        rejected.set(rejected.get() + history.rejected());
        events.set(events.get() + history.events().count());
    });
    assert!(accepted.get() > 1_000 && rejected.get() > 1_000 && events.get() > 1_000);
}

snapshot!(a_flaw_that_takes_two_commands_with_values_that_belong_together, with(Flaw::Fee), |history| {
    history.always(|club| assert!(club.balance >= 0, "the till is short of {}", -club.balance));
});
snapshot!(a_flaw_that_takes_four_commands_of_forty, with(Flaw::FourthMember).up_to(60), |history| {
    history.always(|club| assert!(club.members.len() < 4, "there are four chairs, and one is broken"));
});
snapshot!(a_decision_that_is_not_pure, with(Flaw::Impure), |_| {});
snapshot!(a_decision_that_panics, with(Flaw::PanicInDecide), |_| {});
snapshot!(an_event_that_cannot_be_taken_in, with(Flaw::PanicInEvolve), |_| {});
snapshot!(an_event_that_forgets, with(Flaw::Forgets), |_| {});
snapshot!(an_event_that_forgets_by_its_state, with(Flaw::Forgets).comparing_states(), |_| {});
snapshot!(an_event_that_is_another_one_when_it_is_read, with(Flaw::Lies), |_| {});
snapshot!(a_decision_that_breaks_a_rule, with(Flaw::None), |history| {
    history.each(|decision| assert!(decision.events().is_empty(), "{:?} comes to something", decision.name()));
});
snapshot!(a_property_of_the_whole, with(Flaw::None), |history| {
    assert!(history.events().count() < 3, "that is a lot");
});
snapshot!(time_that_passes, with(Flaw::None).pauses_up_to(DAY), |history| {
    let last = Cell::new(None::<Timestamp>);
    history.each(|decision| {
        if decision.command::<Remind>().is_some() {
            let last = last.replace(Some(decision.now()));
            assert!(last.is_none_or(|last| decision.now().since(last) < DAY / 3), "they forget us");
        }
    });
});
snapshot!(commands_for_two_aggregates, all().of(0..9_u8, |n| Pay { club: n.to_string(), amount: 1 }), |_| {});
snapshot!(a_service_that_is_missing, commands::<Club>().of(0..8_u8, join).config(repeatable()), |_| {});
snapshot!(no_commands, commands::<Club>().config(repeatable()), |_| {});
snapshot!(
    a_run_that_shows_nothing,
    commands::<Club>()
        .of(1..9_i64, |amount| Pay { club: "chess".into(), amount })
        .of(10..1_000_i64, |amount| Spend { club: "chess".into(), amount })
        .of_state(Just(()), |_, ()| None::<Remind>)
        .up_to(1)
        .config(repeatable()),
    |_| {}
);

#[test]
fn what_is_to_be_rejected_may_be() {
    commands::<Club>()
        .of(1..1_000_i64, |amount| Spend { club: "chess".into(), amount })
        .even_if_rejected()
        .config(repeatable())
        .check(|history| assert_eq!(history.accepted(), 0));
}

#[test]
fn commands_may_be_made_from_the_state_they_meet() {
    commands::<Club>()
        .service(Price(10))
        .of(0..200_u8, join)
        .of_state(any::<prop::sample::Index>(), |club, index| {
            let members: Vec<_> = club.members.iter().cloned().collect();
            if members.is_empty() { None } else { Some(Leave { club: "chess".into(), member: index.get(&members).clone() }) }
        })
        .of_state(0..=100_i64, |club, percent| Some(Spend { club: "chess".into(), amount: club.balance * percent / 100 }))
        .config(repeatable())
        .check(|history| {
            history.each(|decision| assert!(!decision.is_rejected() || decision.name() == "join"));
        });
}

#[test]
fn time_passes_and_every_command_has_an_identity_of_its_own() {
    let ids = RefCell::new(BTreeSet::<CommandId>::new());
    let longest = Cell::new(Duration::ZERO);
    all().pauses_up_to(30 * DAY).check(|history| {
        let last = Cell::new(Timestamp::EPOCH);
        history.each(|decision| {
            longest.set(longest.get().max(decision.now().since(last.replace(decision.now()))));
            assert!(decision.now() >= last.get());
        });
        for event in history.events() {
            if let ClubEvent::Reminded { by, .. } = event {
                assert!(ids.borrow_mut().insert(*by), "two commands have one identity");
            }
        }
    });
    assert!(longest.get() > DAY && ids.borrow().len() > 100);
}

#[test]
fn a_run_repeats_with_its_seed() {
    let run = || {
        let seen = RefCell::new(Vec::new());
        all().check(|history| seen.borrow_mut().push(format!("{history:?}")));
        seen.into_inner()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_history_begins_when_the_test_says() -> Result<(), ParseTimestampError> {
    let start: Timestamp = "2031-05-06T07:08:09Z".parse()?;
    all().at(start).pauses_up_to(DAY).check(|history| {
        history.each(|decision| assert!(decision.now() >= start && decision.now() <= start.after(40 * DAY)));
    });
    all().pauses_up_to(Duration::ZERO).check(|history| history.each(|decision| assert_eq!(decision.now(), ManualClock::START)));
    Ok(())
}

snapshot!(a_command_that_was_rejected_at_a_moment, all().at(Timestamp::EPOCH), |history| {
    history.each(|decision| assert!(decision.name() != "leave" || !decision.is_rejected(), "nobody may leave"));
});

#[test]
fn so_many_histories_are_tried() {
    let count = Cell::new(0);
    all().cases(17).check(|_| count.set(count.get() + 1));
    assert_eq!(count.get(), 17);
}

/// A run whose seed is drawn says how to repeat it, and leaves no files beside the sources.
#[test]
fn a_failed_run_names_its_seed_and_writes_no_files() {
    let fails = |commands: Commands<Club>| {
        let commands =
            commands.service(Price(10)).of(0..200_u8, join).of(1..1_000_i64, |amount| Pay { club: "chess".into(), amount });
        failure(|| commands.check(|history| assert!(history.state().balance < 1_000, "too rich")))
    };
    let first = fails(commands());
    let (told, seed) = first.rsplit_once("\nto run it again: PROPTEST_RNG_SEED=").expect("it names its seed");
    let seed = RngSeed::Fixed(seed.parse().expect("a number"));
    let again = fails(commands().config(Config { rng_seed: seed, ..repeatable() }));
    assert_eq!(again.trim_end(), told.trim_end());

    let files = std::fs::read_dir("tests").expect("the folder of this test");
    let names: Vec<_> = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().all(|name| !name.contains("regressions")), "{names:?}");
}

proptest! {
    #![proptest_config(repeatable())]

    #[test]
    fn histories_are_a_strategy_beside_others(history in all(), most in 40..50_usize) {
        history.always(|club| assert!(club.balance >= 0));
        prop_assert!(history.accepted() + history.rejected() <= most);
    }
}

#[test]
fn in_proptest_a_failure_is_the_shortest_history_too() {
    let test = || {
        proptest!(repeatable(), |(history in with(Flaw::Fee))| {
            history.always(|club| assert!(club.balance >= 0, "the till is short"));
        });
    };
    let text = failure(test);
    assert!(text.starts_with("Test failed: after command 2, `spend`: the till is short"), "{text}");
    assert!(text.contains("   2. spend ") && !text.contains("   3. "), "{text}");
}

/// Where a payment and a spending of as much are needed, two commands are shown, whatever was drawn at first.
#[test]
fn the_shortest_history_is_short_from_wherever_it_starts() {
    for seed in 100..110 {
        let config = Config { rng_seed: RngSeed::Fixed(seed), ..repeatable() };
        let test = || {
            with(Flaw::Fee).config(config).check(|history| {
                history.always(|club| assert!(club.balance >= 0));
            });
        };
        let text = failure(test);
        assert!(text.contains("   2. spend ") && !text.contains("   3. "), "seed {seed}: {text}");
    }
}
