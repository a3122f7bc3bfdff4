//! Two actors that send to each other through channels with room for one.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
#[derive(Clone, Copy)]
pub(crate) enum Cycle {
    Bounded,
    Unbounded,
}
use Cycle::*;
impl Scenario for Cycle {
    const INFO: ScenarioInfo = crate::lab::info("cycle");
    const VARIANTS: &'static [Self] = &[Bounded, Unbounded];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Bounded => "bounded",
                Unbounded => "unbounded",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let pair = || match self {
            Bounded => async_channel::bounded::<u32>(1),
            Unbounded => async_channel::unbounded(),
        };
        let ((to_a, a), (to_b, b)) = (pair(), pair());
        to_a.send(6).await.unwrap();
        let actor = |name: &'static str,
                     mine: async_channel::Receiver<u32>,
                     other: async_channel::Sender<u32>| {
            cx.spawn(name, async move {
                let mut seen = 0u32;
                while let Ok(n) = mine.recv().await {
                    seen += 1;
                    if n == 0 {
                        other.close();
                        mine.close();
                        break;
                    }
                    for _ in 0..2 {
                        if other.send(n - 1).await.is_err() {
                            return seen;
                        }
                    }
                }
                seen
            })
        };
        let (a, b) = (actor("actor a", a, to_b), actor("actor b", b, to_a));
        let seen = a.await.unwrap() + b.await.unwrap();
        Outcome::new().with("seen", seen > 0)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("seen", true)
    }
}
