//! tokio's `block_in_place` beside another future in the same task, and beside another task.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
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
