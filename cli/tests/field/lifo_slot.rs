//! A task wakes (or spawns) another and then blocks; a second worker is idle.
use crate::lab::{findings, options, traced};
use pollmark_core::trace::{Complaint, Finding, Trace};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use pollmark_runner_async_std::AsyncStd;
use pollmark_runner_smol::Smol;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::Tokio;
use pollmark_runner_virtual::Virtual;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum Lifo {
    Wake,
    Spawn,
    SpawnTwo,
    WakeYield,
    /// As `Wake`, but `main` awaits the busy task before it awaits the woken one.
    WakeAwaited,
}
use Lifo::*;
const S: Duration = Duration::from_secs(1);

impl Scenario for Lifo {
    const INFO: ScenarioInfo = crate::lab::info("lifo");
    const VARIANTS: &'static [Self] = &[Wake, Spawn, SpawnTwo, WakeYield, WakeAwaited];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Wake => "wake-then-block",
                Spawn => "spawn-then-block",
                SpawnTwo => "spawn-two-then-block",
                WakeYield => "wake-yield-block",
                WakeAwaited => "wake-then-block-awaited",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let (tx, rx) = async_channel::bounded::<Duration>(1);
        let c = cx.clone();
        let listener = cx.spawn("listener", async move {
            let sent = rx.recv().await.unwrap();
            c.now() - sent
        });
        cx.wait(S / 10).await;
        let c = cx.clone();
        let hog = cx.spawn("hog", async move {
            match self {
                Wake | WakeAwaited => {
                    tx.send(c.now()).await.unwrap();
                    c.block(S)
                }
                WakeYield => {
                    tx.send(c.now()).await.unwrap();
                    c.yield_now().await;
                    c.block(S)
                }
                Spawn | SpawnTwo => {
                    let (now, d) = (c.now(), c.clone());
                    let child = c.spawn("child", async move {
                        tx.send(now).await.unwrap();
                        drop(d)
                    });
                    if matches!(self, SpawnTwo) {
                        drop(c.spawn("another", async {}))
                    }
                    c.block(S);
                    child.await.unwrap();
                }
            }
        });
        let late = match self {
            WakeAwaited => {
                hog.await.unwrap();
                listener.await.unwrap()
            }
            _ => {
                let late = listener.await.unwrap();
                hog.await.unwrap();
                late
            }
        };
        Outcome::new().with("late_ms", late.as_millis() as u64)
    }
    fn check(self, _: &mut Observed<'_>) {}
}

/// The lateness of `listener`, and the finding, of a run at twenty times the speed.
fn ran<Q: Runner>(case: Lifo, workers: usize) -> (u64, Option<Finding>, Trace) {
    let mut options = options(Duration::from_secs(4));
    (options.config, options.speed) = (Config::with_workers(workers), Speed::LESSON);
    let (report, trace) = traced::<Q, _>(case, &options);
    let late = report.outcome.value("late_ms").as_u64().expect("a number");
    let mut found = findings(&trace, Complaint::ReadyBesideFreeWorker);
    assert!(found.len() <= 1, "{found:?}");
    (late, found.pop(), trace)
}

#[test]
fn tokio_leaves_the_woken_task_to_the_busy_worker_and_it_is_told() {
    for (case, workers, times) in [(Wake, 2, 10), (Wake, 4, 10), (WakeAwaited, 2, 10)] {
        for _ in 0..times {
            let (late, found, trace) = ran::<Tokio>(case, workers);
            let found = found.expect("it is late");
            assert!(late >= 1000, "{late} ms");
            assert_eq!(trace.tasks[found.task].name, "listener");
            assert!(trace.scenario_span(found.length.expect("a length")) >= S);
            let begin = "`listener` was ready and not polled for ";
            assert!(found.text.starts_with(begin), "{}", found.text);
            let rest = " real), though a worker was free all that time: it waited for the end of the \
                        poll of `hog`, which had woken it and went on";
            assert!(found.text.ends_with(rest), "{}", found.text);
        }
    }
    let (late, found, trace) = ran::<Tokio>(Spawn, 2);
    let found = found.expect("it is late");
    assert!(late >= 1000, "{late} ms");
    assert_eq!(trace.tasks[found.task].name, "child");
    assert!(
        found
            .text
            .ends_with("`hog`, which had spawned it and went on"),
        "{}",
        found.text
    );
}

/// Not late by the length of the poll, and no finding.
#[track_caller]
fn in_time<Q: Runner>(case: Lifo, workers: usize) {
    let (late, found, trace) = ran::<Q>(case, workers);
    assert!(late < 1000, "{late} ms on {}", Q::INFO.id);
    // The task that nothing waits for is in the slot of the busy worker; if it is polled before the
    // run ends, that is told.
    let found = found.filter(|found| trace.tasks[found.task].name != "another");
    assert_eq!(found, None, "{}", Q::INFO.id);
}

#[test]
fn a_task_that_another_worker_may_take_is_in_time() {
    in_time::<Tokio>(SpawnTwo, 2);
    in_time::<Tokio>(WakeYield, 2);
    for case in [Wake, Spawn] {
        in_time::<AsyncStd>(case, 2);
        in_time::<Smol>(case, 2);
        in_time::<Threads>(case, 2);
        in_time::<Virtual>(case, 2);
    }
}

#[test]
fn one_worker_is_starved_and_no_other_was_free() {
    let (late, found, trace) = ran::<Tokio>(Wake, 1);
    assert!(late >= 1000, "{late} ms");
    assert_eq!(found, None);
    assert_eq!(findings(&trace, Complaint::Starved).len(), 1);
}
