//! A task blocks its worker on a future that another task has to finish.
use crate::lab::{findings, options, traced};
use pollmark_core::trace::{Complaint, Trace, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use pollmark_runner_smol::Smol;
use pollmark_runner_tokio::Tokio;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum BlockOn {
    /// The end of a task that the poll spawns.
    Task,
    /// A wait.
    Wait,
}
use BlockOn::*;
const S: Duration = Duration::from_secs(1);

impl Scenario for BlockOn {
    const INFO: ScenarioInfo = crate::lab::info("nested-block-on");
    const VARIANTS: &'static [Self] = &[Task, Wait];
    fn info(self) -> VariantInfo {
        match self {
            Task => VariantInfo::new("task", "", ""),
            Wait => VariantInfo::new("wait", "", ""),
        }
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let c = cx.clone();
        let outer = cx.spawn("outer", async move {
            let inner = c.wait(S);
            match self {
                Task => {
                    let inner = c.spawn("inner", inner);
                    futures::executor::block_on(inner).unwrap();
                }
                Wait => futures::executor::block_on(inner),
            }
        });
        outer.await.unwrap();
        Outcome::new()
    }
    fn check(self, _: &mut Observed<'_>) {}
}

fn ran<Q: Runner>(case: BlockOn) -> Trace {
    let mut options = options(Duration::from_secs(1));
    options.speed = Speed::LESSON;
    traced::<Q, _>(case, &options).1
}

#[track_caller]
fn waits_in_poll(trace: &Trace) -> String {
    let found = findings(trace, Complaint::WaitsInPoll);
    let [finding] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(trace.tasks[finding.task].name, "outer");
    for finding in diagnose(trace) {
        for advice in ["hand the computation", "await what is to be done"] {
            assert!(!finding.advice.contains(advice), "{}", finding.text);
        }
    }
    finding.text.clone()
}

#[test]
fn a_poll_that_waits_for_a_task_is_told_as_such() {
    let text = waits_in_poll(&ran::<Smol>(Task));
    assert!(
        text.contains("until `inner` ended, which it had spawned there"),
        "{text}"
    );
    // tokio keeps the task for the worker that waits for it.
    let text = waits_in_poll(&ran::<Tokio>(Task));
    assert!(
        text.contains("`outer` did not come back from a poll of"),
        "{text}"
    );
    assert!(
        text.contains("was not polled though a worker was free"),
        "{text}"
    );
}

#[test]
fn a_poll_that_waits_for_anything_else_is_not_said_to_compute() {
    let trace = ran::<Smol>(Wait);
    let found = findings(&trace, Complaint::LongPoll);
    let [finding] = &found[..] else {
        panic!("{found:?}")
    };
    assert!(
        finding.advice.contains("a nested `block_on`"),
        "{}",
        finding.advice
    );
}
