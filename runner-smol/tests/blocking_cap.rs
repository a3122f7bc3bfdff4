//! The cap of the blocking pool is the one asked for last; the variable counts
//! until one is asked for.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_smol::Smol;

/// Far longer than a pool takes to start a few threads.
const LIMIT: Duration = Duration::from_secs(10);

/// The pool reads the variable once, hence the process of its own.
#[test]
fn the_last_cap_asked_for_holds() {
    hold_with_variables(
        concat!(module_path!(), "::the_last_cap_asked_for_holds"),
        &[("BLOCKING_MAX_THREADS", "2")],
        assert_caps_are_obeyed,
    );
}

fn assert_caps_are_obeyed() {
    assert_eq!(most_at_a_time(None, 2), 2, "the variable's");
    assert_eq!(most_at_a_time(Some(3), 3), 3, "the first asked for");
    assert_eq!(most_at_a_time(Some(5), 5), 5, "the last asked for");
    assert_eq!(most_at_a_time(None, 5), 5, "left as it stood");
}

/// How many blocking calls run at a time on a runtime with this cap. Each call
/// waits until `wanted` do.
fn most_at_a_time(cap: Option<usize>, wanted: usize) -> usize {
    let smol = Smol::build(&Config {
        blocking_threads: cap.and_then(NonZeroUsize::new),
        ..Config::with_workers(1)
    })
    .unwrap();
    let runtime = smol.handle();
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(Mutex::new(0));
    let deadline = Instant::now() + LIMIT;
    let call = |_| {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        runtime.spawn_blocking(move || {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            {
                let mut most = most.lock().unwrap();
                *most = now.max(*most);
            }
            while *most.lock().unwrap() < wanted && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
            // Time for one too many to show.
            thread::sleep(Duration::from_millis(5));
            running.fetch_sub(1, Ordering::SeqCst);
        })
    };
    let calls: Vec<_> = (0..20).map(call).collect();
    let root = async move {
        for call in calls {
            call.await.unwrap();
        }
    };
    smol.run(root, None).unwrap();
    assert!(smol.shutdown(LIMIT).complete);
    *most.lock().unwrap()
}
