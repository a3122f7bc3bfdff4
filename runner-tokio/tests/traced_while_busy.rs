//! A trace may be asked for at any time, also while the threads go on recording.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use pollmark_core::trace::record::Setting;
use pollmark_core::{Clock, Config, Runner, Runtime, Speed, Traced, Tracer};
use pollmark_runner_tokio::Tokio;

/// The number of times that it is asked for, with more in it each time ...
const TIMES: usize = 10;

/// ... unless it has become this large: while one is read, more may be recorded than it
/// holds.
const ENOUGH: usize = 20_000;

/// More than is recorded meanwhile.
const LIMIT: usize = 20_000_000;

/// So much longer than it takes that it has failed.
const TOO_LONG: Duration = Duration::from_secs(60);

/// Says that it is over when it is dropped, also in a panic: the others go on until then.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_is_recorded_so_far_is_whole() {
    let config = Config::with_workers(2);
    let runner = Tokio::build(&config).expect("tokio can be built");
    let rt = Traced::new(runner.handle(), Tracer::new(Clock::Real, LIMIT));
    let setting = Setting::of(&Tokio::INFO, &config, Speed::REAL);
    let over = Arc::new(AtomicBool::new(false));
    let root = rt.root({
        let (rt, over) = (rt.clone(), Arc::clone(&over));
        async move {
            let busy = || {
                let (rt, over) = (rt.clone(), Arc::clone(&over));
                rt.clone().spawn(async move {
                    while !over.load(Ordering::Relaxed) {
                        let child = rt.clone();
                        let ended = rt.spawn(async move { child.yield_now().await });
                        ended.await.expect("it ends");
                    }
                })
            };
            for task in [busy(), busy(), busy()] {
                task.await.expect("it ends");
            }
        }
    });
    let ran = thread::scope(|scope| {
        let look = scope.spawn(|| {
            let _over = Over(Arc::clone(&over));
            let mut looks = Vec::new();
            let mut before = 0;
            let enough = |looks: usize, events| looks == TIMES || events >= ENOUGH;
            while !enough(looks.len(), before) && !over.load(Ordering::Relaxed) {
                let trace = rt.tracer().trace(&setting);
                // Each time that there is more than the last time.
                if trace.events.len() > before {
                    before = trace.events.len();
                    looks.push((trace.validate(), trace.run.dropped));
                }
            }
            assert!(enough(looks.len(), before), "the run ended before");
            looks
        });
        let ran = {
            let _over = Over(Arc::clone(&over));
            runner.run(root, Some(TOO_LONG))
        };
        for look in look.join().expect("it only looks") {
            assert_eq!(look, (Ok(()), 0));
        }
        ran
    });
    ran.expect("the root ends");
    let trace = rt.tracer().trace(&setting);
    assert_eq!((trace.validate(), trace.run.dropped), (Ok(()), 0));
    assert!(trace.tasks.len() > 4, "nobody was busy");
}
