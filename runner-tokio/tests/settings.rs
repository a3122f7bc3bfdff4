//! Tokio's own settings have the effect that tokio gives them.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime, SettingError, Settings};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread, TokioPerCore};

fn with<Q: Runner>(settings: &str) -> Q {
    let settings = Settings::parse(Q::INFO.settings, settings).expect("the settings are known");
    let config = Config {
        settings,
        ..Config::with_workers(2)
    };
    Q::build(&config).expect("it can be built")
}

/// Tells when its thread ends.
struct EndOfThread(Cell<Option<mpsc::Sender<()>>>);

impl Drop for EndOfThread {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            // The test may have given up.
            let _ = end.send(());
        }
    }
}

thread_local! {
    static END: EndOfThread = const { EndOfThread(Cell::new(None)) };
}

fn idle_threads_end<Q: Runner>() {
    let runner = with::<Q>("thread-keep-alive=1ms");
    let (end, ended) = mpsc::channel();
    let rt = runner.handle();
    let call = async move {
        rt.spawn_blocking(|| END.with(|own| own.0.set(Some(end))))
            .await
    };
    runner
        .run(call, None)
        .expect("the root ends")
        .expect("the call ends");
    // Left alone, tokio keeps it for 10 s.
    ended
        .recv_timeout(Duration::from_secs(8))
        .expect("the thread ends");
    assert!(runner.shutdown(Duration::from_secs(5)).complete);
}

#[test]
fn an_idle_thread_of_the_pool_ends_after_its_keep_alive() {
    idle_threads_end::<Tokio>();
    idle_threads_end::<TokioCurrentThread>();
    idle_threads_end::<TokioPerCore>();
}

/// The polls of a busy task from the instant at which a timer is due to that at which it is seen.
fn polls_before_a_timer(settings: &str) -> u32 {
    let runner = with::<TokioCurrentThread>(settings);
    let rt = runner.handle();
    let busy = async move {
        let seen = Arc::new(AtomicBool::new(false));
        let (own, set) = (rt.clone(), Arc::clone(&seen));
        let sleeper = rt.spawn(async move {
            own.sleep(Duration::from_millis(1)).await;
            set.store(true, Ordering::Relaxed);
        });
        rt.yield_now().await;
        thread::sleep(Duration::from_millis(10));
        let mut polls = 0;
        poll_fn(|cx| {
            if seen.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            polls += 1;
            // Unlike a yield, this makes tokio look at nothing.
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        sleeper.await.expect("the sleeper ends");
        polls
    };
    runner.run(busy, None).expect("the root ends")
}

#[test]
fn a_short_event_interval_shows_a_timer_to_a_busy_worker_sooner() {
    let often = polls_before_a_timer("event-interval=5");
    let seldom = polls_before_a_timer("event-interval=500");
    assert!(often <= 10, "{often}");
    assert!(seldom > 100, "{seldom}");
}

#[test]
fn every_setting_of_this_build_is_taken() {
    fn taken<Q: Runner>() {
        for info in Q::INFO.settings.iter().filter(|info| info.available) {
            let text = ["=1", "=1ms", ""].map(|value| format!("{}{value}", info.name));
            let fits = |text: &&String| Settings::parse(Q::INFO.settings, text).is_ok();
            let text = text.iter().find(fits).expect("a value fits");
            let runner = with::<Q>(text);
            let rt = runner.handle();
            let root = async move { rt.spawn(async { 7 }).await };
            assert_eq!(runner.run(root, None).unwrap().unwrap(), 7, "{text}");
        }
    }
    taken::<Tokio>();
    taken::<TokioCurrentThread>();
    taken::<TokioPerCore>();
}

#[test]
fn a_setting_of_an_unstable_build_is_told_where_it_is_missing() {
    let asked = Settings::parse(Tokio::INFO.settings, "disable-lifo-slot");
    match cfg!(tokio_unstable) {
        true => assert!(asked.is_ok()),
        false => assert!(matches!(
            asked,
            Err(SettingError::Missing { name: "disable-lifo-slot", needs }) if needs.cfg.is_some()
        )),
    }
}
