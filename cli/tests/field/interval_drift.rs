//! Twenty ticks of 100 ms: each wait after the last, or each deadline from the start.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;

use pollmark_runner_async_std::AsyncStd;
use pollmark_runner_smol::Smol;
use pollmark_runner_tokio::Tokio;
use pollmark_runner_virtual::Virtual;

use crate::lab::{options, traced};

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

/// The drift after 20 ticks, and the shortest gap between two.
fn ticks<Q: Runner>(case: Drift) -> [Duration; 2] {
    let (report, _) = traced::<Q, _>(case, &options(Duration::from_secs(4)));
    ["drift_us", "shortest_us"].map(|name| {
        let micros = report.outcome.value(name).as_u64();
        Duration::from_micros(micros.expect("a number"))
    })
}

#[test]
fn on_the_virtual_clock_nothing_drifts_and_a_stall_is_made_up_for_at_once() {
    assert_eq!(ticks::<Virtual>(Delay), [Duration::ZERO, TICK]);
    assert_eq!(ticks::<Virtual>(Schedule), [Duration::ZERO, TICK]);
    assert_eq!(ticks::<Virtual>(Burst), [Duration::ZERO; 2]);
}

/// Tokio's timers have steps of a millisecond, and round up. A busy machine may be late at the
/// last tick of a schedule, so one try of some must show it.
#[test]
fn waits_in_turn_drift_by_the_step_of_the_timer_and_deadlines_do_not() {
    let shown = (0..3).any(|_| {
        let [[delay, _], [schedule, _]] = [Delay, Schedule].map(ticks::<Tokio>);
        delay >= Duration::from_millis(10) && schedule < delay / 3
    });
    assert!(shown);
}

#[test]
fn after_a_stall_the_deadlines_that_are_over_come_in_a_heap() {
    for ticks in [ticks::<Tokio>, ticks::<Smol>, ticks::<AsyncStd>] {
        let [_, shortest] = ticks(Burst);
        assert!(shortest < TICK / 10, "{shortest:?}");
    }
}
