//! Nothing stands in the README that no test covers: each of its points is listed here with the tests that hold it.

mod support;

use std::fs;

use support::repository;

/// A point, by words of it, and the tests: a file, and functions in it; of a case for the compiler the file alone.
type Claim = (&'static str, &'static [(&'static str, &'static [&'static str])]);

const CLAIMS: [Claim; 23] = [
    (
        "the macros write what is boring",
        &[("tests/face.rs", &["they_take_no_more_lines_than_promised_and_name_nothing_by_text"])],
    ),
    (
        "fails with the error type of that one command",
        &[
            ("tests/face.rs", &["an_account_is_opened_paid_into_and_never_overdrawn"]),
            ("tests/commands.rs", &["commands_of_several_processes_on_one_stream_are_decided_on_what_is_true"]),
        ],
    ),
    (
        "store their documents together with their checkpoint",
        &[
            ("tests/projections.rs", &["what_was_written_is_read_once_it_is_waited_for", "a_projection_goes_on_where_it_was"]),
            ("tests/sql_projections.rs", &["rows_are_read_once_they_are_waited_for"]),
        ],
    ),
    (
        "survive `kill -9` at any point",
        &[
            ("tests/order_saga_crash.rs", &["fifty_kills_lose_nothing_and_repeat_nothing"]),
            ("tests/faults.rs", &["each_append_and_commit_may_fail_or_be_the_last_of_its_process"]),
            ("tests/ui/saga/undo_after_the_pivot.rs", &[]),
        ],
    ),
    (
        "rights that deny by default, checks, an audit, timeouts",
        &[
            ("tests/layers/authorize.rs", &["without_a_rule_everything_is_refused"]),
            ("tests/layers/validate.rs", &["every_failure_of_a_command_is_told_and_nothing_is_loaded"]),
            ("tests/layers/audit.rs", &["what_is_accepted_rejected_refused_and_what_fails_is_recorded_alike"]),
            ("tests/layers/tower.rs", &["a_timeout_leaves_open_what_happened_and_the_id_tells"]),
        ],
    ),
    (
        "The same tests run on every store",
        &[
            ("store-sqlite/tests/opening.rs", &["what_was_acknowledged_is_there_after_reopening"]),
            ("tests/support/mod.rs", &["stores"]),
        ],
    ),
    (
        "Readers never skip what commits late",
        &[
            (
                "store-postgres/tests/no_skip.rs",
                &["each_reader_gets_exactly_what_was_committed_in_an_order_that_respects_every_stream"],
            ),
            ("store-postgres/tests/horizon.rs", &["a_naive_reader_skips_what_commits_late"]),
            ("store-postgres/tests/projections/feeding.rs", &["two_processes_that_feed_one_projection_take_each_event_in_once"]),
            ("store-postgres/tests/roles.rs", &["no_role_can_do_more_than_it_is_for"]),
        ],
    ),
    (
        "given/when/then, sagas in virtual time, faults and crashes on demand",
        &[
            ("testing/tests/sqlite.rs", &["rows_are_compared_in_the_order_of_the_query"]),
            ("testing/tests/faults.rs", &["random_faults_repeat_with_their_seed_and_lose_nothing"]),
        ],
    ),
    (
        "The format on disk (`docs/format.md`) is held by golden files",
        &[
            ("core/tests/format/main.rs", &["every_golden_file_is_compared"]),
            ("tests/format_events.rs", &["events_of_older_programs_are_what_they_are_in_the_golden_file"]),
        ],
    ),
    ("or the saga does not compile", &[("tests/ui/saga/undo_missing.rs", &[])]),
    ("may also wait for an event", &[("tests/saga_waits.rs", &["it_waits_and_goes_on_when_the_event_comes"])]),
    ("may react to events instead of having steps", &[("tests/saga_reactions.rs", &["it_sends_now_and_later_and_ends"])]),
    ("can be\nput off", &[("tests/schedule.rs", &["a_command_that_is_put_off_is_sent_when_it_is_due"])]),
    (
        "All pass the same compliance suite",
        &[
            ("testing/tests/rejects_broken_stores.rs", &[]),
            ("store-memory/tests/compliance.rs", &[]),
            ("store-postgres/tests/compliance.rs", &[]),
            ("store-sqlite/tests/compliance.rs", &[]),
        ],
    ),
    (
        "An append is one unit",
        &[
            ("testing/src/compliance/append.rs", &["one_failed_expectation_leaves_nothing_on_any_stream"]),
            ("testing/src/compliance/effects.rs", &["an_effect_that_fails_leaves_no_event_and_no_other_effect"]),
        ],
    ),
    ("never sees anything appear below it", &[("testing/src/compliance/races.rs", &["a_reader_skips_nothing_while_many_write"])]),
    (
        "A command under one id is applied at most once",
        &[("tests/commands.rs", &["a_command_sent_twice_is_applied_once_and_answers_alike"])],
    ),
    (
        "takes each event in exactly once, folded or in SQL",
        &[
            ("tests/projections.rs", &["two_processes_that_feed_one_projection_take_each_event_in_once"]),
            ("store-sqlite/tests/projections/feeding.rs", &["two_processes_that_feed_one_projection_take_each_event_in_once"]),
        ],
    ),
    (
        "waits for an operator (`suspended` lists those that do)",
        &[
            ("tests/sagas.rs", &["a_defect_suspends_until_an_operator_lets_it_go_on"]),
            ("core/src/saga/decide/tests.rs", &["undoing_that_fails_for_long_is_reported_and_goes_on"]),
        ],
    ),
    (
        "called **at least** once",
        &[
            ("tests/projections.rs", &["a_subscriber_gets_each_event_in_order_and_again_after_a_failure"]),
            ("tests/sagas.rs", &["what_fails_for_now_is_tried_again_under_the_same_key"]),
        ],
    ),
    ("eventually consistent until you wait", &[("tests/projections.rs", &["what_was_written_is_read_once_it_is_waited_for"])]),
    ("although it never happened", &[("tests/sagas.rs", &["what_may_have_happened_is_undone_and_what_was_refused_is_not"])]),
    ("may run the sagas of one store safely", &[("tests/sagas.rs", &["two_processes_that_run_one_saga_apply_each_step_once"])]),
];

#[test]
fn every_point_of_the_readme_has_tests() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    for (claim, tests) in CLAIMS {
        assert_eq!(readme.matches(claim).count(), 1, "the README says `{claim}` once");
        assert!(!tests.is_empty(), "{claim}");
        for (file, names) in tests {
            let source = fs::read_to_string(repository(file)).unwrap_or_else(|error| panic!("{claim}: {file}: {error}"));
            for name in *names {
                assert!(source.contains(&format!("fn {name}(")), "{claim}: there is no `{name}` in {file}");
            }
        }
    }
    let (points, _) = readme.split_once("\n## More\n").unwrap();
    for point in points.split("\n- ").skip(1) {
        let is_held = CLAIMS.iter().any(|(claim, _)| point.contains(claim));
        assert!(is_held, "say in `CLAIMS` which tests hold this point of the README:\n- {point}");
    }
}

#[test]
fn the_figures_of_the_readme_are_those_of_the_last_complete_run() {
    let read = |name| fs::read_to_string(repository(name)).unwrap();
    let (readme, measured) = (read("README.md"), read("docs/benchmarks.md"));
    let section = readme.split_once("\n## How fast\n").unwrap().1.split_once("\n## ").unwrap().0;
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 5, "a table with a head and a row for each workload: {rows:?}");
    for row in rows {
        assert!(measured.lines().any(|line| line == row), "`cargo xtask bench` did not write this:\n{row}");
    }
    let machine = measured.lines().find_map(|line| line.split_once("not by hand. ")).unwrap().1;
    let machine = machine.split_once(": cargo xtask bench").unwrap().0;
    assert!(section.replace('\n', " ").contains(machine), "the README says where it was measured: {machine}");
}
