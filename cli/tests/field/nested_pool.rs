//! Two blocking calls, each of which waits for another blocking call.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;
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
