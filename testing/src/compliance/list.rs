use super::Check;
use super::{
    append, cancellation, condition_races, conditions, effects, filters, integrity, keys, limits, messages, model, order, paging,
    races, retry, timers, views, waiting,
};

/// Lists every check once: as [`CHECKS`], and as the tests that `event_store_compliance!` expands to.
macro_rules! checks {
    ($dollar:tt $($module:ident { $($name:ident)* })*) => {
        /// Every check, in order of the contract.
        pub const CHECKS: &[Check] =
            &[$($(Check::new(stringify!($name), |subject| Box::pin($module::$name(subject)))),*),*];

        /// Expands to one test for each line of the contract of an event store.
        ///
        /// Its argument is a closure that gives a future of a fresh store, or of a
        /// [`Subject`](crate::compliance::Subject); see [`compliance`](crate::compliance).
        #[macro_export]
        macro_rules! event_store_compliance {
            ($dollar factory:expr) => {
                $($(
                    #[test]
                    fn $name() {
                        $crate::compliance::assert_check(stringify!($name), $dollar factory);
                    }
                )*)*
            };
        }
    };
}

checks! { $
    append {
        an_append_is_read_back_by_stream_and_by_log
        what_one_handle_appends_the_others_read_at_once
        an_append_reaches_several_streams_in_its_order
        one_failed_expectation_leaves_nothing_on_any_stream
        any_version_is_met_by_every_stream
        no_stream_is_met_only_by_a_stream_without_events
        exists_is_met_only_by_a_stream_with_events
        an_exact_version_is_met_only_by_that_version
        the_first_stream_that_is_not_as_expected_is_named
        a_stream_without_new_events_is_only_checked
    }
    order {
        versions_count_from_one_without_holes
        positions_increase_strictly_and_are_never_reused
        stream_and_log_tell_the_same_about_an_event
        checks_happen_in_the_order_of_the_contract
    }
    retry {
        an_append_that_is_sent_again_answers_with_the_first_outcome
        a_repeated_append_answers_however_many_events_came_since
        a_repeated_append_answers_whatever_it_contains
        a_conflict_is_decided_again_under_the_same_id
        an_append_that_was_never_sent_has_no_outcome
        concurrent_duplicates_are_stored_once
        concurrent_decisions_under_one_id_are_stored_once
    }
    integrity {
        bodies_come_back_byte_for_byte
        metadata_comes_back_byte_for_byte
        encodings_come_back_even_unknown_ones
        schema_versions_and_names_come_back
        identities_come_back_whatever_their_bytes
        tags_come_back_in_ascending_order
        stream_ids_of_any_script_stay_apart
        tenants_are_kept_apart
        categories_are_kept_apart
    }
    paging {
        a_stream_that_does_not_exist_is_empty
        a_stream_is_read_in_pages_both_ways
        a_page_of_a_stream_starts_where_it_is_asked_to
        a_page_ends_when_its_bytes_are_reached
        a_page_holds_one_event_however_large
        the_log_is_read_in_pages
        a_reader_past_the_end_stays_where_it_is
        a_page_never_scans_past_what_can_still_appear
        scanned_to_moves_on_when_nothing_matches
        an_unknown_log_is_named
    }
    filters {
        a_filter_without_criteria_finds_every_event_of_the_application
        a_filter_finds_by_category
        a_filter_finds_by_name
        a_filter_finds_by_tags_that_all_must_be_there
        everything_that_a_criterion_names_must_hold
        alternatives_find_each_event_once
        system_categories_are_found_only_where_they_are_named
        a_filter_finds_events_of_every_tenant
    }
    waiting {
        waiting_for_what_is_there_ends_at_once
        waiting_ends_when_an_append_comes
        every_waiter_is_woken
        a_wake_up_is_never_missed
        a_wait_that_is_dropped_disturbs_nobody
    }
    races {
        a_reader_skips_nothing_while_many_write
        a_reader_who_waits_sees_everything_once
        concurrent_appends_are_never_torn
        of_racers_for_one_version_exactly_one_wins
        a_checked_stream_does_not_change_before_the_append
        a_stream_that_is_only_checked_was_seen_up_to_the_append
        appends_over_the_same_streams_in_any_order_all_succeed
    }
    conditions {
        a_condition_holds_while_nothing_matches
        a_condition_fails_because_of_what_came_after_its_position
        a_condition_asks_for_name_category_and_every_tag
        a_condition_fails_if_any_of_its_criteria_matches
        a_condition_sees_system_events_only_where_they_are_named
        an_append_does_not_fail_because_of_its_own_events
        a_condition_guards_beside_an_expected_version
        a_decision_succeeds_once_it_has_read_past_the_conflict
        a_condition_on_a_log_that_is_not_there_is_refused
    }
    condition_races {
        of_appends_that_exclude_one_another_exactly_one_succeeds
        a_decision_is_never_based_on_less_than_what_came_before_it
        a_stock_guarded_by_a_condition_is_never_oversold
    }
    limits {
        a_body_up_to_the_limit_is_stored
        metadata_up_to_the_limit_is_stored
        events_up_to_the_limit_are_stored_together
        streams_up_to_the_limit_are_stored_together
        tags_up_to_the_limit_are_stored
        criteria_up_to_the_limit_are_checked
        effects_up_to_the_limit_are_stored
        what_is_malformed_is_refused_by_name
    }
    cancellation {
        an_append_that_is_dropped_is_done_or_not_done
        a_dropped_append_leaves_no_part_behind
        dropped_appends_disturb_nobody
    }
    effects {
        effects_are_stored_with_their_events
        an_append_that_fails_leaves_no_effect
        an_effect_that_fails_leaves_no_event_and_no_other_effect
        a_repeated_append_applies_its_effects_once
        effects_of_one_append_happen_in_their_order
        a_store_has_what_it_declares_and_refuses_the_rest
    }
    messages {
        messages_are_pending_in_the_order_in_which_they_were_enqueued
        a_message_comes_back_byte_for_byte
        a_message_is_enqueued_once
        a_settled_message_is_gone_and_no_other
        no_message_is_lost_while_many_enqueue_and_one_settles
        a_message_is_marked_once_for_each_consumer
        of_racers_who_mark_one_message_exactly_one_wins
    }
    timers {
        timers_are_due_from_their_moment_on_the_longest_due_first
        the_next_timer_is_the_first_that_is_not_yet_due
        a_timer_that_is_set_again_moves
        a_cancelled_timer_is_gone_and_no_other
        the_timers_of_a_stream_come_in_order_of_their_names
        timers_are_kept_by_category_over_all_tenants
    }
    keys {
        a_key_has_one_owner
        only_its_owner_gives_a_key_back
        a_key_is_unique_within_tenant_and_scope
        of_racers_for_one_key_exactly_one_wins
    }
    views {
        a_view_starts_empty_and_without_checkpoint
        documents_and_checkpoint_are_stored_together
        a_commit_from_another_checkpoint_is_fenced_off
        a_document_that_was_deleted_is_gone_until_it_is_written_again
        documents_are_listed_in_byte_order_page_by_page
        documents_are_listed_by_the_start_of_their_keys
        a_document_comes_back_byte_for_byte
        a_key_that_is_too_long_is_refused
        versions_and_views_are_kept_apart
        a_view_that_is_reset_starts_anew
        of_racers_who_commit_from_one_checkpoint_exactly_one_wins
    }
    model {
        random_appends_come_to_what_a_simple_model_says
    }
}
