//! The sums, the jobs, the searches and the small lessons on the virtual clock:
//! values, order, and times to the nanosecond.

use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::params::Params;
use pollmark_core::scenarios::{Count, Divisibles, Factorial, Hello, Io, Jobs, Sums};
use pollmark_core::transcript::Event;
use pollmark_core::{Config, Options, Report, Scenario, Verdict, perform};
use pollmark_runner_virtual::Virtual;
use serde_json::{Value, json};

fn run<C: Scenario>(case: C, config: Config, params: &[(&str, &str)]) -> Report {
    let defaults = Params::defaults(C::INFO.params);
    let params = params.iter().fold(defaults, |params, (name, value)| {
        let set = params.with(C::INFO.params, name, value);
        set.expect("the scenario takes it")
    });
    let options = Options {
        config,
        params,
        ..Options::default()
    };
    let report = perform::<Virtual, _>(case, &options).expect("it starts");
    assert_eq!(report.verdict, Verdict::Ok, "{}", case.info().id);
    report
}

fn with_workers<C: Scenario>(case: C, workers: usize) -> Report {
    run(case, Config::with_workers(workers), &[])
}

/// The time of `case` on one worker, on two and on three.
fn times<C: Scenario>(case: C) -> [Duration; 3] {
    [1, 2, 3].map(|workers| {
        let elapsed = with_workers(case, workers).elapsed;
        elapsed.expect("it ends")
    })
}

fn seconds(times: [u64; 3]) -> [Duration; 3] {
    times.map(Duration::from_secs)
}

fn nanos(times: [u64; 3]) -> [Duration; 3] {
    times.map(Duration::from_nanos)
}

fn value(report: &Report, name: &str) -> Value {
    report.outcome.value(name).clone()
}

/// The lines that were said, in order, with the second of each.
fn said(report: &Report) -> Vec<(u64, String, String)> {
    let notes = report.transcript.iter().filter_map(|entry| {
        let text = entry.text.clone()?;
        Some((entry.at.as_secs(), entry.task.to_string(), text))
    });
    notes.collect()
}

/// The tasks that ended, in order.
fn ended(report: &Report) -> Vec<String> {
    let tasks = report.transcript.iter();
    let ends = tasks.filter(|entry| entry.event == Event::Finished && entry.task != *"main");
    ends.map(|entry| entry.task.to_string()).collect()
}

#[test]
fn sums_share_their_pauses_where_they_wait_or_have_a_worker_each() {
    assert_eq!(times(Sums::Sync), seconds([5, 5, 5]));
    assert_eq!(times(Sums::Blocking), seconds([5, 3, 3]));
    assert_eq!(times(Sums::Concurrent), seconds([3, 3, 3]));
    for variant in Sums::VARIANTS {
        let report = with_workers(*variant, 1);
        assert_eq!(value(&report, "A"), 3);
        assert_eq!(value(&report, "B"), 6);
    }
}

#[test]
fn sums_that_block_on_one_worker_go_as_the_synchronous_ones() {
    let synchronous = said(&with_workers(Sums::Sync, 1));
    assert_eq!(said(&with_workers(Sums::Blocking, 1)), synchronous);
    let told: Vec<_> = said(&with_workers(Sums::Concurrent, 1))
        .into_iter()
        .map(|(at, task, _)| (at, task))
        .collect();
    let turns = [(1, "A"), (1, "B"), (2, "A"), (2, "B"), (3, "B")];
    assert_eq!(told, turns.map(|(at, task)| (at, task.to_owned())));
}

#[test]
fn jobs_take_the_sum_in_turn_and_the_longest_together() {
    assert_eq!(times(Jobs::Sync), seconds([15; 3]));
    assert_eq!(times(Jobs::Gather), seconds([5; 3]));
    assert_eq!(times(Jobs::MilkBreadSequential), seconds([3; 3]));
    assert_eq!(times(Jobs::MilkBreadGather), seconds([2; 3]));
}

#[test]
fn gathered_jobs_go_on_round_robin() {
    let steps = said(&with_workers(Jobs::Gather, 1));
    let expected: Vec<_> = (1..=5)
        .flat_map(|second| {
            ["Milk", "Bread", "Eggs"].map(|job| (second, job.to_owned(), format!("step {second}")))
        })
        .collect();
    assert_eq!(steps, expected);
}

#[test]
fn the_small_lessons_take_the_times_of_the_tutorial() {
    assert_eq!(times(Io::Together), seconds([1; 3]));
    assert_eq!(times(Hello::Spawn), seconds([7; 3]));
    assert_eq!(times(Hello::Lazy), seconds([11; 3]));
    assert_eq!(times(Factorial::Ascending), seconds([3; 3]));
    assert_eq!(times(Factorial::Shuffled), seconds([3; 3]));
    assert_eq!(times(Count::Sync), seconds([9; 3]));
    assert_eq!(times(Count::Concurrent), seconds([3; 3]));
}

#[test]
fn results_stand_in_the_order_of_the_question() {
    let report = with_workers(Factorial::Ascending, 1);
    assert_eq!(value(&report, "factorials"), json!([2, 6, 24]));
    let report = with_workers(Factorial::Shuffled, 1);
    assert_eq!(value(&report, "factorials"), json!([24, 2, 6]));
    assert_eq!(ended(&report), ["2!", "3!", "4!"]);
}

#[test]
fn counters_count_in_turn_or_in_step() {
    for (variant, digits) in [(Count::Sync, "123123123"), (Count::Concurrent, "111222333")] {
        let said = said(&with_workers(variant, 1));
        let text: String = said.into_iter().map(|(.., text)| text).collect();
        assert_eq!(text, digits);
    }
}

const SMALL: [&str; 3] = ["below 508000", "below 100052", "below 500"];

#[test]
fn searches_find_what_the_tutorial_finds() {
    for variant in [
        Divisibles::Sync,
        Divisibles::NoYield,
        Divisibles::Yield500000,
        Divisibles::Yield50000,
        Divisibles::Results,
    ] {
        for workers in [1, 2, 3] {
            let report = with_workers(variant, workers);
            assert_eq!(value(&report, "found"), json!([15, 32, 167]));
            assert_eq!(value(&report, "last"), json!([477_582, 99_510, 498]));
        }
    }
    let numbers = value(&with_workers(Divisibles::Results, 1), "numbers");
    assert_eq!((&numbers[0], &numbers[1]), (&json!(0), &json!(34_113)));
}

#[test]
fn searches_end_in_the_order_in_which_they_give_way() {
    let [first, second, third] = SMALL;
    for (variant, order) in [
        (Divisibles::Sync, [first, second, third]),
        (Divisibles::NoYield, [first, second, third]),
        (Divisibles::Yield500000, [second, third, first]),
        (Divisibles::Yield50000, [third, second, first]),
        (Divisibles::Results, [third, second, first]),
    ] {
        assert_eq!(ended(&with_workers(variant, 1)), order, "{variant:?}");
    }
}

#[test]
fn searches_that_never_suspend_need_a_worker_each() {
    assert_eq!(times(Divisibles::Sync), nanos([608_552; 3]));
    let tasks = nanos([608_552, 508_000, 508_000]);
    assert_eq!(times(Divisibles::NoYield), tasks);
    let big = nanos([150_810_012, 100_010_000, 50_800_012]);
    assert_eq!(times(Divisibles::ConcurrentBig), big);
    // As many cores as workers, unless it is said otherwise.
    assert_eq!(times(Divisibles::Parallel), big);
}

#[test]
fn the_pool_computes_beside_a_single_worker() {
    let config = Config {
        cores: NonZeroUsize::new(3),
        ..Config::with_workers(1)
    };
    let took = |variant| run(variant, config.clone(), &[]).elapsed;
    assert_eq!(
        took(Divisibles::Parallel),
        Some(Duration::from_nanos(50_800_012))
    );
    assert_eq!(
        took(Divisibles::ConcurrentBig),
        Some(Duration::from_nanos(150_810_012))
    );
}

#[test]
fn computing_is_checked_whatever_the_threads_and_the_cores() {
    for threads in 1..=3 {
        for cores in 1..=3 {
            let config = Config {
                cores: NonZeroUsize::new(cores),
                ..Config::with_workers(threads)
            };
            run(Divisibles::NoYield, config, &[]);
        }
    }
    // Three searches, two threads, one core: the third begins when the first ends.
    let config = Config {
        cores: NonZeroUsize::new(1),
        blocking_threads: NonZeroUsize::new(2),
        ..Config::with_workers(1)
    };
    run(Divisibles::Parallel, config, &[]);
}

#[test]
fn a_poll_over_the_threshold_is_reported_by_task_and_length() {
    let report = with_workers(Divisibles::SlowPoll, 2);
    let polls = json!([{ "task": "below 508000120", "took_ns": 508_000_120 }]);
    assert_eq!(value(&report, "slow_polls"), polls);
    assert_eq!(report.elapsed, Some(Duration::from_nanos(508_000_120)));

    let as_told = &[("scale", "1")];
    let report = run(Divisibles::SlowPoll, Config::with_workers(1), as_told);
    assert_eq!(value(&report, "found"), json!([15, 32, 167]));
    assert_eq!(value(&report, "last"), json!([47_758_494, 99_510, 498]));

    let patient = &[("scale", "1"), ("threshold", "1s")];
    let report = run(Divisibles::SlowPoll, Config::with_workers(1), patient);
    assert_eq!(value(&report, "slow_polls"), json!([]));
}

#[test]
fn what_main_does_not_wait_for_is_lost_if_it_suspends() {
    for workers in 1..=4 {
        let report = with_workers(Divisibles::NotWaiting, workers);
        let fates = json!({
            SMALL[0]: "lost_half_done",
            SMALL[1]: "lost_half_done",
            SMALL[2]: "done",
        });
        assert_eq!(value(&report, "fates"), fates, "{workers} workers");
    }
}

#[test]
fn a_failed_search_closes_every_file_once_and_is_heard_of() {
    for workers in 1..=3 {
        let report = with_workers(Divisibles::Cleanup, workers);
        assert_eq!(value(&report, "opened"), 3);
        assert_eq!(value(&report, "closed"), json!([1, 1, 1]));
        let error = "below 500: cannot divide by 0";
        assert_eq!(value(&report, "error"), error);
        assert!(report.elapsed < Some(Duration::from_micros(101)));
    }
}

#[test]
fn a_larger_scale_finds_more() {
    let scaled = &[("scale", "50")];
    for variant in [Divisibles::Sync, Divisibles::Yield50000] {
        let report = run(variant, Config::with_workers(1), scaled);
        let counts = [(25_400_000, 34_113), (5_002_600, 3_210), (25_000, 3)]
            .map(|(below, by)| (below - 1) / by + 1);
        assert_eq!(value(&report, "found"), json!(counts));
    }
}

/// Whether a search takes seconds if it is not optimised.
fn is_big(variant: Divisibles) -> bool {
    use Divisibles::{ConcurrentBig, Parallel, SlowPoll};
    matches!(variant, ConcurrentBig | Parallel | SlowPoll)
}

#[test]
fn ties_broken_by_chance_change_no_result() {
    fn shuffled<C: Scenario>(variants: impl IntoIterator<Item = C>) {
        for variant in variants {
            for seed in 0..8 {
                let config = Config {
                    seed: Some(seed),
                    ..Config::with_workers(1 + seed as usize % 3)
                };
                run(variant, config, &[]);
            }
        }
    }
    shuffled(Sums::VARIANTS.iter().copied());
    shuffled(Jobs::VARIANTS.iter().copied());
    shuffled(Io::VARIANTS.iter().copied());
    shuffled(Hello::VARIANTS.iter().copied());
    shuffled(Factorial::VARIANTS.iter().copied());
    shuffled(Count::VARIANTS.iter().copied());
    let small = Divisibles::VARIANTS.iter().copied();
    shuffled(small.filter(|variant| !is_big(*variant)));
    let config = Config {
        seed: Some(1),
        ..Config::with_workers(2)
    };
    run(Divisibles::ConcurrentBig, config, &[]);
}

#[test]
fn a_thread_for_each_task_is_as_many_workers_as_are_wanted() {
    let threads = Config {
        worker_per_task: true,
        ..Config::with_workers(1)
    };
    for variant in Divisibles::VARIANTS {
        run(*variant, threads.clone(), &[("scale", "1")]);
    }
    let blocking = run(Sums::Blocking, threads, &[]);
    assert_eq!(blocking.elapsed, Some(Duration::from_secs(3)));
}
