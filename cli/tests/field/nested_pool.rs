//! Two blocking calls, each of which waits for another blocking call.
use crate::lab::{options, traced};
use pollmark_core::trace::{Complaint, Finding, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use pollmark_runner_smol::Smol;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};
use pollmark_runner_virtual::Virtual;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
#[derive(Clone, Copy)]
pub(crate) enum Nested {
    Blocks,
    Awaits,
}
use Nested::*;
const S: Duration = Duration::from_secs(1);
impl Scenario for Nested {
    const INFO: ScenarioInfo = crate::lab::info("nested");
    const VARIANTS: &'static [Self] = &[Blocks, Awaits];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Blocks => "blocks",
                Awaits => "awaits",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let mut calls = Vec::new();
        for n in 0..2 {
            let c = cx.clone();
            let call = move || {
                let d = c.clone();
                c.spawn_blocking(format!("inner {n}"), move || d.block(S / 10))
            };
            calls.push(match self {
                Blocks => futures::future::Either::Left(
                    cx.spawn_blocking(format!("outer {n}"), move || {
                        futures::executor::block_on(call()).unwrap()
                    }),
                ),
                Awaits => futures::future::Either::Right(
                    cx.spawn(format!("outer {n}"), async move { call().await.unwrap() }),
                ),
            });
        }
        for call in calls {
            call.await.unwrap()
        }
        Outcome::new().with("done", true)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("done", true)
    }
}

/// A run with two blocking threads; what is said of the pool.
fn ran<Q: Runner>(case: Nested) -> (Report, Option<Finding>) {
    let mut options = options(2 * S);
    options.config.blocking_threads = NonZeroUsize::new(2);
    let (report, trace) = traced::<Q, _>(case, &options);
    let mut findings = diagnose(&trace).into_iter();
    let found = findings.find(|finding| finding.complaint == Complaint::PoolExhausted);
    (report, found)
}

fn is_told(found: Option<Finding>) {
    assert_eq!(
        found.expect("the pool is exhausted").text,
        "every thread of the pool waits for a call that is queued: `outer 0` for `inner 0`, and \
         `outer 1` for `inner 1`"
    );
}

#[test]
fn a_pool_that_waits_for_its_queue_is_a_deadlock_at_once_on_the_virtual_clock() {
    let start = Instant::now();
    let (report, found) = ran::<Virtual>(Blocks);
    assert_eq!(
        report.verdict,
        Verdict::Failed(
            "deadlock: every thread of the pool waits for a call that is queued: held by \
             `outer 0`, `outer 1`; queued: `inner 0`, `inner 1`"
                .to_owned()
        )
    );
    // Far below the half minute after which a run is given up, and far above the time needed.
    assert!(start.elapsed() < 10 * S);
    is_told(found);
}

#[test]
fn a_pool_that_waits_for_its_queue_is_told_after_the_timeout() {
    fn holds<Q: Runner>() {
        let (report, found) = ran::<Q>(Blocks);
        assert!(matches!(report.verdict, Verdict::TimedOut(_)), "{report}");
        is_told(found);
    }
    holds::<Tokio>();
    holds::<TokioCurrentThread>();
    holds::<Threads>();
}

#[test]
fn tasks_that_await_their_calls_end() {
    fn holds<Q: Runner>() {
        let (report, found) = ran::<Q>(Awaits);
        assert_eq!((report.verdict, found), (Verdict::Ok, None));
    }
    holds::<Virtual>();
    holds::<Tokio>();
    holds::<Smol>();
    holds::<Threads>();
}
