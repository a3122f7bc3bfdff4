//! A timeout of 1 s around a loop whose awaits are always ready.
use crate::lab;
use pollmark_core::trace::{Complaint, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};
use pollmark_runner_virtual::Virtual;
use std::time::{Duration, Instant};
#[derive(Clone, Copy)]
pub(crate) enum NoYield {
    Ready,
    ReadyForever,
    Yields,
    YieldsForever,
}
use NoYield::*;
const S: Duration = Duration::from_secs(1);
impl Scenario for NoYield {
    const INFO: ScenarioInfo = crate::lab::info("no-yield");
    const VARIANTS: &'static [Self] = &[Ready, ReadyForever, Yields, YieldsForever];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Ready => "ready",
                ReadyForever => "ready-forever",
                Yields => "yields",
                YieldsForever => "yields-forever",
            },
            "",
            "",
        )
        .busy()
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let c = cx.clone();
        let timed = cx
            .timeout(S, async move {
                loop {
                    match self {
                        Ready => {
                            c.spin(S / 1000);
                            std::future::ready(()).await;
                            if c.now() > S * 2 {
                                break;
                            }
                        }
                        ReadyForever => std::hint::black_box(std::future::ready(())).await,
                        Yields => {
                            c.spin(S / 1000);
                            c.yield_now().await;
                            if c.now() > S * 2 {
                                break;
                            }
                        }
                        YieldsForever => c.yield_now().await,
                    }
                }
            })
            .await;
        Outcome::new().with("timed_out", timed.is_err())
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("timed_out", true);
    }
}

/// The verdict and the findings of a loop that never gives way, within the limit and some time.
fn never_yields<Q: Runner>() -> Vec<Complaint> {
    let options = lab::options(S / 4);
    let timed_out = |report: Report| match report.verdict {
        Verdict::TimedOut(why) => assert!(why.contains("not finished after 0.25 s"), "{why}"),
        other => panic!("{other:?}"),
    };
    let started = Instant::now();
    timed_out(perform::<Q, _>(ReadyForever, &options).expect("the runtime can be built"));
    let (report, trace) = lab::traced::<Q, _>(ReadyForever, &options);
    timed_out(report);
    assert!(started.elapsed() < S * 30, "it was waited for");
    let main = &trace.tasks[0];
    assert_eq!(
        (main.name.as_str(), main.polls, main.ended),
        ("main", 1, None)
    );
    diagnose(&trace)
        .iter()
        .map(|found| found.complaint)
        .collect()
}

#[test]
fn a_poll_that_never_returns_is_timed_out() {
    lab::in_a_process(
        "no_yield_timeout::a_poll_that_never_returns_is_timed_out",
        || {
            let one_thread = never_yields::<TokioCurrentThread>();
            assert_eq!(one_thread, [Complaint::LongPoll, Complaint::NeverYields]);
            assert_eq!(never_yields::<Virtual>(), [Complaint::NeverReturned]);
            // A thread of its own delays no other task.
            assert_eq!(never_yields::<Threads>(), []);
            assert!(never_yields::<Tokio>().contains(&Complaint::LongPoll));
        },
    );
}
