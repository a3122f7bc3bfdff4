//! A send into a full channel under a timeout: the message is lost with the send; and a blocking call under a timeout goes on.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
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
fn a_send_that_timed_out_sends_nothing() {
    fn loses<Q: Runner>() {
        let options = crate::lab::options(10 * S);
        let report = perform::<Q, _>(Send, &options).expect("the runtime can be built");
        let counts = ["offered", "sent", "taken"].map(|name| report.outcome.value(name).as_u64());
        assert_eq!(counts, [Some(5), Some(2), Some(2)], "{}", Q::INFO.id);
    }
    loses::<pollmark_runner_virtual::Virtual>();
    crate::lab::on_every_real_runner!(loses());
}
