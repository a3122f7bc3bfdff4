//! The experiments on the virtual clock: the results of an ideal scheduler, exactly.

use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::scenarios::{
    AwaitCost, CancelLatency, Crunch, Fairness, Hog, PollOrder, Visitors,
};
use pollmark_core::{Config, Options, Params, Report, Scenario, Verdict, perform};
use pollmark_runner_virtual::Virtual;
use serde_json::{Value, json};

fn run<C: Scenario>(case: C, config: Config, params: &[(&str, &str)]) -> Report {
    let set = |all: Params, (name, text): &(&str, &str)| all.with(C::INFO.params, name, text);
    let params = params.iter().try_fold(Params::default(), set);
    let options = Options {
        config,
        params: params.expect("the parameters are of the scenario"),
        ..Options::default()
    };
    let report = perform::<Virtual, _>(case, &options).expect("the runner is built");
    assert_eq!(report.verdict, Verdict::Ok, "{}", case.info().id);
    assert!(
        report.transcript.is_empty(),
        "an experiment is not recorded"
    );
    report
}

fn millis(report: &Report) -> f64 {
    report.elapsed.expect("it ran").as_secs_f64() * 1e3
}

/// A figure of the outcome in milliseconds, to the nanosecond or, of a
/// distribution, to its 0.1 %.
fn ms(report: &Report, path: &str) -> f64 {
    let outcome = serde_json::to_value(&report.outcome).expect("an outcome is data");
    let nanos = outcome.pointer(path).and_then(Value::as_u64);
    nanos.unwrap_or_else(|| panic!("no {path} in {outcome}")) as f64 / 1e6
}

#[track_caller]
fn is_about(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-3 * expected,
        "{found}, expected {expected}"
    );
}

fn one() -> Config {
    Config::with_workers(1)
}

fn cores(workers: usize, cores: usize) -> Config {
    Config {
        cores: NonZeroUsize::new(cores),
        ..Config::with_workers(workers)
    }
}

#[test]
fn a_hundred_thousand_visitors_wait_as_long_as_one() {
    let report = run(Visitors::AtOnce, one(), &[("visitors", "100000")]);
    assert_eq!(millis(&report), 1_000.0);
    assert_eq!(*report.outcome.value("items"), 100_000);
    let report = run(
        Visitors::OneAtATime,
        one(),
        &[("queue", "24"), ("wait", "500ms")],
    );
    assert_eq!(millis(&report), 12_000.0);
    assert_eq!(*report.outcome.value("served"), 24);
}

#[test]
fn a_hog_on_the_only_worker_holds_up_every_beat_but_the_first() {
    for hog in [Hog::Inline, Hog::Blocking] {
        // From 10 ms to 1010 ms: the beat of 20 ms is the latest, that of 1010 ms in time.
        let report = run(hog, one(), &[]);
        is_about(ms(&report, "/lateness/max_ns"), 990.0);
        assert_eq!(ms(&report, "/lateness/min_ns"), 0.0);
        assert_eq!(ms(&report, "/longest_gap_ns"), 1_000.0);
        assert_eq!(ms(&report, "/hog_began_ns"), 10.0);
        assert_eq!(ms(&report, "/hog_took_ns"), 1_000.0);
        assert_eq!(*report.outcome.value("beats"), 120);
        assert_eq!(millis(&report), 1_200.0);

        // Open loop: 99 of the 120 beats are late, by 10 ms, 20 ms, ... 990 ms, and not
        // only the first that was held up. The 60th of all is the 39th of those.
        let lateness = ms(&report, "/lateness/p50_ns");
        is_about(lateness, 390.0);

        let free = run(hog, Config::with_workers(2), &[]);
        assert_eq!(ms(&free, "/lateness/max_ns"), 0.0);
        assert_eq!(ms(&free, "/longest_gap_ns"), 10.0);
    }
}

#[test]
fn a_heart_that_the_hog_wakes_waits_for_it_on_the_only_worker_alone() {
    let report = run(Hog::Waking, one(), &[]);
    assert_eq!(millis(&report), 1_010.0);
    is_about(ms(&report, "/lateness/max_ns"), 1_000.0);
    assert_eq!(ms(&report, "/longest_gap_ns"), 1_000.0);
    assert_eq!(ms(&report, "/hog_began_ns"), 10.0);
    let free = run(Hog::Waking, Config::with_workers(2), &[]);
    assert_eq!(millis(&free), 1_010.0);
    assert_eq!(ms(&free, "/longest_gap_ns"), 0.0);
    assert_eq!(*free.outcome.value("beats"), 1);
}

#[test]
fn a_hog_elsewhere_holds_up_nobody() {
    let report = run(Hog::Offloaded, one(), &[]);
    assert_eq!(ms(&report, "/lateness/max_ns"), 0.0);
    assert_eq!(ms(&report, "/longest_gap_ns"), 10.0);
    assert_eq!(ms(&report, "/hog_took_ns"), 1_000.0);
    assert_eq!(millis(&report), 1_200.0);
}

#[test]
fn who_yields_holds_up_others_for_the_rest_of_a_slice() {
    // Slices begin at 10, 13, 16, 19 ms: the beat of 20 ms comes at 22, that of 30 ms
    // at 31, that of 40 ms in time.
    let report = run(Hog::Yielding, one(), &[("hog", "30ms"), ("slice", "3ms")]);
    is_about(ms(&report, "/lateness/max_ns"), 2.0);
    assert_eq!(ms(&report, "/longest_gap_ns"), 12.0);
    assert_eq!(ms(&report, "/hog_took_ns"), 30.0);
    assert_eq!(*report.outcome.value("slices"), 10);
}

#[test]
fn a_thread_of_its_own_is_nothing_to_a_virtual_clock() {
    let options = Options::default();
    let report = perform::<Virtual, _>(Hog::OnThread, &options).expect("the runner is built");
    assert!(matches!(report.verdict, Verdict::Unsupported(_)));
}

#[test]
fn spinners_that_yield_share_the_worker() {
    // The sleeper is behind three of the four spinners whenever it wakes.
    let report = run(Fairness::Yielding, one(), &[]);
    assert_eq!(*report.outcome.value("slices"), json!(vec![250; 4]));
    assert_eq!(*report.outcome.value("largest_share"), 0.25);
    is_about(ms(&report, "/lateness/max_ns"), 3.0);
    is_about(ms(&report, "/lateness/p50_ns"), 3.0);
    assert_eq!(millis(&report), 1_000.0);

    let report = run(Fairness::Yielding, Config::with_workers(2), &[]);
    assert_eq!(*report.outcome.value("slices"), json!(vec![500; 4]));
    is_about(ms(&report, "/lateness/max_ns"), 1.0);

    let report = run(Fairness::Yielding, Config::with_workers(5), &[]);
    assert_eq!(*report.outcome.value("slices"), json!(vec![1000; 4]));
    assert_eq!(ms(&report, "/lateness/max_ns"), 0.0);
}

#[test]
fn spinners_that_never_yield_share_nothing() {
    let report = run(Fairness::NeverYielding, one(), &[]);
    assert_eq!(*report.outcome.value("slices"), json!([1000, 0, 0, 0]));
    assert_eq!(*report.outcome.value("largest_share"), 1.0);
    is_about(ms(&report, "/lateness/max_ns"), 990.0);
    assert_eq!(ms(&report, "/longest_gap_ns"), 1_000.0);

    let report = run(Fairness::NeverYielding, Config::with_workers(2), &[]);
    assert_eq!(*report.outcome.value("slices"), json!([1000, 1000, 0, 0]));

    let threads = Config {
        worker_per_task: true,
        ..one()
    };
    let report = run(Fairness::NeverYielding, threads, &[]);
    assert_eq!(*report.outcome.value("slices"), json!(vec![1000; 4]));
    assert_eq!(ms(&report, "/lateness/max_ns"), 0.0);
}

#[test]
fn computing_takes_workers_and_cores() {
    for (config, took) in [
        (one(), 200.0),
        (Config::with_workers(2), 100.0),
        (Config::with_workers(4), 50.0),
        (Config::with_workers(16), 25.0),
        (cores(4, 2), 100.0),
        (cores(1, 4), 200.0),
    ] {
        let sync = run(Crunch::Sync, config.clone(), &[]);
        assert_eq!(millis(&sync), 200.0, "{config:?}");
        assert_eq!(*sync.outcome.value("speed_up"), 1.0);
        let tasks = run(Crunch::Tasks, config.clone(), &[]);
        assert_eq!(millis(&tasks), took, "{config:?}");
        assert_eq!(*tasks.outcome.value("speed_up"), 200.0 / took);
        assert_eq!(*tasks.outcome.value("items"), 8);
    }
    // The pool wants cores, and no worker.
    for (config, took) in [(one(), 200.0), (cores(1, 4), 50.0), (cores(2, 2), 100.0)] {
        let pool = run(Crunch::BlockingPool, config.clone(), &[]);
        assert_eq!(millis(&pool), took, "{config:?}");
    }
    let two_threads = Config {
        blocking_threads: NonZeroUsize::new(2),
        ..cores(1, 4)
    };
    assert_eq!(millis(&run(Crunch::BlockingPool, two_threads, &[])), 100.0);
}

#[test]
fn what_costs_nothing_has_no_figure() {
    for case in AwaitCost::VARIANTS {
        let report = run(*case, one(), &[("iterations", "1000")]);
        assert!(report.outcome.value("ns_per_item").is_null());
        assert_eq!(report.elapsed, Some(Duration::ZERO));
    }
}

#[test]
fn a_cancel_takes_no_time() {
    for case in CancelLatency::VARIANTS {
        for workers in [1, 2] {
            let report = run(*case, Config::with_workers(workers), &[("rounds", "100")]);
            assert_eq!(report.outcome.value("dropped")["count"], 100);
            assert_eq!(ms(&report, "/dropped/max_ns"), 0.0);
            assert_eq!(ms(&report, "/confirmed/max_ns"), 0.0);
        }
    }
}

#[test]
fn polls_are_first_in_first_out_or_by_the_seed() {
    for case in PollOrder::VARIANTS {
        for workers in [1, 4] {
            let report = run(*case, Config::with_workers(workers), &[]);
            let in_turn: Vec<usize> = (0..50).collect();
            assert_eq!(*report.outcome.value("first_order"), json!(in_turn));
            assert_eq!(*report.outcome.value("rounds_fifo"), 50);
            assert_eq!(*report.outcome.value("polls"), 2_500);
        }
        let seeded = Config {
            seed: Some(7),
            ..one()
        };
        let [report, again] = [(), ()].map(|()| run(*case, seeded.clone(), &[]));
        assert_eq!(*report.outcome.value("kind"), "other");
        assert_eq!(*report.outcome.value("distinct_orders"), 50);
        let order = report.outcome.value("first_order");
        assert_eq!(order, again.outcome.value("first_order"));
    }
}
