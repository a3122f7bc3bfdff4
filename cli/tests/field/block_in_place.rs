//! tokio's `block_in_place` beside another future in the same task, and beside another task.
use crate::lab::{findings, options, traced};
use pollmark_core::trace::{Complaint, ThreadKind, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use pollmark_runner_tokio::Tokio;
use std::time::Duration;
#[derive(Clone, Copy)]
pub(crate) enum InPlace {
    Joined,
    Spawned,
}
use InPlace::*;
const S: Duration = Duration::from_secs(1);

impl Scenario for InPlace {
    const INFO: ScenarioInfo = crate::lab::info("in-place");
    const VARIANTS: &'static [Self] = &[Joined, Spawned];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Joined => "joined",
                Spawned => "spawned",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let (c, d) = (cx.clone(), cx.clone());
        let beat = async move {
            for _ in 0..5 {
                d.wait(S / 10).await
            }
            d.now()
        };
        let block = async move {
            c.wait(S / 100).await;
            tokio::task::block_in_place(|| c.block(S))
        };
        let at = match self {
            Joined => futures::join!(beat, block).0,
            Spawned => {
                let b = cx.spawn("beat", beat);
                let k = cx.spawn("block", block);
                k.await.unwrap();
                b.await.unwrap()
            }
        };
        Outcome::new().with("beat_done_ms", at.as_millis() as u64)
    }
    fn check(self, _: &mut Observed<'_>) {}
}

#[test]
fn the_worker_goes_on_without_the_poll_and_only_its_own_task_waits() {
    // Slow enough that a timer's own lateness changes no figure much.
    let speed = Speed::new(5.0).expect("a speed");
    for workers in [1, 2] {
        // The ranges do not meet: a busy machine makes timers late.
        for (case, range) in [(Joined, 1400..2500), (Spawned, 500..1400)] {
            let mut options = options(Duration::from_secs(4));
            (options.config, options.speed) = (Config::with_workers(workers), speed);
            let (report, trace) = traced::<Tokio, _>(case, &options);
            let done = report
                .outcome
                .value("beat_done_ms")
                .as_u64()
                .expect("a number");
            assert!(range.contains(&done), "{done} ms");
            for finding in diagnose(&trace) {
                assert!(
                    !finding.text.contains("held its worker"),
                    "{}",
                    finding.text
                );
                assert!(
                    !finding.text.contains("held every worker"),
                    "{}",
                    finding.text
                );
            }
            let pool = trace.threads.iter();
            let mut pool = pool.filter(|thread| thread.kind == ThreadKind::Blocking);
            assert_eq!(pool.next(), None);
            if workers == 1 {
                let found = findings(&trace, Complaint::WorkerTakenOver);
                let [finding] = &found[..] else {
                    panic!("{found:?}")
                };
                assert!(
                    finding.text.contains("another thread took over"),
                    "{}",
                    finding.text
                );
            }
        }
    }
}
