//! Blocking calls: a thread each, up to a cap; further ones wait in a queue.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};

use pollmark_core::JoinError;
use pollmark_core::support::{Contained, JoinCell, caught, lock};

use crate::join::BlockingHandle;
use crate::registry::{Permit, Registry, Role};

/// The calls that run and those that wait for a thread.
pub(crate) struct Calls {
    registry: Arc<Registry>,
    cap: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    waiting: VecDeque<Box<dyn Call>>,
    running: HashMap<u64, Arc<dyn Abandon>>,
    /// Threads that will look at the queue before they end.
    threads: usize,
    next_id: u64,
}

impl Calls {
    /// Room for `cap` calls at a time, on threads of `registry`.
    pub(crate) fn new(registry: Arc<Registry>, cap: usize) -> Self {
        Calls {
            registry,
            cap,
            state: Mutex::default(),
        }
    }

    /// Queues `work`, and starts a thread for it if the cap allows.
    pub(crate) fn spawn<T, W>(self: &Arc<Self>, work: W) -> BlockingHandle<T>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let cell = Arc::new(JoinCell::new());
        let handle = BlockingHandle::new(Arc::clone(&cell));
        self.submit(Box::new(Job {
            work: Contained::new(work),
            outcome: None,
            cell,
        }));
        handle
    }

    /// Refuses new calls and drops those that have not begun.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for call in waiting {
            call.refuse(JoinError::Shutdown);
        }
    }

    /// Resolves the handles of the calls that did not end in time.
    pub(crate) fn abandon(&self) {
        let state = lock(&self.state);
        let running: Vec<_> = state.running.values().cloned().collect();
        drop(state);
        for call in running {
            call.abandon();
        }
    }

    fn submit(self: &Arc<Self>, call: Box<dyn Call>) {
        let mut state = lock(&self.state);
        if state.closed {
            drop(state);
            call.refuse(JoinError::Shutdown);
            return;
        }
        // In the queue before its thread is asked for, so that a refused thread
        // does not take the call with it.
        state.waiting.push_back(call);
        let another = state.threads < self.cap;
        if another {
            state.threads += 1;
        }
        drop(state);
        if another {
            self.start_thread();
        }
    }

    fn start_thread(self: &Arc<Self>) {
        let calls = Arc::clone(self);
        let body = move |permit| calls.work(permit);
        let Err(refusal) = self.registry.start(Role::Blocking, body) else {
            return;
        };
        let mut state = lock(&self.state);
        state.threads -= 1;
        if state.threads > 0 {
            // One of them will take the call when it is free.
            return;
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for call in waiting {
            call.refuse(same(&refusal));
        }
    }

    /// Runs calls on a blocking thread, until none is waiting.
    fn work(&self, permit: Permit) {
        let mut permit = Some(permit);
        let mut next = self.next(None);
        while let Some((id, mut call)) = next {
            call.run();
            next = self.next(Some(id));
            if next.is_none() {
                permit = None;
            }
            call.finish();
        }
        drop(permit);
    }

    /// The next call, first come first served; `ended` is the one just run.
    fn next(&self, ended: Option<u64>) -> Option<(u64, Box<dyn Call>)> {
        let mut state = lock(&self.state);
        let ended = ended.and_then(|id| state.running.remove(&id));
        let next = state.waiting.pop_front().map(|call| {
            let id = state.next_id;
            state.next_id += 1;
            state.running.insert(id, call.cell());
            (id, call)
        });
        if next.is_none() {
            state.threads -= 1;
        }
        drop(state);
        drop(ended);
        next
    }
}

/// A call without the type of its output. None of this unwinds.
trait Call: Send {
    fn run(&mut self);

    /// Makes the outcome of `run` known.
    fn finish(self: Box<Self>);

    /// Drops the work unrun and makes the reason known.
    fn refuse(self: Box<Self>, reason: JoinError);

    fn cell(&self) -> Arc<dyn Abandon>;
}

/// The shutdown's view of a call that runs.
trait Abandon: Send + Sync {
    /// Resolves its handle now, even if the call goes on.
    fn abandon(&self);
}

impl<T: Send> Abandon for JoinCell<T> {
    fn abandon(&self) {
        self.resolve(Err(JoinError::Shutdown));
    }
}

struct Job<T, W> {
    work: Contained<W>,
    outcome: Option<Result<T, JoinError>>,
    cell: Arc<JoinCell<T>>,
}

impl<T, W> Call for Job<T, W>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    fn run(&mut self) {
        let work = self.work.take();
        self.outcome = work.map(caught);
    }

    fn finish(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            self.cell.resolve(outcome);
        }
    }

    fn refuse(self: Box<Self>, reason: JoinError) {
        let Job { work, cell, .. } = *self;
        drop(work);
        cell.resolve(Err(reason));
    }

    fn cell(&self) -> Arc<dyn Abandon> {
        Arc::<JoinCell<T>>::clone(&self.cell)
    }
}

/// The same refusal for another call.
fn same(refusal: &JoinError) -> JoinError {
    match refusal {
        JoinError::Spawn(error) => JoinError::Spawn(match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        }),
        _ => JoinError::Shutdown,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::mpsc;
    use std::time::Duration;

    use futures::FutureExt;
    use futures::executor::block_on;
    use pollmark_core::{Config, Runner, Runtime};

    use super::*;
    use crate::Threads;

    fn one_at_a_time() -> Threads {
        let config = Config {
            blocking_threads: NonZeroUsize::new(1),
            ..Config::default()
        };
        Threads::build(&config).unwrap()
    }

    #[test]
    fn waiting_calls_run_in_order() {
        let threads = one_at_a_time();
        let rt = threads.handle();
        let (open, gate) = mpsc::channel::<()>();
        let first = rt.spawn_blocking(move || gate.recv());
        let (sender, order) = mpsc::channel();
        let calls: Vec<_> = (0..100)
            .map(|number| {
                let sender = sender.clone();
                rt.spawn_blocking(move || sender.send(number))
            })
            .collect();
        assert!(order.try_recv().is_err(), "the only thread is taken");
        open.send(()).unwrap();
        block_on(first).unwrap().unwrap();
        for call in calls {
            block_on(call).unwrap().unwrap();
        }
        drop(sender);
        assert!(order.iter().eq(0..100));
        assert!(threads.shutdown(Duration::from_secs(30)).complete);
    }

    #[test]
    fn a_panic_leaves_the_thread_to_the_next_call() {
        let threads = one_at_a_time();
        let rt = threads.handle();
        let (open, gate) = mpsc::channel::<()>();
        let first = rt.spawn_blocking(move || {
            gate.recv().unwrap();
            std::panic::resume_unwind(Box::new("spilled"));
        });
        let second = rt.spawn_blocking(|| 2);
        open.send(()).unwrap();
        let outcome: Result<(), _> = block_on(first);
        assert!(outcome.unwrap_err().is_panic());
        assert_eq!(block_on(second).unwrap(), 2);
    }

    #[test]
    fn shutdown_drops_what_waits_and_names_what_runs() {
        let threads = one_at_a_time();
        let rt = threads.handle();
        let (open, gate) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel();
        let first = rt.spawn_blocking(move || {
            started.send(()).unwrap();
            gate.recv()
        });
        running.recv().unwrap();
        let witness = Arc::new(());
        let held = Arc::clone(&witness);
        let second = rt.spawn_blocking(move || drop(held));
        let report = threads.shutdown(Duration::from_millis(10));
        assert_eq!(
            report.left.as_deref(),
            Some("1 thread is inside a blocking call")
        );
        assert_eq!(Arc::strong_count(&witness), 1, "dropped, not run");
        let stopped = |outcome| matches!(outcome, Some(Err(JoinError::Shutdown)));
        assert!(stopped(second.now_or_never()));
        assert!(stopped(
            first.now_or_never().map(|outcome| outcome.map(drop))
        ));
        open.send(()).unwrap();
    }
}
