//! Twenty ticks of 100 ms: each wait after the last, or each deadline from the start.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;
#[derive(Clone, Copy)]
pub(crate) enum Drift {
    Delay,
    Schedule,
    Burst,
}
use Drift::*;
const TICK: Duration = Duration::from_millis(100);
impl Scenario for Drift {
    const INFO: ScenarioInfo = crate::lab::info("drift");
    const VARIANTS: &'static [Self] = &[Delay, Schedule, Burst];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Delay => "delay",
                Schedule => "schedule",
                Burst => "burst",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let start = cx.now();
        let mut last = start;
        let mut shortest = Duration::MAX;
        for n in 1..=20u32 {
            match self {
                Delay => cx.wait(TICK).await,
                // There is no `wait_until`, and no interval.
                Schedule | Burst => cx.wait((start + TICK * n).saturating_sub(cx.now())).await,
            }
            if matches!(self, Burst) && n == 5 {
                cx.wait(TICK * 4).await
            }
            shortest = shortest.min(cx.now() - last);
            last = cx.now();
        }
        let drift = (cx.now() - start).saturating_sub(TICK * 20);
        Outcome::new()
            .with("drift_us", drift.as_micros() as u64)
            .with("shortest_us", shortest.as_micros() as u64)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.takes(TICK * 20, 20)
    }
}
