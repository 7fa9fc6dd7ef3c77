//! The compliance suite notices what is wrong with a store, and says which line of the contract it breaks.

use annals_store_memory::MemoryStore;
use annals_testing::broken::*;
use annals_testing::compliance;

/// Runs the whole suite on a store with a flaw, and checks that it fails the checks that are named.
fn assert_rejected<F: Flaw>(flaw: impl Fn() -> F, by: &[&str]) {
    let outcomes = compliance::run(async || Broken::new(MemoryStore::new(), flaw()));
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.result.is_err()).map(|outcome| outcome.check).collect();
    for check in by {
        assert!(outcomes.iter().any(|outcome| outcome.check == *check), "there is no check `{check}`");
        assert!(failed.contains(check), "`{check}` lets the flaw pass; noticed by {failed:?}");
    }
    println!("noticed by {failed:#?}");
}

struct NoFlaw;

impl Flaw for NoFlaw {}

#[test]
fn a_store_without_flaw_passes() {
    for outcome in compliance::run(async || Broken::new(MemoryStore::new(), NoFlaw)) {
        assert_eq!(outcome.result, Ok(()), "{}", outcome.check);
    }
}

macro_rules! rejected {
    ($($test:ident: $flaw:ty, $($check:ident)*;)*) => {
        $(
            #[test]
            fn $test() {
                assert_rejected(<$flaw>::default, &[$(stringify!($check)),*]);
            }
        )*
    };
}

rejected! {
    a_torn_append_is_noticed: TornAppend,
        one_failed_expectation_leaves_nothing_on_any_stream;
    a_missing_version_check_is_noticed: NoVersionCheck,
        no_stream_is_met_only_by_a_stream_without_events
        exists_is_met_only_by_a_stream_with_events
        an_exact_version_is_met_only_by_that_version
        of_racers_for_one_version_exactly_one_wins
        random_appends_come_to_what_a_simple_model_says;
    an_unchecked_stream_is_noticed: UncheckedStream,
        a_stream_without_new_events_is_only_checked
        a_checked_stream_does_not_change_before_the_append
        a_stream_that_is_only_checked_was_seen_up_to_the_append;
    a_reader_that_skips_is_noticed: SkippingReader,
        a_reader_skips_nothing_while_many_write;
    a_reused_position_is_noticed: ReusedPosition,
        positions_increase_strictly_and_are_never_reused
        the_log_is_read_in_pages;
    a_reader_that_overreaches_is_noticed: OverreachingReader,
        a_page_never_scans_past_what_can_still_appear;
    a_reader_that_stands_still_is_noticed: StuckReader,
        scanned_to_moves_on_when_nothing_matches;
    tags_as_alternatives_are_noticed: TagsAsAlternatives,
        a_filter_finds_by_tags_that_all_must_be_there;
    a_stale_condition_is_noticed: StaleCondition,
        of_appends_that_exclude_one_another_exactly_one_succeeds
        a_decision_is_never_based_on_less_than_what_came_before_it
        a_stock_guarded_by_a_condition_is_never_oversold;
    a_forgotten_append_id_is_noticed: ForgottenAppendId,
        a_repeated_append_answers_however_many_events_came_since;
    a_racing_append_id_is_noticed: RacingAppendId,
        concurrent_duplicates_are_stored_once
        concurrent_decisions_under_one_id_are_stored_once;
    a_rewritten_body_is_noticed: RewrittenBody,
        bodies_come_back_byte_for_byte;
    a_truncated_body_is_noticed: TruncatedBody,
        a_body_up_to_the_limit_is_stored;
    mixed_tenants_are_noticed: MixedTenants,
        tenants_are_kept_apart;
    a_half_cancelled_append_is_noticed: HalfCancelledAppend,
        an_append_that_is_dropped_is_done_or_not_done;
    effects_written_afterwards_are_noticed: EffectsAfterwards,
        an_effect_that_fails_leaves_no_event_and_no_other_effect;
    effects_written_beforehand_are_noticed: EffectsBeforehand,
        an_append_that_fails_leaves_no_effect;
    a_lost_wake_up_is_noticed: LostWakeUp,
        a_wake_up_is_never_missed;
    unfenced_views_are_noticed: UnfencedViews,
        a_commit_from_another_checkpoint_is_fenced_off
        of_racers_who_commit_from_one_checkpoint_exactly_one_wins;
    documents_deleted_beforehand_are_noticed: DeletedBeforehand,
        a_document_that_was_deleted_is_gone_until_it_is_written_again;
}
