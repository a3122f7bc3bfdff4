//! Futures of one task that hold each other up: requests that are done while the body of their loop
//! awaits something else, and joined computations that take turns.
use futures::stream::{self, StreamExt};
use pollmark_core::trace::{Complaint, Finding, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;

use crate::every_runner::traced_on_each;
use crate::lab::options;

#[derive(Clone, Copy)]
pub(crate) enum Inside {
    SlowBody,
    Computing,
}
use Inside::*;
const MS: Duration = Duration::from_millis(1);

impl Scenario for Inside {
    const INFO: ScenarioInfo = crate::lab::info("inside");
    const VARIANTS: &'static [Self] = &[SlowBody, Computing];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                SlowBody => "slow-body",
                Computing => "computing",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        match self {
            SlowBody => {
                let requests = (0..2).map(|n| cx.named(("request", n), cx.wait(MS * 50)));
                let mut answers = stream::iter(requests).buffer_unordered(2);
                while answers.next().await.is_some() {
                    cx.wait(MS * 200).await
                }
                let quick = cx.named("quick", cx.wait(MS * 50));
                let slow = cx.named("slow", cx.wait(MS * 100));
                futures::join!(quick, slow);
            }
            Computing => {
                let compute = |name| {
                    let c = &cx;
                    cx.named(name, async move {
                        for _ in 0..3 {
                            c.spin(MS * 20);
                            c.yield_now().await
                        }
                    })
                };
                futures::join!(compute("one"), compute("two"));
            }
        }
        Outcome::new()
    }
    fn check(self, _: &mut Observed<'_>) {}
}

fn of(findings: Vec<Finding>, complaint: Complaint) -> Option<Finding> {
    let mut findings = findings.into_iter();
    findings.find(|finding| finding.complaint == complaint)
}

/// Both answers come at 50 ms. The loop takes one, and its body keeps the other waiting for 200 ms.
#[test]
fn an_answer_that_waits_for_a_slow_body_is_told() {
    for (runner, report, trace) in traced_on_each(SlowBody, || options(MS * 4000)) {
        assert_eq!(report.verdict, Verdict::Ok, "{runner}");
        let found = of(diagnose(&trace), Complaint::SetAside);
        let found = found.unwrap_or_else(|| panic!("{runner}: nothing is found"));
        let name = &trace.tasks[found.task].name;
        assert!(name.starts_with("request"), "{runner}: {name}");
        assert!(
            found.length > Some(MS * 150),
            "{runner}: {:?}",
            found.length
        );
        assert!(
            found.text.ends_with("awaited something else"),
            "{}",
            found.text
        );
    }
}

#[test]
fn joined_futures_that_compute_are_to_be_spawned() {
    for (runner, report, trace) in traced_on_each(Computing, || options(MS * 4000)) {
        assert_eq!(report.verdict, Verdict::Ok, "{runner}");
        let findings = diagnose(&trace);
        let advice = |complaint| of(findings.clone(), complaint).map(|found| found.advice);
        let aside = advice(Complaint::SetAside).unwrap_or_default();
        assert!(aside.starts_with("spawn them"), "{runner}: {findings:?}");
        // A thread of its own may be held.
        if runner != "threads" {
            assert_eq!(advice(Complaint::LongPoll), Some(aside), "{runner}");
        }
    }
}
