//! N futures in one FuturesUnordered queue for one lock: time for each of them, by N.
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::sync::Arc;
use std::time::Duration;

use crate::every_runner::traced_on_each;
use crate::lab::options;

const PARAMS: &[ParamInfo] = &[ParamInfo::count("futures", 2_000)
    .within(1, 100_000)
    .help("how many futures queue for the lock")];

#[derive(Clone, Copy)]
pub(crate) struct Quadratic;
impl Scenario for Quadratic {
    const INFO: ScenarioInfo = ScenarioInfo {
        kind: Kind::Benchmark,
        params: PARAMS,
        ..crate::lab::info("quadratic")
    };
    const VARIANTS: &'static [Self] = &[Quadratic];
    fn info(self) -> VariantInfo {
        VariantInfo::new("quadratic", "", "").without_ideal()
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, params: Params) -> Outcome {
        let n = params.count("futures") as u64;
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let guard = lock.lock().await;
        let mut all: FuturesUnordered<_> = (0..n)
            .map(|_| {
                let l = lock.clone();
                async move { drop(l.lock().await) }
            })
            .collect();
        let _ = futures::poll!(all.next());
        drop(guard);
        let begun = std::time::Instant::now();
        while all.next().await.is_some() {}
        let _ = cx;
        Outcome::new().with("ns_each", begun.elapsed().as_nanos() as u64 / n)
    }
    fn check(self, _: &mut Observed<'_>) {}
}

#[test]
fn the_time_for_each_future_is_told_for_every_number_of_them() {
    for futures in ["2000", "8000", "32000"] {
        let options = || Options {
            params: Params::default()
                .with(PARAMS, "futures", futures)
                .expect("it is within the bounds"),
            ..options(Duration::from_secs(60))
        };
        for (runner, report, _) in traced_on_each(Quadratic, options) {
            assert_eq!(report.verdict, Verdict::Ok, "{runner}, {futures}");
            let each = report.outcome.value("ns_each").as_u64();
            assert!(each > Some(0), "{runner}, {futures}");
            println!("{runner}, {futures}: {each:?}");
        }
    }
}
