//! A task: a future on a thread of its own.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pollmark_core::support::{Contained, caught};

use crate::join::{TaskCell, TaskHandle};
use crate::park::block_on;
use crate::registry::{Permit, Registry, Role};

/// Starts `future` on a thread of its own. Boxed, so that it moves to the new
/// thread as a pointer and takes nothing of its stack, however large it is.
pub(crate) fn spawn<F>(registry: &Arc<Registry>, future: Pin<Box<F>>) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let cell = TaskCell::new();
    let shared = Arc::clone(&cell);
    let future = Contained::new(future);
    let body = move |permit| run(future, &shared, permit);
    if let Err(refusal) = registry.start(Role::Task(cell.clone()), body) {
        cell.outcome.resolve(Err(refusal));
    }
    TaskHandle::new(cell)
}

/// Runs a task on its thread, from the first poll to the outcome.
fn run<F: Future>(mut future: Contained<Pin<Box<F>>>, cell: &TaskCell<F::Output>, permit: Permit) {
    let TaskCell { outcome, stop } = cell;
    let mut has_waited = false;
    let poll = |cx: &mut Context<'_>| {
        if stop.requested().is_none() {
            let future = future.as_mut().expect("polled until it ends");
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if !std::mem::replace(&mut has_waited, true) {
                stop.register(cx.waker());
            }
        }
        match stop.requested() {
            Some(stop) => Poll::Ready(future.end().and(Err(stop.into()))),
            None => Poll::Pending,
        }
    };
    let ended = caught(|| block_on(poll_fn(poll))).unwrap_or_else(Err);
    drop(future);
    drop(permit);
    if has_waited {
        stop.unregister();
    }
    outcome.resolve(ended);
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;
    use std::time::Duration;

    use futures::FutureExt;
    use futures::executor::block_on;
    use pollmark_core::transcript::Null;
    use pollmark_core::{Config, JoinError, JoinHandle, Runner, Runtime, Speed};

    use super::*;
    use crate::Threads;

    const LONG: Duration = Duration::from_secs(30);

    fn threads() -> Threads {
        Threads::build(&Config::default()).unwrap()
    }

    #[test]
    fn a_cancel_at_any_time_resolves_after_the_drop() {
        let threads = threads();
        let rt = threads.handle();
        let witness = Arc::new(());
        let mut cancelled = 0;
        for round in 0..2_000 {
            let held = Arc::clone(&witness);
            let task_rt = rt.clone();
            let task = rt.spawn(async move {
                for _ in 0..round % 8 {
                    task_rt.yield_now().await;
                }
                drop(held);
                round
            });
            if round % 3 == 0 {
                std::thread::yield_now();
            }
            match block_on(task.cancel()) {
                Ok(output) => assert_eq!(output, round),
                Err(JoinError::Cancelled) => cancelled += 1,
                Err(error) => panic!("{error}"),
            }
            assert_eq!(Arc::strong_count(&witness), 1);
        }
        assert!(cancelled > 0, "no cancel ever came in time");
        assert!(threads.shutdown(LONG).complete);
    }

    #[test]
    fn a_task_cancelled_while_it_is_polled_keeps_its_output() {
        let threads = threads();
        let rt = threads.handle();
        let (started, polled) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let task = rt.spawn(async move {
            started.send(()).unwrap();
            gate.recv().unwrap();
            9
        });
        polled.recv().unwrap();
        let cancelled = task.cancel();
        open.send(()).unwrap();
        assert_eq!(block_on(cancelled).unwrap(), 9);
    }

    #[test]
    fn a_future_is_dropped_before_its_outcome_is_known() {
        let threads = threads();
        let rt = threads.handle();
        let witness = Arc::new(());
        for round in 0..500 {
            let held = Arc::clone(&witness);
            // Unlike an async block, it still owns its captures when it is ready.
            let task = rt.spawn(poll_fn(move |_| {
                let _ = &held;
                match round % 2 {
                    0 => Poll::Ready(round),
                    _ => std::panic::resume_unwind(Box::new("odd")),
                }
            }));
            let outcome = block_on(task);
            assert_eq!(Arc::strong_count(&witness), 1);
            assert_eq!(outcome.is_ok(), round % 2 == 0);
        }
    }

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("a drop that panics"));
        }
    }

    #[test]
    fn a_future_that_panics_when_dropped_hangs_nobody() {
        let threads = threads();
        let rt = threads.handle();
        let bomb = PanicsOnDrop;
        let cancelled = rt.spawn(async move {
            let _bomb = bomb;
            pending::<()>().await;
        });
        let outcome = block_on(cancelled.cancel());
        assert!(outcome.unwrap_err().is_panic());
        assert!(threads.shutdown(LONG).complete);
        let bomb = PanicsOnDrop;
        let refused = rt.spawn(async move { drop(bomb) }).now_or_never();
        assert!(matches!(refused, Some(Err(JoinError::Shutdown))));
    }

    #[test]
    fn an_output_that_nobody_wants_may_panic_when_dropped() {
        let threads = threads();
        let rt = threads.handle();
        let (open, gate) = mpsc::channel::<()>();
        drop(rt.spawn(async move {
            gate.recv().unwrap();
            PanicsOnDrop
        }));
        open.send(()).unwrap();
        assert!(threads.shutdown(LONG).complete);
    }

    #[test]
    fn a_task_can_spawn_a_large_future() {
        let threads = threads();
        let rt = threads.handle();
        // By way of the context, as scenarios do, which adds frames to pass.
        let cx = pollmark_core::Context::new(rt, Null, Speed::REAL, Duration::ZERO);
        let sum = threads.run(
            async move {
                let large = [1u8; 256 * 1024];
                let inner = cx.clone();
                let task = cx.spawn("large", async move {
                    inner.yield_now().await;
                    large.iter().map(|byte| usize::from(*byte)).sum::<usize>()
                });
                task.await.unwrap()
            },
            None,
        );
        assert_eq!(sum.unwrap(), 256 * 1024);
    }

    #[test]
    fn a_poll_that_never_returns_is_named_and_its_handle_resolves() {
        let threads = threads();
        let rt = threads.handle();
        let (started, polled) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let task = rt.spawn(async move {
            started.send(()).unwrap();
            gate.recv().unwrap();
        });
        polled.recv().unwrap();
        let report = threads.shutdown(Duration::from_millis(10));
        let left = report.left.as_deref();
        assert_eq!(left, Some("1 thread is inside the poll of a task"));
        let outcome = task.now_or_never().expect("resolved by the shutdown");
        assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
        open.send(()).unwrap();
    }
}
