//! Traces of the lessons, exact to the nanosecond, and the findings that they give.

use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::scenarios::{Cafe, Hog, Waiter};
use pollmark_core::trace::record::DEFAULT_LIMIT;
use pollmark_core::trace::{
    Axes, Complaint, SegmentKind, TaskKind, Trace, critical_path, diagnose,
};
use pollmark_core::{
    Config, Flavour, Kind, Listing, Options, Params, Report, Scenario, Transcript, Verdict,
    builtin, perform_traced,
};
use pollmark_runner_virtual::{FLAVOURS, Virtual};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn options(workers: usize) -> Options {
    Options {
        config: Config {
            blocking_threads: NonZeroUsize::new(4),
            ..Config::with_workers(workers)
        },
        transcript: Transcript::new(),
        ..Options::default()
    }
}

fn traced<C: Scenario>(case: C, workers: usize) -> (Report, Trace) {
    let performed = perform_traced::<Virtual, C>(case, &options(workers), DEFAULT_LIMIT);
    let (report, trace) = performed.expect("one thread starts");
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(trace.run.dropped, 0);
    (report, trace)
}

fn concurrency(case: Waiter, workers: usize) -> usize {
    Axes::of(&traced(case, workers).1, None).concurrency.max
}

fn parallelism(case: Waiter, workers: usize) -> usize {
    Axes::of(&traced(case, workers).1, None).parallelism.max
}

fn complaints(trace: &Trace) -> Vec<(Complaint, &str)> {
    let findings = diagnose(trace).into_iter();
    let told = findings.map(|finding| (finding.complaint, trace.tasks[finding.task].name.as_str()));
    told.collect()
}

/// The whole path, each stretch with its task and its length in seconds.
fn path(trace: &Trace) -> Vec<(&str, SegmentKind, u64)> {
    let path = critical_path(trace).into_iter();
    let told = path.map(|segment| {
        let name = trace.tasks[segment.task].name.as_str();
        (name, segment.kind, segment.length().as_secs())
    });
    told.collect()
}

#[test]
fn concurrency_counts_what_goes_on_and_not_who_waits_for_it() {
    assert_eq!(concurrency(Waiter::Sequential, 1), 1);
    assert_eq!(concurrency(Waiter::SpawnAwait, 1), 1);
    assert_eq!(concurrency(Waiter::Tasks, 1), 3);
    assert_eq!(concurrency(Waiter::AsCompleted, 1), 3);
    assert_eq!(concurrency(Waiter::Offloaded, 1), 3);
    let (_, trace) = traced(Waiter::Tasks, 1);
    let mean = Axes::of(&trace, None).concurrency.mean;
    assert_eq!(mean, Some(27.0 / 16.0));
}

#[test]
fn parallelism_needs_threads() {
    assert_eq!(parallelism(Waiter::Tasks, 1), 1);
    assert_eq!(parallelism(Waiter::Tasks, 3), 1);
    assert_eq!(parallelism(Waiter::BlockingTasks, 1), 1);
    assert_eq!(parallelism(Waiter::BlockingTasks, 2), 2);
    assert_eq!(parallelism(Waiter::BlockingTasks, 3), 3);
    assert_eq!(parallelism(Waiter::Parallel, 1), 3);
}

#[test]
fn threads_are_those_of_the_model() {
    let names = |case, workers| {
        let (_, trace) = traced(case, workers);
        let polled =
            |what: &pollmark_core::trace::What| *what == pollmark_core::trace::What::PollStarted;
        let mut threads: Vec<_> = trace
            .events
            .iter()
            .filter(|event| polled(&event.what))
            .map(|event| trace.threads[event.thread].name.clone())
            .collect();
        threads.sort();
        threads.dedup();
        threads
    };
    assert_eq!(names(Waiter::Tasks, 3), ["worker 0"]);
    assert_eq!(names(Waiter::BlockingTasks, 2), ["worker 0", "worker 1"]);
    let calls = ["blocking 0", "blocking 1", "blocking 2", "worker 0"];
    assert_eq!(names(Waiter::Parallel, 1), calls);
}

#[test]
fn the_critical_path_is_what_has_to_be_waited_for() {
    let (_, tasks) = traced(Waiter::Tasks, 1);
    assert_eq!(path(&tasks), [("Chops", SegmentKind::Wait, 16)]);
    let (_, sequential) = traced(Waiter::Sequential, 1);
    assert_eq!(path(&sequential), [("main", SegmentKind::Wait, 27)]);
    let (_, parallel) = traced(Waiter::Parallel, 1);
    assert_eq!(path(&parallel), [("Chops", SegmentKind::Call, 16)]);
    let (_, blocking) = traced(Waiter::BlockingTasks, 3);
    assert_eq!(path(&blocking), [("Chops", SegmentKind::Block, 16)]);
    let (_, one_by_one) = traced(Waiter::SpawnAwait, 1);
    let each = [("Pasta", 8), ("Caesar salad", 3), ("Chops", 16)];
    assert_eq!(
        path(&one_by_one),
        each.map(|(name, length)| (name, SegmentKind::Wait, length))
    );
    let (_, completed) = traced(Waiter::AsCompleted, 1);
    assert_eq!(path(&completed), [("Chops", SegmentKind::Wait, 16)]);
}

#[test]
fn mistakes_are_diagnosed_and_what_is_right_is_not() {
    for (case, workers) in [
        (Waiter::Tasks, 1),
        (Waiter::Sequential, 1),
        (Waiter::Offloaded, 1),
        (Waiter::AsCompleted, 2),
        (Waiter::Parallel, 1),
    ] {
        assert_eq!(complaints(&traced(case, workers).1), [], "{case:?}");
    }
    let expected = [
        (Complaint::LongPoll, "Chops"),
        (Complaint::NeverYields, "Chops"),
        (Complaint::Starved, "main"),
    ];
    assert_eq!(complaints(&traced(Waiter::BlockingTasks, 1).1), expected);
    // There is no other task to starve.
    assert_eq!(
        complaints(&traced(Waiter::Blocking, 1).1),
        [
            (Complaint::LongPoll, "main"),
            (Complaint::NeverYields, "main")
        ]
    );
    let (_, cancelled) = traced(Waiter::CancelPending, 1);
    assert_eq!(complaints(&cancelled), [(Complaint::Dropped, "Chops")]);
    let text = diagnose(&cancelled).remove(0).text;
    assert_eq!(
        text,
        "`Chops` was dropped before its end, 4 s after its spawn: it was cancelled"
    );
    let unpolled = [(Complaint::NeverPolled, "Pasta")];
    assert_eq!(
        complaints(&traced(Waiter::CancelBeforeStart, 1).1),
        unpolled
    );
    let (_, orphan) = traced(Waiter::Orphan, 1);
    assert_eq!(complaints(&orphan), [(Complaint::NeverPolled, "Stew")]);
}

/// The time of all tasks stands still until that of a timer comes, whichever task holds the
/// workers.
#[test]
fn no_timer_of_the_model_is_late() {
    for (case, workers) in [(Hog::Blocking, 1), (Hog::Inline, 2), (Hog::Yielding, 1)] {
        let (_, trace) = traced(case, workers);
        let late: Vec<_> = trace.events.iter().filter_map(|event| event.late).collect();
        assert!(late.len() > 20, "{case:?}: {} timers fired", late.len());
        assert!(late.iter().all(|late| late.is_zero()), "{case:?}: {late:?}");
    }
}

#[test]
fn a_hog_is_found_with_who_starved_beside_it() {
    let (_, trace) = traced(Hog::Blocking, 1);
    let found = complaints(&trace);
    assert_eq!(found[0], (Complaint::LongPoll, "hog"), "{found:?}");
    assert!(found.contains(&(Complaint::Starved, "heart")), "{found:?}");
    let longest = Axes::of(&trace, None)
        .blocking
        .longest_poll
        .expect("there are polls");
    assert_eq!(
        (trace.tasks[longest.task].name.as_str(), longest.length),
        ("hog", secs(1))
    );
    for right in [Hog::Yielding, Hog::Offloaded] {
        assert_eq!(complaints(&traced(right, 1).1), [], "{right:?}");
    }
}

#[test]
fn tasks_know_who_spawned_them_and_where() {
    let (_, trace) = traced(Cafe::Concurrent, 1);
    let names: Vec<_> = trace.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["main", "coffee 1", "coffee 2"]);
    for task in &trace.tasks[1..] {
        assert_eq!(task.parent, Some(0));
        assert_eq!((task.spawned, task.ended), (secs(0), Some(secs(5))));
        assert!(
            task.spawned_at.file.ends_with("scenarios/lessons/cafe.rs"),
            "{}",
            task.spawned_at
        );
        assert_eq!((task.kind, task.polls, task.wakes), (TaskKind::Task, 2, 1));
    }
}

/// A trace is complete up to its limit, and says that the rest is missing.
#[test]
fn a_limit_cuts_the_end_and_counts_it() {
    let whole = traced(Waiter::Tasks, 1).1.events.len();
    let performed = perform_traced::<Virtual, _>(Waiter::Tasks, &options(1), 10);
    let (report, trace) = performed.expect("one thread starts");
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(trace.events.len(), 10);
    assert_eq!(trace.run.dropped as usize, whole - 10);
    assert_eq!(trace.events, traced(Waiter::Tasks, 1).1.events[..10]);
}

#[test]
fn a_trace_is_read_back_as_it_was_written() {
    for case in [
        Waiter::Offloaded,
        Waiter::CancelPending,
        Waiter::BlockingTasks,
    ] {
        let (_, trace) = traced(case, 2);
        let json = serde_json::to_string(&trace).expect("a trace is plain data");
        let back: Trace = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(back, trace);
    }
}

/// Recording changes nothing: every run of the catalogue comes out the same with it, the
/// transcripts of lessons line for line, and trace and transcript agree in their times.
#[test]
fn a_traced_run_is_the_same_run() {
    let flavour: &dyn Flavour = FLAVOURS[0];
    let mut lessons = 0;
    for listing in builtin() {
        // Options share their transcript, so each run has its own.
        let options = || Options {
            params: small(&listing),
            ..options(2)
        };
        for variant in &listing.variants {
            let (scenario, variant) = (listing.info.id, variant.id);
            let run = format!("{scenario}/{variant}");
            let plain = flavour.perform(scenario, variant, &options());
            let plain = plain.expect("it is listed").expect("one thread starts");
            let traced = flavour.perform_traced(scenario, variant, &options(), DEFAULT_LIMIT);
            let (traced, trace) = traced.expect("it is listed").expect("one thread starts");
            assert_eq!(traced.verdict, plain.verdict, "{run}");
            assert_eq!(traced.elapsed, plain.elapsed, "{run}");
            assert_eq!(trace.validate(), Ok(()), "{run}");
            assert_eq!(told(&traced), told(&plain), "{run}");
            if listing.info.kind == Kind::Lesson {
                let outcome =
                    |report: &Report| serde_json::to_value(&report.outcome).expect("data");
                assert_eq!(outcome(&traced), outcome(&plain), "{run}");
                agrees(&traced, &trace, &run);
                lessons += 1;
            }
        }
    }
    assert!(
        lessons > 50,
        "{lessons} lessons are not the whole catalogue"
    );
}

/// Parameters that make a benchmark, and a search that computes, short in an unoptimised build.
fn small(listing: &Listing) -> Params {
    let sizes = [
        ("tasks", "50"),
        ("rounds", "50"),
        ("yields", "10"),
        ("messages", "200"),
        ("timers", "1000"),
        ("jobs", "30"),
        ("scale", "1"),
    ];
    let infos = listing.info.params;
    let takes = |name: &str| infos.iter().any(|info| info.name == name);
    let given = sizes.into_iter().filter(|(name, _)| takes(name));
    given.fold(Params::defaults(infos), |params, (name, value)| {
        params
            .with(infos, name, value)
            .expect("the size is allowed")
    })
}

fn told(report: &Report) -> serde_json::Value {
    serde_json::to_value(&report.transcript).expect("a transcript is plain data")
}

/// Each task of the trace that the transcript names starts at the same time in both.
fn agrees(report: &Report, trace: &Trace, lesson: &str) {
    if report.elapsed.is_none() {
        return;
    }
    let (from, to) = trace.window().expect("main was polled");
    assert_eq!(
        Some(trace.scenario_time(to) - trace.scenario_time(from)),
        report.elapsed,
        "{lesson}"
    );
    for task in trace
        .tasks
        .iter()
        .filter(|task| task.kind == TaskKind::Task)
    {
        let started = report.transcript.iter().find(|entry| {
            entry.task == *task.name.as_str() && entry.event == pollmark_core::Event::Started
        });
        let same_name = trace
            .tasks
            .iter()
            .filter(|other| other.name == task.name)
            .count();
        if let (Some(entry), Some(started), 1) = (started, task.started, same_name) {
            assert_eq!(
                trace.scenario_time(started),
                entry.at,
                "{lesson}: {}",
                task.name
            );
        }
    }
}
