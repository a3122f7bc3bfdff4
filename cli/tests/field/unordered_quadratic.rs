//! N futures in one FuturesUnordered queue for one lock: time for each of them, by N.
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::sync::Arc;
#[derive(Clone, Copy)]
pub(crate) enum Quadratic {
    N2000,
    N8000,
    N32000,
}
use Quadratic::*;
impl Scenario for Quadratic {
    const INFO: ScenarioInfo = ScenarioInfo {
        kind: Kind::Benchmark,
        ..crate::lab::info("quadratic")
    };
    const VARIANTS: &'static [Self] = &[N2000, N8000, N32000];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                N2000 => "n2000",
                N8000 => "n8000",
                N32000 => "n32000",
            },
            "",
            "",
        )
        .without_ideal()
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let n = match self {
            N2000 => 2000,
            N8000 => 8000,
            N32000 => 32000u64,
        };
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
