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

/// The number of times that a hang must be told right, of as many.
const TIMES: usize = 10;

fn hangs<Q: Runner>(times: usize) {
    for _ in 0..times {
        let options = Options {
            speed: Speed::new(4.0).expect("it is positive"),
            ..crate::lab::options(S)
        };
        let (report, trace) = crate::lab::traced::<Q, _>(Borrowed, &options);
        let found = crate::lab::hang(&report, &trace);
        let (text, runner) = (&found.text, Q::INFO.id);
        let begins = "`main` waits, and nothing wakes it: since ";
        assert!(text.starts_with(begins), "{runner}: {text}");
        let woken = text.contains("; `holder` woke `main` at ");
        assert!(woken, "{runner}: {text}");
        let why = "was handed to a future that is not polled any more";
        assert!(found.advice.contains(why), "{runner}: {}", found.advice);
        assert_eq!((found.task, found.others.len()), (0, 0), "{runner}");
    }
}

#[test]
fn a_lock_that_was_handed_to_a_future_set_aside_is_told_on_every_runner() {
    hangs::<pollmark_runner_virtual::Virtual>(1);
    crate::lab::on_every_real_runner!(hangs(TIMES));
}

#[test]
fn a_task_of_its_own_takes_the_lock_and_hands_it_on() {
    let options = crate::lab::options(S);
    let report = perform::<pollmark_runner_virtual::Virtual, _>(Spawned, &options);
    let report = report.expect("the simulator can be built");
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(report.elapsed, Some(S * 21 / 10));
}
