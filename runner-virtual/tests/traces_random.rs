//! Random programs: the traces of all of them are sound and add up.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use pollmark_core::trace::{Axes, Drawn, Trace, chrome, critical_path, diagnose, lives};
use pollmark_core::{Config, JoinHandle, Runner, Runtime, Speed, TracedRunner};
use pollmark_runner_virtual::Virtual;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Block(u64),
    Spin(u64),
    Yield,
    Call(u64),
    Spawn(Vec<Step>, Then),
}

/// The fate of a task that was spawned.
#[derive(Debug, Clone, Copy)]
enum Then {
    Awaited,
    Left,
    /// After so many milliseconds.
    Cancelled(u64),
}

fn program() -> impl Strategy<Value = Vec<Step>> {
    let millis = || 0_u64..20;
    let step = prop_oneof![
        millis().prop_map(Step::Wait),
        millis().prop_map(Step::Block),
        millis().prop_map(Step::Spin),
        Just(Step::Yield),
        millis().prop_map(Step::Call),
    ];
    let leaf = prop::collection::vec(step.clone(), 0..5);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let then = prop_oneof![
            Just(Then::Awaited),
            Just(Then::Left),
            (0_u64..20).prop_map(Then::Cancelled),
        ];
        let spawn = (inner, then).prop_map(|(program, then)| Step::Spawn(program, then));
        prop::collection::vec(prop_oneof![step.clone(), spawn], 0..5)
    })
}

fn carry_out<R: Runtime>(rt: R, program: Vec<Step>) -> BoxFuture<'static, ()> {
    let ms = Duration::from_millis;
    async move {
        let mut awaited = Vec::new();
        for step in program {
            match step {
                Step::Wait(millis) => rt.sleep(ms(millis)).await,
                Step::Block(millis) => rt.block(ms(millis)),
                Step::Spin(millis) => rt.spin(ms(millis)),
                Step::Yield => rt.yield_now().await,
                Step::Call(millis) => {
                    let there = rt.clone();
                    let call = rt.spawn_blocking(move || there.block(ms(millis)));
                    call.await.expect("no call fails");
                }
                Step::Spawn(program, then) => {
                    let task = rt.spawn(carry_out(rt.clone(), program));
                    match then {
                        Then::Awaited => awaited.push(task),
                        Then::Left => drop(task),
                        Then::Cancelled(millis) => {
                            rt.sleep(ms(millis)).await;
                            // It may have ended by then.
                            let _ = task.cancel().await;
                        }
                    }
                }
            }
        }
        for task in awaited {
            task.await.expect("no task fails");
        }
    }
    .boxed()
}

fn record(config: &Config, program: Vec<Step>) -> Trace {
    let runner = TracedRunner::<Virtual>::build(config).expect("one thread starts");
    let root = carry_out(runner.handle(), program);
    runner.run(root, None).expect("the root ends");
    let (shutdown, trace) = runner.finish(Duration::from_secs(10));
    assert!(shutdown.complete);
    trace
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn traces_are_sound_and_add_up(
        program in program(),
        workers in 1_usize..4,
        cores in 1_usize..4,
        threads in 1_usize..3,
        seed in prop::option::of(any::<u64>()),
    ) {
        let config = Config {
            cores: NonZeroUsize::new(cores),
            blocking_threads: NonZeroUsize::new(threads),
            seed,
            ..Config::with_workers(workers)
        };
        let trace = record(&config, program.clone());
        prop_assert_eq!(trace.validate(), Ok(()));
        prop_assert_eq!(trace.run.dropped, 0);
        prop_assert_eq!(&record_again(&config, program), &trace.events, "not repeatable");
        adds_up(&trace)?;
        draws(&trace)?;

        let axes = Axes::of(&trace, None);
        prop_assert!(axes.parallelism.max <= workers + threads);
        prop_assert!(axes.concurrency.max <= trace.tasks.len());
        for finding in diagnose(&trace) {
            let name = format!("`{}`", trace.tasks[finding.task].name);
            prop_assert!(finding.text.contains(&name), "{} is not named", name);
        }
    }
}

fn record_again(config: &Config, program: Vec<Step>) -> Vec<pollmark_core::trace::TraceEvent> {
    record(config, program).events
}

/// Periods fill each life, and the critical path fills the run.
fn adds_up(trace: &Trace) -> Result<(), TestCaseError> {
    for life in lives(trace).iter() {
        let task = &trace.tasks[life.task];
        let mut at = task.spawned;
        for period in life.periods {
            prop_assert_eq!(period.from, at, "a gap in the life of {}", &task.name);
            prop_assert!(period.from <= period.to);
            at = period.to;
        }
        prop_assert_eq!(at, task.ended.unwrap_or(trace.run.until));
    }
    let (from, to) = trace.window().expect("the root was polled");
    let path = critical_path(trace);
    let mut at = from;
    for segment in &path {
        prop_assert_eq!(segment.from, at, "a gap in the critical path");
        prop_assert!(segment.from < segment.to);
        at = segment.to;
    }
    prop_assert_eq!(at, to, "the critical path ends before the run");
    Ok(())
}

/// On each thread the slices of polls follow one another, and each task lives once.
fn draws(trace: &Trace) -> Result<(), TestCaseError> {
    let mut drawn = Vec::new();
    let run = Drawn {
        label: "random",
        trace,
        speed: Speed::REAL,
    };
    chrome(&[run], &mut drawn).expect("memory takes it");
    let drawn: serde_json::Value = serde_json::from_slice(&drawn).expect("it is JSON");
    let events = drawn["traceEvents"].as_array().expect("a list");
    let mut threads: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
    for event in events.iter().filter(|event| event["cat"] == "poll") {
        // As viewers read them.
        let nanos = |field: &str| (event[field].as_f64().expect("a time") * 1e3) as u64;
        let slices = threads.entry(event["tid"].as_u64().expect("a thread"));
        let slice = (nanos("ts"), nanos("ts") + nanos("dur"));
        slices.or_default().push(slice);
    }
    for slices in threads.values_mut() {
        slices.sort();
        for pair in slices.windows(2) {
            prop_assert!(pair[0].0 < pair[0].1, "{:?} has no length", pair[0]);
            prop_assert!(pair[0].1 <= pair[1].0, "{:?} overlap", pair);
        }
    }
    for task in &trace.tasks {
        for phase in ["b", "e"] {
            let id = task.id.to_string();
            let ends = events
                .iter()
                .filter(|event| event["ph"] == phase && event["id2"]["local"] == *id);
            prop_assert_eq!(ends.count(), 1, "{} of {}", phase, &task.name);
        }
    }
    Ok(())
}
