//! Traces of real runs: threads that exist, timers that are late.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use pollmark_core::scenarios::{BrigadePipe, Groups, Waiter};
use pollmark_core::trace::record::DEFAULT_LIMIT;
use pollmark_core::trace::{Axes, By, Drawn, End, TaskKind, Trace, What, chrome, critical_path};
use pollmark_core::{
    Config, Options, Params, Report, Runner, Runtime, Scenario, Speed, Traced, TracedRunner,
    Transcript, Verdict, perform_traced,
};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread, TokioHandle};

fn traced<Q: Runner, C: Scenario>(case: C, workers: usize) -> (Report, Trace) {
    let options = Options {
        config: Config::with_workers(workers),
        speed: Speed::new(50.0).expect("it is within the bounds"),
        transcript: Transcript::new(),
        ..Options::default()
    };
    let performed = perform_traced::<Q, C>(case, &options, DEFAULT_LIMIT);
    let (report, trace) = performed.expect("tokio can be built");
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(trace.validate(), Ok(()));
    assert_eq!(trace.run.dropped, 0);
    (report, trace)
}

#[test]
fn three_waits_overlap_and_the_longest_is_the_critical_one() {
    let (report, trace) = traced::<Tokio, _>(Waiter::Tasks, 2);
    let axes = Axes::of(&trace, None);
    assert_eq!(axes.concurrency.max, 3);
    assert!(axes.parallelism.max <= 2);
    let (from, to) = trace.window().expect("main was polled");
    let path = critical_path(&trace);
    assert_eq!(
        path.iter()
            .map(|segment| segment.length())
            .sum::<std::time::Duration>(),
        to - from
    );
    let longest = path.iter().max_by_key(|segment| segment.length());
    let longest = longest.expect("a run takes time");
    assert_eq!(trace.tasks[longest.task].name, "Chops");
    // The root reads the clock inside its first poll and before its end.
    let elapsed = report.elapsed.expect("it ended");
    assert!(trace.scenario_time(to) >= elapsed);
}

#[test]
fn every_task_and_call_is_told_from_its_spawn_to_its_end() {
    let (_, trace) = traced::<Tokio, _>(Waiter::Offloaded, 2);
    let count = |kind| trace.tasks.iter().filter(|task| task.kind == kind).count();
    assert_eq!((count(TaskKind::Task), count(TaskKind::Call)), (4, 3));
    for task in &trace.tasks {
        assert_eq!(task.end, Some(End::Finished), "{}", task.name);
        assert!(task.spawned_at.line > 0);
    }
    // Each call blocked a thread of its own, none of them a worker's.
    let threads = |kind| -> HashSet<_> {
        let polls = trace
            .events
            .iter()
            .filter(|event| event.what == What::PollStarted);
        let of_kind = polls.filter(|event| trace.tasks[event.task].kind == kind);
        of_kind.map(|event| event.thread).collect()
    };
    assert_eq!(threads(TaskKind::Call).len(), 3);
    assert!(threads(TaskKind::Call).is_disjoint(&threads(TaskKind::Task)));
    let woken = |by: By| {
        trace
            .events
            .iter()
            .any(|event| event.what == What::Woken { by })
    };
    for call in trace
        .tasks
        .iter()
        .filter(|task| task.kind == TaskKind::Call)
    {
        assert!(
            woken(By::EndOf(call.id)),
            "nobody was told of the end of {}",
            call.name
        );
    }
    let mut drawn = Vec::new();
    let run = Drawn {
        label: "waiter/offloaded@tokio",
        trace: &trace,
        speed: Speed::REAL,
    };
    chrome(&[run], &mut drawn).expect("memory takes it");
    let drawn: serde_json::Value = serde_json::from_slice(&drawn).expect("it is JSON");
    assert!(
        drawn["traceEvents"]
            .as_array()
            .is_some_and(|events| events.len() > 20)
    );
}

#[test]
fn one_thread_polls_all_and_timers_are_told_apart() {
    let (_, trace) = traced::<TokioCurrentThread, _>(Waiter::Tasks, 1);
    let polls = trace
        .events
        .iter()
        .filter(|event| event.what == What::PollStarted);
    let threads: HashSet<_> = polls.map(|event| event.thread).collect();
    assert_eq!(threads.len(), 1);
    let woken = trace
        .events
        .iter()
        .filter(|event| event.what == What::Woken { by: By::Timer });
    let woken: HashSet<_> = woken
        .map(|event| trace.tasks[event.task].name.as_str())
        .collect();
    assert_eq!(woken, HashSet::from(["Pasta", "Caesar salad", "Chops"]));
    println!("recording a poll costs {:?}", trace.run.poll_cost);
}

/// No timer fires before its time, and each that fires tells by how much it came after.
#[test]
fn only_timers_are_late_and_by_no_more_than_the_run_took() {
    let (_, trace) = traced::<TokioCurrentThread, _>(Waiter::BlockingTasks, 1);
    assert!(trace.events.iter().all(|event| event.late.is_none()));
    let (_, trace) = traced::<TokioCurrentThread, _>(Waiter::Tasks, 1);
    for event in &trace.events {
        let by_timer = event.what == What::Woken { by: By::Timer };
        assert_eq!(event.late.is_some(), by_timer, "{event:?}");
        assert!(
            event.late.unwrap_or_default() < trace.run.until,
            "{event:?}"
        );
    }
}

#[test]
fn a_pipe_that_wakes_is_named() {
    let infos = BrigadePipe::INFO.params;
    let params = Params::default().with(infos, "tasks", "3");
    let params = params.and_then(|params| params.with(infos, "rounds", "5"));
    let options = Options {
        params: params.expect("they are its parameters"),
        ..Options::default()
    };
    let performed = perform_traced::<Tokio, _>(BrigadePipe::Tasks, &options, DEFAULT_LIMIT);
    let (report, trace) = performed.expect("tokio can be built");
    assert_eq!(report.verdict, Verdict::Ok);
    let woken_by = |by: By| {
        let wakes = trace.events_of_the_run().iter();
        wakes
            .filter(|event| event.what == What::Woken { by })
            .count()
    };
    assert!(woken_by(By::Pipe) > 0, "no pipe woke anybody");
    assert_eq!(woken_by(By::Outside), 0, "somebody else did");
}

/// A failure is the task's own, not that of a future within it.
#[test]
fn failures_of_a_group_are_told() {
    let failing = |variant: &Groups| {
        let (report, trace) = traced::<Tokio, _>(*variant, 2);
        let failed = trace
            .tasks
            .iter()
            .filter(|task| task.end == Some(End::Failed));
        let failed: HashSet<_> = failed.map(|task| task.name.clone()).collect();
        let told = report.transcript.iter().filter(|entry| {
            let task = trace
                .tasks
                .iter()
                .find(|task| entry.task == *task.name.as_str());
            let panicked = task.is_some_and(|task| task.end == Some(End::Panicked));
            task.is_some() && !panicked && entry.event == pollmark_core::Event::Failed
        });
        let told: HashSet<_> = told.map(|entry| entry.task.to_string()).collect();
        assert_eq!(failed, told, "{}", variant.info().id);
        failed.len()
    };
    let failures: usize = Groups::VARIANTS.iter().map(failing).sum();
    assert!(failures > 0, "no group has a failing child");
}

/// Polled once more after this many steps, a task of tokio's is made to yield.
const BUDGET: usize = 128;

/// The wakes of a root that awaits as many finished tasks as use up its budget, and then
/// the future that `then` makes.
///
/// Having used it up, a task is woken through the waker that its next future was polled
/// with.
fn wakes_past_the_budget<F, T>(then: F) -> Vec<By>
where
    F: FnOnce(Traced<TokioHandle>) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let config = Config::with_workers(1);
    let runner = TracedRunner::<TokioCurrentThread>::build(&config).expect("tokio can be built");
    let rt = runner.handle();
    let root = async move {
        let quick: Vec<_> = (0..BUDGET).map(|_| rt.spawn(async {})).collect();
        let then = then(rt.clone());
        // All of them run before the root does again.
        rt.yield_now().await;
        for task in quick {
            task.await.expect("it ends");
        }
        then.await;
    };
    let limit = Some(Duration::from_secs(60));
    runner.run(root, limit).expect("the root ends");
    let (_, trace) = runner.finish(Duration::from_secs(5));
    assert_eq!(trace.validate(), Ok(()));
    let wakes = trace.events.iter().filter(|event| event.task == 0);
    let wakes = wakes.filter_map(|event| match event.what {
        What::Woken { by } => Some(by),
        _ => None,
    });
    wakes.collect()
}

#[test]
fn a_budget_that_is_used_up_is_not_the_end_of_a_task() {
    let wakes = wakes_past_the_budget(|rt| {
        let (opens, gate) = async_channel::bounded::<()>(1);
        let slow = rt.spawn(async move { gate.recv().await.is_err() });
        async move {
            let (mut slow, mut opens) = (pin!(slow), Some(opens));
            // Once for the budget; at the second time the task's end is waited for.
            let mut polls = 0;
            let ended = poll_fn(|cx| {
                let polled = slow.as_mut().poll(cx);
                polls += 1;
                if polls == 2 {
                    opens = None;
                }
                polled
            });
            assert!(ended.await.expect("it ends"));
        }
    });
    // The yield, the budget, and the end at last.
    let slow = BUDGET + 1;
    assert_eq!(wakes, [By::Outside, By::Outside, By::EndOf(slow)]);
}

#[test]
fn a_budget_that_is_used_up_is_not_the_end_of_a_sleep() {
    let wakes = wakes_past_the_budget(|rt| async move {
        let mut sleep = pin!(rt.sleep(Duration::from_secs(3_600)));
        // Given up once it has been polled again.
        let mut polls = 0;
        poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending());
            polls += 1;
            match polls {
                1 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    });
    // The yield and the budget.
    assert_eq!(wakes, [By::Outside, By::Outside]);
}
