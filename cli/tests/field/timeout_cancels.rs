//! A send into a full channel under a timeout: the message is lost with the send; and a blocking call under a timeout goes on.
use pollmark_core::trace::Axes;
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::every_runner::traced_on_each;
use crate::lab::options;

#[derive(Clone, Copy)]
pub(crate) enum Cancels {
    Send,
    Blocking,
}
use Cancels::*;
const S: Duration = Duration::from_secs(1);
impl Scenario for Cancels {
    const INFO: ScenarioInfo = crate::lab::info("cancels");
    const VARIANTS: &'static [Self] = &[Send, Blocking];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Send => "send",
                Blocking => "blocking",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        match self {
            Send => {
                let (tx, mut rx) = tokio::sync::mpsc::channel(1);
                let mut sent = 0u64;
                let c = cx.clone();
                let taker = cx.spawn("taker", async move {
                    let mut n = 0u64;
                    while rx.recv().await.is_some() {
                        n += 1;
                        c.wait(S).await
                    }
                    n
                });
                for n in 0..5 {
                    match cx.timeout(S / 4, tx.send(n)).await {
                        Ok(r) => {
                            r.unwrap();
                            sent += 1
                        }
                        Err(_) => cx.say("gave up a send"),
                    }
                }
                drop(tx);
                Outcome::new()
                    .with("sent", sent)
                    .with("taken", taker.await.unwrap())
                    .with("offered", 5)
            }
            Blocking => {
                let done = Arc::new(AtomicBool::new(false));
                let (c, d) = (cx.clone(), done.clone());
                let timed = cx
                    .timeout(
                        S / 4,
                        cx.spawn_blocking("query", move || {
                            c.block(S);
                            d.store(true, Ordering::SeqCst)
                        }),
                    )
                    .await;
                let at_once = done.load(Ordering::SeqCst);
                cx.wait(S).await;
                Outcome::new()
                    .with("timed_out", timed.is_err())
                    .with("done_at_timeout", at_once)
                    .with("done_later", done.load(Ordering::SeqCst))
            }
        }
    }
    fn check(self, _: &mut Observed<'_>) {}
}

#[test]
fn a_cancelled_send_loses_its_message() {
    for (runner, report, _) in traced_on_each(Send, || options(S * 8)) {
        let values = ["offered", "sent", "taken"].map(|name| report.outcome.value(name).as_u64());
        assert_eq!(values, [5, 2, 2].map(Some), "{runner}");
    }
}

/// The call takes 1 s, and `main` waits for 1.25 s of the same time. A wake by the call's end,
/// which `main` no longer awaits, makes no wait of `main` the call's.
#[test]
fn a_call_that_outlives_its_timeout_is_as_concurrent_on_every_runner() {
    for (runner, report, trace) in traced_on_each(Blocking, || options(S * 4)) {
        let ends = ["timed_out", "done_at_timeout", "done_later"];
        let ends = ends.map(|name| report.outcome.value(name).as_bool());
        assert_eq!(ends, [true, false, true].map(Some), "{runner}");
        let concurrency = Axes::of(&trace, None).concurrency;
        let mean = concurrency.mean.expect("it takes time");
        // It was 1.20 where the wake counted; a late timer makes it a little less than 1.80.
        assert!((mean - 1.8).abs() < 0.1, "{runner}: {mean}");
        assert_eq!(concurrency.max, 2, "{runner}");
    }
}
