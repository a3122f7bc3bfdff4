//! Task groups, and events inside the call that spawns a child.

mod tiny;

use std::future::{Future, Ready, pending};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt};
use pollmark_core::transcript::Null;
use pollmark_core::{Context, GroupError, JoinError, JoinHandle, Runtime, Speed, TaskGroup};
use tiny::{Handle, Tiny};

/// If a runtime refuses a child, the child's future is dropped inside the call, and that drop may
/// spawn as well.
#[test]
fn a_refused_child_may_spawn_in_its_drop() {
    struct SpawnOnDrop(TaskGroup<Staged, Null, &'static str>);

    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            self.0.spawn("latecomer", async { Err::<(), _>("late") });
        }
    }

    ends(|| {
        let rt = Staged::default();
        let stage = rt.clone();
        let mut group = context(&rt)
            .group(async move |group| {
                let guard = SpawnOnDrop(group.clone());
                stage.at_next_spawn(Stage::Refuse);
                group.spawn("refused", async move {
                    let _guard = guard;
                    Ok(())
                });
                pending::<Outcome>().await
            })
            .boxed();
        assert!(poll(&mut group).is_pending());
        rt.run();
        let failures = failures(poll(&mut group));
        assert_eq!(
            failures,
            ["refused: the task panicked: no", "latecomer: late"]
        );
    });
}

/// If a child's spawn is under way when its group ends, the group waits for the child and reports
/// its failure.
#[test]
fn a_group_waits_for_a_spawn_under_way() {
    ends(|| {
        let rt = Staged::default();
        let (close, closed) = oneshot::channel::<()>();
        let (group, within) = group_that_fails(&rt, closed);
        let ending = group.clone();
        rt.at_next_spawn(Stage::Call(Box::new(move || {
            close.send(()).expect("the body waits");
            let polled = poll(lock(&ending).as_mut().expect("it has not been dropped"));
            assert!(polled.is_pending(), "ended without a child that is coming");
        })));
        within.spawn("late", async { Err::<(), _>("burnt") });
        rt.run();
        let polled = poll(lock(&group).as_mut().expect("it has not been dropped"));
        assert_eq!(
            failures(polled),
            ["the group's body: closed", "late: burnt"]
        );
    });
}

/// If a child's spawn is under way when its group is dropped, the child is ended.
#[test]
fn a_dropped_group_ends_a_spawn_under_way() {
    ends(|| {
        let rt = Staged::default();
        let (_close, closed) = oneshot::channel::<()>();
        let (group, within) = group_that_fails(&rt, closed);
        rt.at_next_spawn(Stage::Call(Box::new(move || drop(lock(&group).take()))));
        let alive = Arc::new(());
        let member = alive.clone();
        drop(within.spawn("late", async move {
            pending::<()>().await;
            drop(member);
            Ok(())
        }));
        rt.run();
        assert_eq!(Arc::strong_count(&alive), 1, "the child was left to run");
    });
}

/// A body that spawns without end keeps few of the children that have ended.
#[test]
fn a_group_lets_children_go_that_have_ended() {
    const ROUNDS: usize = 10_000;
    /// Children that stay alive all the time.
    const GUESTS: usize = 100;

    let rt = Staged::default();
    let stage = rt.clone();
    let mut group = context(&rt)
        .group(async move |group| {
            for _ in 0..GUESTS {
                group.spawn("guest", pending::<Outcome>());
            }
            for _ in 0..ROUNDS {
                group.spawn("visitor", async { Ok(()) });
                stage.yield_now().await;
            }
            Err::<(), _>("closed")
        })
        .boxed();
    let mut most = 0;
    for _ in 0..ROUNDS {
        assert!(poll(&mut group).is_pending());
        rt.run();
        most = most.max(rt.handles());
    }
    assert!(most > GUESTS, "the guests are held");
    assert!(
        most < 3 * GUESTS + 100,
        "{most} handles for {GUESTS} children"
    );
    assert!(poll(&mut group).is_pending());
    rt.run();
    assert_eq!(failures(poll(&mut group)), ["the group's body: closed"]);
    assert_eq!(rt.handles(), 0);
}

/// The failure of a child is reported even if the child was released.
#[test]
fn a_child_that_was_let_go_is_told_of() {
    let rt = Staged::default();
    let stage = rt.clone();
    let mut group = context(&rt)
        .group(async move |group| {
            group.spawn("cook", async { Err::<(), _>("burnt") });
            // All in one poll, during which the body does not learn of the failure.
            for _ in 0..1_000 {
                group.spawn("visitor", async { Ok(()) });
                stage.run();
            }
            assert!(stage.handles() < 100, "the cook was not let go");
            Ok(())
        })
        .boxed();
    assert_eq!(failures(poll(&mut group)), ["cook: burnt"]);
}

type Outcome = Result<(), &'static str>;
type Ended = Result<(), GroupError<&'static str>>;
type Shared<T> = Arc<Mutex<Option<T>>>;

/// A group, polled once, with a body that fails once `closed` is set, and the means to spawn into
/// it from outside.
fn group_that_fails(
    rt: &Staged,
    closed: oneshot::Receiver<()>,
) -> (
    Shared<BoxFuture<'static, Ended>>,
    TaskGroup<Staged, Null, &'static str>,
) {
    let within = Shared::default();
    let given = within.clone();
    let context = context(rt);
    let mut group = context
        .group(async move |group| {
            *lock(&given) = Some(group);
            let _ = closed.await;
            Err("closed")
        })
        .boxed();
    assert!(poll(&mut group).is_pending());
    let within = lock(&within).take().expect("the body has begun");
    (Arc::new(Mutex::new(Some(group))), within)
}

/// The runtime's action inside the next spawn.
enum Stage {
    /// Drops the future, and reports that with a panic: "no".
    Refuse,
    /// Calls this, and then spawns.
    Call(Box<dyn FnOnce() + Send>),
}

/// [`Tiny`], with an action inside a spawn.
#[derive(Clone, Default)]
struct Staged {
    tiny: Tiny,
    next: Shared<Stage>,
    /// The number of handles held.
    handles: Arc<AtomicUsize>,
}

/// A handle that is counted.
struct Counted<T>(Handle<T>, Held);

struct Held(Arc<AtomicUsize>);

impl Held {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Held(count.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Staged {
    fn at_next_spawn(&self, stage: Stage) {
        *lock(&self.next) = Some(stage);
    }

    fn run(&self) {
        while self.tiny.step(|_ready| 0) {}
    }

    fn handles(&self) -> usize {
        self.handles.load(Ordering::SeqCst)
    }
}

impl<T: Send + 'static> Future for Counted<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx)
    }
}

impl<T: Send + 'static> JoinHandle<T> for Counted<T> {
    fn abort(self) {
        self.0.abort();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        let Counted(handle, held) = self;
        handle.cancel().inspect(move |_| drop(held))
    }
}

impl Runtime for Staged {
    type JoinHandle<T: Send + 'static> = Counted<T>;
    type BlockingHandle<T: Send + 'static> = Ready<Result<T, JoinError>>;
    type Sleep = Ready<()>;

    fn spawn<F>(&self, future: F) -> Counted<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let stage = lock(&self.next).take();
        let handle = match stage {
            None => self.tiny.spawn(future),
            Some(Stage::Call(call)) => {
                call();
                self.tiny.spawn(future)
            }
            Some(Stage::Refuse) => {
                drop(future);
                self.tiny.spawn(async { resume_unwind(Box::new("no")) })
            }
        };
        Counted(handle, Held::new(&self.handles))
    }

    fn spawn_blocking<T, F>(&self, work: F) -> Ready<Result<T, JoinError>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.tiny.spawn_blocking(work)
    }

    fn sleep(&self, duration: Duration) -> Ready<()> {
        self.tiny.sleep(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        self.tiny.yield_now()
    }

    fn now(&self) -> Duration {
        self.tiny.now()
    }
}

fn context(rt: &Staged) -> Context<Staged, Null> {
    Context::new(rt.clone(), Null, Speed::REAL, Duration::ZERO)
}

fn poll<T>(future: &mut BoxFuture<'static, T>) -> Poll<T> {
    future.poll_unpin(&mut TaskContext::from_waker(Waker::noop()))
}

fn failures(ended: Poll<Ended>) -> Vec<String> {
    let Poll::Ready(Err(GroupError { failures })) = ended else {
        panic!("the group was to have failed: {ended:?}")
    };
    let told = failures
        .into_iter()
        .map(|failure| GroupError {
            failures: vec![failure],
        })
        .map(|one| one.to_string());
    told.collect()
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fails if `test` hangs, as it would on locking twice.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = channel();
    let running = thread::spawn(move || {
        test();
        drop(done);
    });
    let ended = ended.recv_timeout(Duration::from_secs(10));
    assert_eq!(
        ended,
        Err::<(), _>(RecvTimeoutError::Disconnected),
        "it hangs"
    );
    if let Err(panic) = running.join() {
        resume_unwind(panic);
    }
}
