//! The field benchmarks on the virtual clock: every count, and times to the nanosecond.

use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::scenarios::{BlockingFlood, FanOut, Spawn, StartUp, TimerStorm};
use pollmark_core::{
    Config, Kind, Listing, Options, Outcome, ParamInfo, Params, Report, Scenario, Session, Verdict,
    builtin, perform,
};
use pollmark_runner_virtual::{FLAVOURS, Virtual};
use serde_json::Value;

fn options<C: Scenario>(given: &[(&str, &str)]) -> Options {
    Options {
        config: Config::with_workers(2),
        params: params(C::INFO.params, given),
        ..Options::default()
    }
}

fn params(infos: &[ParamInfo], given: &[(&str, &str)]) -> Params {
    let with = |params: Params, (name, value): &(&str, &str)| params.with(infos, name, value);
    let params = given.iter().try_fold(Params::defaults(infos), with);
    params.expect("the parameters fit")
}

#[track_caller]
fn ok(report: Report) -> (Outcome, Duration) {
    assert_eq!(report.verdict, Verdict::Ok, "{report}");
    (report.outcome, report.elapsed.expect("it ended"))
}

#[track_caller]
fn run<C: Scenario>(case: C, given: &[(&str, &str)]) -> (Outcome, Duration) {
    ok(perform::<Virtual, C>(case, &options::<C>(given)).expect("it can be built"))
}

fn benchmarks() -> impl Iterator<Item = Listing> {
    let all = builtin().into_iter();
    all.filter(|listing| listing.info.kind == Kind::Benchmark)
}

/// Small enough for an unoptimised build.
const SMALL: [(&str, &str); 7] = [
    ("tasks", "20"),
    ("rounds", "5"),
    ("yields", "10"),
    ("messages", "203"),
    ("timers", "1001"),
    ("jobs", "30"),
    ("bytes", "16"),
];

fn small(listing: &Listing) -> Params {
    let takes = |name: &str| listing.info.params.iter().any(|info| info.name == name);
    let given: Vec<_> = SMALL.into_iter().filter(|(name, _)| takes(name)).collect();
    params(listing.info.params, &given)
}

#[test]
fn every_variant_passes_its_check_or_says_why_it_cannot_be_shown() {
    let mut shown = Vec::new();
    for listing in benchmarks() {
        for variant in &listing.variants {
            let options = Options {
                config: Config::with_workers(3),
                params: small(&listing),
                ..Options::default()
            };
            let id = format!("{}/{}", listing.info.id, variant.id);
            let report = FLAVOURS[0].perform(listing.info.id, variant.id, &options);
            let report = report.expect("it is listed").expect("it can be built");
            match &report.verdict {
                Verdict::Ok => shown.push(id),
                Verdict::Unsupported(why) => {
                    assert_eq!(id, "brigade-pipe/tasks");
                    assert!(why.contains("time is virtual"), "{why}");
                }
                verdict => panic!("{id}: {verdict:?}"),
            }
        }
    }
    for expected in [
        "fan-in/bounded",
        "fan-out/bounded",
        "brigade-one-thread/loop",
    ] {
        assert!(
            shown.iter().any(|id| id == expected),
            "{expected}: {shown:?}"
        );
    }
}

#[test]
fn what_a_variant_is_compared_by_stands_in_its_outcome() {
    for listing in benchmarks() {
        for variant in &listing.variants {
            let options = Options {
                params: small(&listing),
                ..Options::default()
            };
            let report = FLAVOURS[0].perform(listing.info.id, variant.id, &options);
            let report = report.expect("it is listed").expect("it can be built");
            if matches!(report.verdict, Verdict::Unsupported(_)) {
                continue;
            }
            let id = format!("{}/{}", listing.info.id, variant.id);
            let outcome = Value::Object(report.outcome.values().clone());
            assert!(
                outcome["items"].as_u64().is_some_and(|items| items > 0),
                "{id}"
            );
            for measure in variant.measures {
                let value = outcome.pointer(measure.path);
                assert!(
                    value.is_some_and(Value::is_number),
                    "{id}: {}",
                    measure.path
                );
            }
        }
    }
}

#[test]
fn timers_are_on_time_to_the_nanosecond() {
    for case in [TimerStorm::Tasks, TimerStorm::Shared] {
        let (outcome, elapsed) = run(case, &[("timers", "2000")]);
        // The last deadline lies a two-thousandth of the second before its end.
        assert_eq!(elapsed, Duration::from_micros(250_000 + 1_000_000 - 500));
        assert_eq!(outcome.value("lateness")["count"], 2_000);
        assert_eq!(*outcome.value("early"), 0);
    }
}

#[test]
fn a_flood_of_calls_steps_at_the_cap() {
    let flood = |jobs: &str, cap: Option<usize>| {
        let mut options = options::<BlockingFlood>(&[("jobs", jobs)]);
        options.config.blocking_threads = cap.and_then(NonZeroUsize::new);
        let report = perform::<Virtual, _>(BlockingFlood::Pool, &options);
        let (outcome, elapsed) = ok(report.expect("it can be built"));
        let number = |name| outcome.value(name).as_u64().expect("a number");
        (number("peak"), number("steps"), elapsed.as_millis())
    };
    assert_eq!(flood("30", Some(30)), (30, 1, 100));
    assert_eq!(flood("31", Some(30)), (30, 2, 200));
    assert_eq!(flood("7", Some(1)), (1, 7, 700));
    // Its own cap is tokio's.
    assert_eq!(flood("512", None), (512, 1, 100));
    assert_eq!(flood("513", None), (512, 2, 200));
}

#[test]
fn two_calls_meet_on_two_threads_and_not_on_one() {
    let mut options = options::<BlockingFlood>(&[]);
    let meeting = |options: &Options| {
        let report = perform::<Virtual, _>(BlockingFlood::Meeting, options);
        report.expect("it can be built")
    };
    options.config.blocking_threads = NonZeroUsize::new(2);
    let (outcome, elapsed) = ok(meeting(&options));
    assert_eq!(*outcome.value("met"), 2);
    assert_eq!(elapsed, Duration::from_millis(21));
    options.config.blocking_threads = NonZeroUsize::new(1);
    let Verdict::Unsupported(why) = meeting(&options).verdict else {
        panic!("they cannot meet");
    };
    assert!(why.contains("one blocking thread"), "{why}");
}

#[test]
fn timers_that_are_cancelled_take_no_virtual_time() {
    let (outcome, elapsed) = run(TimerStorm::Cancelled, &[("timers", "2003")]);
    assert_eq!(elapsed, Duration::ZERO);
    assert_eq!(*outcome.value("sum"), 2_003);
    assert_eq!(*outcome.value("ended"), 8);
}

#[test]
fn the_first_receiver_takes_all_where_the_sender_never_waits() {
    let (outcome, _) = run(FanOut::Unbounded, &[("tasks", "4"), ("messages", "100")]);
    // The root sends everything before a receiver is polled.
    assert_eq!(*outcome.value("largest_share"), 100);
    assert_eq!(*outcome.value("least_share"), 0);
}

#[test]
fn tasks_begin_at_the_instant_at_which_they_are_spawned() {
    let (outcome, elapsed) = run(Spawn::Creation, &[("tasks", "50")]);
    assert_eq!(elapsed, Duration::ZERO);
    assert_eq!(outcome.value("start")["count"], 50);
    assert_eq!(*outcome.value("creation_ns"), 0.0);
}

#[test]
fn a_simulated_runtime_takes_no_time_to_start_and_end() {
    let (outcome, _) = run(StartUp::First, &[]);
    for time in ["build_ns", "root_ns", "end_ns", "life_ns"] {
        assert_eq!(*outcome.value(time), 0, "{time}");
    }
    let session = Session::<Virtual>::build(&Config::with_workers(2)).expect("it can be built");
    let report = session.run(StartUp::First, &Params::default());
    // The runtime of a session lives on.
    assert!(
        matches!(report.verdict, Verdict::Unsupported(_)),
        "{report}"
    );
}
