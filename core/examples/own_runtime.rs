//! A complete runtime of one's own: one thread that polls every task and keeps their timers, and a
//! thread for each blocking call. Then a lesson runs on it.
//!
//! `cargo run -p pollmark-core --example own_runtime`

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::executor::block_on;
use futures::future::{AbortHandle, BoxFuture, abortable};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use pollmark_core::scenarios::Waiter;
use pollmark_core::support::{JoinCell, caught, join_within, lock};
use pollmark_core::{
    BuildError, Clock, Config, Exception, JoinError, JoinHandle, Options, RunError, Runner,
    RunnerInfo, Runtime, ShutdownReport, Verdict, Workers, perform,
};

fn main() -> Result<(), BuildError> {
    let report = perform::<Own, _>(Waiter::Tasks, &Options::default())?;
    println!("{report}");
    assert_eq!(report.verdict, Verdict::Ok);
    Ok(())
}

/// The runner: starts the worker, and ends every thread. A runner that is dropped instead goes on.
struct Own(Handle);

impl Runner for Own {
    type Runtime = Handle;

    const INFO: RunnerInfo = RunnerInfo {
        exceptions: &[Exception {
            rule: "pipe_gives_bytes",
            reason: "its worker watches no files, so tasks cannot await a pipe",
        }],
        ..RunnerInfo::new(
            "own",
            "one thread for the tasks, one for each blocking call",
            Workers::One,
            Clock::Real,
        )
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        let (orders, ordered) = unbounded();
        let handle = Handle(Arc::new(Shared {
            began: Instant::now(),
            orders,
            most_calls: config.blocking_threads.map_or(usize::MAX, |n| n.get()),
            threads: Mutex::default(),
            changed: Condvar::new(),
        }));
        let alive = Alive::new(&handle.0);
        let worker = thread::Builder::new().spawn(move || {
            let _alive = alive;
            work(ordered);
        });
        worker.map_err(BuildError::Os)?;
        Ok(Own(handle))
    }

    fn handle(&self) -> Handle {
        self.0.clone()
    }

    fn run_or_stop<F>(
        &self,
        root: F,
        limit: Option<Duration>,
        on_stop: impl FnOnce(),
    ) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        block_on(join_within(&self.0, self.0.spawn(root), limit, on_stop))
    }

    fn shutdown(self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        let shared = &self.0.0;
        shared.orders.close_channel();
        let mut threads = shared.threads();
        threads.closed = true;
        shared.changed.notify_all();
        let living = |threads: &mut Threads| threads.living > 0;
        let waited = shared.changed.wait_timeout_while(threads, limit, living);
        match waited.unwrap_or_else(PoisonError::into_inner).0.living {
            0 => ShutdownReport::complete(started),
            left => ShutdownReport::left(started, format!("threads that had not ended: {left}")),
        }
    }
}

/// An order to the worker.
enum Order {
    Run(BoxFuture<'static, ()>),
    WakeAt(Instant, Waker),
}

/// Polls tasks until the runtime closes, then drops those that are left.
fn work(mut ordered: UnboundedReceiver<Order>) {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut tasks = FuturesUnordered::new();
    // The second part of the key keeps equal deadlines apart, and in their order.
    let mut timers = BTreeMap::new();
    for number in 0.. {
        let order = ordered.poll_next_unpin(&mut cx);
        match order {
            Poll::Ready(Some(Order::Run(task))) => tasks.push(task),
            Poll::Ready(Some(Order::WakeAt(at, waker))) => _ = timers.insert((at, number), waker),
            Poll::Ready(None) => return,
            Poll::Pending => {
                while let Some(first) = timers.first_entry()
                    && first.key().0 <= Instant::now()
                {
                    first.remove().wake();
                }
                // A task that ended may leave others ready. Any other work, an order or a wake, has
                // unparked this thread.
                let ended = matches!(tasks.poll_next_unpin(&mut cx), Poll::Ready(Some(())));
                match timers.first_key_value() {
                    _ if ended => {}
                    Some(((at, _), _)) => {
                        thread::park_timeout(at.saturating_duration_since(Instant::now()));
                    }
                    None => thread::park(),
                }
            }
        }
    }
}

/// The runtime, on which a scenario spawns.
#[derive(Clone)]
struct Handle(Arc<Shared>);

struct Shared {
    began: Instant,
    orders: UnboundedSender<Order>,
    /// The most blocking calls that run at a time.
    most_calls: usize,
    threads: Mutex<Threads>,
    changed: Condvar,
}

#[derive(Default)]
struct Threads {
    /// The worker, and the threads of blocking calls.
    living: usize,
    /// The threads that run a call, not those that wait for their turn.
    calling: usize,
    closed: bool,
}

impl Shared {
    fn threads(&self) -> MutexGuard<'_, Threads> {
        lock(&self.threads)
    }

    /// Runs `call` as soon as fewer than the most are running; `None` if the runtime closes before
    /// that.
    fn call<T>(&self, call: impl FnOnce() -> T) -> Option<Result<T, JoinError>> {
        let wait = |threads: &mut Threads| threads.calling >= self.most_calls && !threads.closed;
        let waited = self.changed.wait_while(self.threads(), wait);
        let mut threads = waited.unwrap_or_else(PoisonError::into_inner);
        if threads.closed {
            return None;
        }
        threads.calling += 1;
        drop(threads);
        let output = caught(call);
        self.threads().calling -= 1;
        self.changed.notify_all();
        Some(output)
    }
}

/// Counts a thread as living until this is dropped, even by a panic.
struct Alive(Arc<Shared>);

impl Alive {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.threads().living += 1;
        Alive(Arc::clone(shared))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.threads().living -= 1;
        self.0.changed.notify_all();
    }
}

impl Runtime for Handle {
    type JoinHandle<T: Send + 'static> = Task<T>;
    type BlockingHandle<T: Send + 'static> = Outcome<T>;
    type Sleep = Sleep;

    fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (teller, outcome) = Outcome::new();
        // Boxed first: a large future is not to pass through the adapters' stacks.
        let (future, abort) = abortable(Box::pin(future));
        #[expect(
            clippy::redundant_async_block,
            reason = "the block drops the future at its end, where a panic of that drop is caught too"
        )]
        let task = AssertUnwindSafe(async move { future.await }).catch_unwind();
        let task = task.map(move |ended| {
            let output = ended.map_err(JoinError::panicked);
            let output = output.and_then(|output| output.map_err(|_| JoinError::Cancelled));
            teller.0.resolve(output);
        });
        // Refused after the end: the task is dropped, and its teller with it.
        let _ = self.0.orders.unbounded_send(Order::Run(task.boxed()));
        Task(outcome, abort)
    }

    fn spawn_blocking<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (teller, outcome) = Outcome::new();
        let alive = Alive::new(&self.0);
        let thread = thread::Builder::new().spawn(move || {
            if let Some(output) = alive.0.call(work) {
                teller.0.resolve(output);
            }
        });
        match thread {
            Ok(_) => outcome,
            Err(refused) => Outcome(Arc::new(JoinCell::ended(Err(JoinError::Spawn(refused))))),
        }
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        Sleep {
            orders: self.0.orders.clone(),
            deadline: Instant::now() + duration.min(CENTURY),
            ordered: None,
        }
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        let mut yielded = false;
        poll_fn(move |cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    fn now(&self) -> Duration {
        self.0.began.elapsed()
    }
}

/// A wait. If it is dropped early, the worker is left with a wake that does nothing.
struct Sleep {
    orders: UnboundedSender<Order>,
    deadline: Instant,
    ordered: Option<Waker>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.deadline {
            return Poll::Ready(());
        }
        let waker = cx.waker();
        if !self
            .ordered
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            let order = Order::WakeAt(self.deadline, waker.clone());
            // Refused after the end, when no task runs any more.
            let _ = self.orders.unbounded_send(order);
            self.ordered = Some(waker.clone());
        }
        Poll::Pending
    }
}

/// The outcome of a task or a call.
struct Outcome<T>(Arc<JoinCell<T>>);

impl<T> Outcome<T> {
    fn new() -> (Teller<T>, Self) {
        let cell = Arc::new(JoinCell::new());
        (Teller(Arc::clone(&cell)), Outcome(cell))
    }
}

impl<T> Future for Outcome<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl<T> Drop for Outcome<T> {
    fn drop(&mut self) {
        self.0.detach();
    }
}

/// Tells the outcome. Dropped before that, it tells that the runtime ended first.
struct Teller<T>(Arc<JoinCell<T>>);

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        // The first outcome counts, so this one is for a task that told none.
        self.0.resolve(Err(JoinError::Shutdown));
    }
}

/// Awaits a task, and may ask it to end.
struct Task<T>(Outcome<T>, AbortHandle);

impl<T> Future for Task<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx)
    }
}

impl<T: Send + 'static> JoinHandle<T> for Task<T> {
    fn abort(self) {
        self.1.abort();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.1.abort();
        self.0
    }
}
