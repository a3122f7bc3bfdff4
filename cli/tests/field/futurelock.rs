//! A future that has queued for a lock is set aside, and its task asks for the same lock again.
use futures::future::{Either, select};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum Futurelock {
    Borrowed,
    Spawned,
}
use Futurelock::*;
const S: Duration = Duration::from_secs(1);

impl Scenario for Futurelock {
    const INFO: ScenarioInfo = crate::lab::info("futurelock");
    const VARIANTS: &'static [Self] = &[Borrowed, Spawned];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Borrowed => "borrowed",
                Spawned => "spawned",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let (c, l) = (cx.clone(), lock.clone());
        let holder = cx.spawn("holder", async move {
            let _g = l.lock().await;
            c.wait(S * 2).await
        });
        cx.wait(S / 2).await;
        let (c, l) = (cx.clone(), lock.clone());
        let first = async move {
            let _g = l.lock().await;
            c.wait(S / 10).await
        };
        match self {
            Borrowed => {
                let mut first = Box::pin(first);
                if let Either::Right(_) = select(&mut first, Box::pin(cx.wait(S))).await {
                    let _g = lock.lock().await; // Never: `first` is next in the queue, and is not polled any more.
                }
            }
            Spawned => {
                let first = cx.spawn("first", first);
                if let Either::Right(_) = select(first, Box::pin(cx.wait(S))).await {
                    let _g = lock.lock().await;
                }
            }
        }
        holder.await.unwrap();
        Outcome::new().with("done", true)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("done", true)
    }
}
