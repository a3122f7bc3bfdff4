//! A task wakes (or spawns) another and then blocks; a second worker is idle.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum Lifo {
    Wake,
    Spawn,
    SpawnTwo,
    WakeYield,
}
use Lifo::*;
const S: Duration = Duration::from_secs(1);

impl Scenario for Lifo {
    const INFO: ScenarioInfo = crate::lab::info("lifo");
    const VARIANTS: &'static [Self] = &[Wake, Spawn, SpawnTwo, WakeYield];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Wake => "wake-then-block",
                Spawn => "spawn-then-block",
                SpawnTwo => "spawn-two-then-block",
                WakeYield => "wake-yield-block",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let (tx, rx) = async_channel::bounded::<Duration>(1);
        let c = cx.clone();
        let listener = cx.spawn("listener", async move {
            let sent = rx.recv().await.unwrap();
            c.now() - sent
        });
        cx.wait(S / 10).await;
        let c = cx.clone();
        let hog = cx.spawn("hog", async move {
            match self {
                Wake => {
                    tx.send(c.now()).await.unwrap();
                    c.block(S)
                }
                WakeYield => {
                    tx.send(c.now()).await.unwrap();
                    c.yield_now().await;
                    c.block(S)
                }
                Spawn | SpawnTwo => {
                    let (now, d) = (c.now(), c.clone());
                    let child = c.spawn("child", async move {
                        tx.send(now).await.unwrap();
                        drop(d)
                    });
                    if matches!(self, SpawnTwo) {
                        drop(c.spawn("another", async {}))
                    }
                    c.block(S);
                    child.await.unwrap();
                }
            }
        });
        let late = listener.await.unwrap();
        hog.await.unwrap();
        Outcome::new().with("late_ms", late.as_millis() as u64)
    }
    fn check(self, _: &mut Observed<'_>) {}
}
