//! A timeout of 1 s around a loop whose awaits are always ready.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;
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
