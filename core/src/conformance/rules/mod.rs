//! The list of the rules, and the macro that turns them into tests.

pub mod blocking;
pub mod cancel;
pub mod group;
pub mod group_end;
mod group_support;
pub mod pipe;
pub mod queue;
pub mod run;
pub mod shutdown;
pub mod spawn;
pub mod time;

/// Instantiates the conformance suite for a [`Runner`](crate::Runner): one `#[test]` for each rule,
/// with the rule's name, and one that checks the exceptions that the runner declares.
///
/// Name the type by a path that is valid in any module. Invoke the macro at the top of a test file,
/// or in one module for each of several flavours.
#[macro_export]
macro_rules! conformance {
    ($runner:ty) => {
        $crate::conformance_rules!(tests $runner);

        #[test]
        fn exceptions_name_rules() {
            $crate::conformance::exceptions_name_rules::<$runner>();
        }
    };
}

/// Every rule, by subject. A new rule is a function in its subject's file and a
/// line here.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_rules {
    ($what:ident $($runner:ty)?) => {
        $crate::conformance_expand! { $what [$($runner)?]
            spawn {
                value_arrives
                panic_is_an_error
                panic_of_a_detached_task_is_survived
                drop_detaches
                spawn_may_be_nested
                spawn_from_a_foreign_thread
                woken_by_a_foreign_thread
                yield_lets_others_run
                large_futures
                many_tasks
                futures_spawn_adapter
            }
            cancel {
                abort_ends_a_waiting_task
                cancel_requests_at_the_call
                cancel_waits_for_the_drop
                cancel_before_the_first_poll
                cancel_of_a_finished_task
                cancel_of_a_panicked_task
                cancel_of_a_busy_task
                cancel_races_lose_nothing
            }
            time {
                now_goes_forward
                sleep_is_never_early
                deadline_is_fixed_by_the_call
                many_timers
                timers_end_in_order
                zero_sleep
                longest_sleep
                timeout_ends_a_wait
                sleep_may_move
            }
            blocking {
                blocking_value_arrives
                blocking_panic_is_an_error
                blocking_drop_detaches
                blocking_stalls_nobody
                blocking_cap_is_obeyed
                blocking_calls_past_the_cap_queue
                blocking_call_may_spawn
            }
            pipe {
                pipe_gives_bytes
                pipe_wait_holds_no_worker
                pipe_reader_may_be_dropped
            }
            run {
                one_worker_polls_one_at_a_time
                three_workers_poll_three_at_a_time
                several_roots
                panic_of_the_root_is_an_error
                run_obeys_its_limit
                stop_is_told_before_the_root_is_dropped
                root_that_is_never_ready
            }
            shutdown {
                shutdown_ends_threads
                shutdown_drops_pending_tasks
                shutdown_ends_endless_yields
                shutdown_ends_long_timers
                shutdown_drops_a_root_given_up
                shutdown_resolves_awaited_handles
                shutdown_resolves_kept_handles
                shutdown_resolves_queued_blocking_calls
                shutdown_obeys_its_limit
                drop_may_spawn_during_shutdown
                spawn_after_shutdown
                spawn_blocking_after_shutdown
                sleep_after_shutdown
            }
            group {
                group_gives_values
                group_cancels_at_the_first_error
                group_keeps_all_errors
                group_reports_a_panic
                group_reports_a_panic_during_its_cancel
                group_ends_at_the_bodys_error
                group_keeps_the_error_of_a_child_it_cancels
            }
            group_end {
                group_dropped_cancels_its_children
                group_waits_for_grandchildren
                group_waits_for_an_inner_group_that_was_dropped
                group_that_ends_takes_no_children
            }
            queue {
                queue_loses_and_duplicates_nothing
                queue_join_waits_for_task_done
                queue_put_waits_for_room
                queue_close_ends_both_sides
                queue_refuses_one_task_done_too_many
                queue_stream_and_sink_end
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! conformance_expand {
    (names [] $($subject:ident { $($rule:ident)* })*) => {
        &[$($(stringify!($rule)),*),*]
    };
    (tests [$runner:ty] $($subject:ident $rules:tt)*) => {
        $($crate::conformance_expand! { subject [$runner] $subject $rules })*
    };
    (subject [$runner:ty] $subject:ident { $($rule:ident)* }) => {
        $(
            #[test]
            fn $rule() {
                let test = concat!(module_path!(), "::", stringify!($rule));
                $crate::conformance::hold::<$runner>(test, $crate::conformance::rules::$subject::$rule);
            }
        )*
    };
}
