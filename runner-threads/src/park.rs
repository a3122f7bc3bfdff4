//! `block_on`: drives one future on the calling thread, which parks between polls.
//!
//! The thread keeps the deadlines of the sleeps that its future waits for, and
//! parks until the nearest. So one task can hold any number of timers, and no
//! thread exists to serve them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use futures::executor::enter;
use pollmark_core::support::{contain, lock};

/// Runs `future` to its end on the calling thread.
///
/// May be nested: the inner call has wake-ups and deadlines of its own, and
/// those of the outer one wait until it returns.
///
/// # Panics
///
/// Passes on a panic of `future`.
///
/// # Blocking
///
/// Blocks the calling thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(Arc::clone(&parker));
    let mut context = Context::from_waker(&waker);
    // Before the future, so that it goes after it: sleeps leave one by one.
    let _current = CurrentParker::enter(parker.clone());
    let mut future = pin!(future);
    let mut due = Vec::new();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        parker.park(&mut due);
    }
}

/// The parker that a sleep which is polled right here must register with; `None` on a
/// thread that this crate does not drive.
pub(crate) fn current_parker() -> Option<Arc<Parker>> {
    // The access fails once the thread's thread-locals have been destroyed.
    let parker = CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()??;
    parker.drives_this_poll().then_some(parker)
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Parker>>> = const { RefCell::new(None) };
}

/// Makes a parker the thread's own until it is dropped.
struct CurrentParker {
    parker: Arc<Parker>,
    outer: Option<Arc<Parker>>,
}

impl CurrentParker {
    fn enter(parker: Arc<Parker>) -> Self {
        let outer = CURRENT.replace(Some(Arc::clone(&parker)));
        CurrentParker { parker, outer }
    }
}

impl Drop for CurrentParker {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
        // A sleep that another future holds as well (a `Shared`) may outlive the future
        // that polled it last. Waking it makes its next owner register anew.
        let orphans = std::mem::take(&mut lock(&self.parker.timers).waiting);
        for (_, waker) in orphans {
            contain(|| waker.wake());
        }
    }
}

/// The wait of one `block_on`: for a wake-up, or for the nearest of its deadlines.
pub(crate) struct Parker {
    thread: Thread,
    woken: AtomicBool,
    timers: Mutex<Timers>,
    /// Whether the thread was inside an executor of the `futures` crate when
    /// this one began, so that finding it there again says nothing.
    inside_futures_executor: bool,
}

#[derive(Default)]
struct Timers {
    waiting: BTreeMap<(Instant, u64), Waker>,
    next_id: u64,
}

/// A sleep's place among the deadlines of the thread that polled it last.
/// Dropping it gives the place up, on any thread.
pub(crate) struct Registration {
    parker: Arc<Parker>,
    key: (Instant, u64),
}

impl Registration {
    pub(crate) fn new(parker: Arc<Parker>, deadline: Instant, waker: &Waker) -> Self {
        let waker = waker.clone();
        let mut timers = lock(&parker.timers);
        let key = (deadline, timers.next_id);
        timers.next_id += 1;
        timers.waiting.insert(key, waker);
        drop(timers);
        Registration { parker, key }
    }

    pub(crate) fn is_with(&self, parker: &Arc<Parker>) -> bool {
        Arc::ptr_eq(&self.parker, parker)
    }

    /// Wakes by `waker` from now on.
    pub(crate) fn rewake(&self, waker: &Waker) {
        let replaced = match lock(&self.parker.timers).waiting.entry(self.key) {
            Entry::Occupied(entry) if entry.get().will_wake(waker) => None,
            Entry::Occupied(mut entry) => Some(entry.insert(waker.clone())),
            Entry::Vacant(entry) => {
                entry.insert(waker.clone());
                None
            }
        };
        // Outside the lock: a waker's last clone may drop a task, and its sleeps.
        drop(replaced);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let waker = lock(&self.parker.timers).waiting.remove(&self.key);
        drop(waker);
    }
}

impl Parker {
    fn new() -> Self {
        Parker {
            thread: thread::current(),
            woken: AtomicBool::new(false),
            timers: Mutex::default(),
            inside_futures_executor: enter().is_err(),
        }
    }

    /// The number of sleeps that are registered.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.timers).waiting.len()
    }

    /// Whether the poll under way will return to this parker before the thread
    /// waits. Inside `futures::executor::block_on`, called by a task, it will not:
    /// that waits on its own, and our deadlines would not be looked at.
    fn drives_this_poll(&self) -> bool {
        self.inside_futures_executor || enter().is_ok()
    }

    /// Blocks the thread until a wake-up since the last call, and wakes the
    /// sleeps that come due meanwhile.
    fn park(&self, due: &mut Vec<Waker>) {
        loop {
            // Even if a wake-up is there already: a future that wakes itself
            // for ever must not starve the sleeps beside it.
            let nearest = self.fire(due);
            // No user code may run from here to the parking: it could
            // use up the token that says that the flag was set.
            if self.woken.swap(false, Ordering::Acquire) {
                return;
            }
            match nearest {
                None => thread::park(),
                Some(deadline) => {
                    thread::park_timeout(deadline.saturating_duration_since(Instant::now()));
                }
            }
        }
    }

    /// Wakes every sleep that is due and gives the nearest deadline that is not.
    fn fire(&self, due: &mut Vec<Waker>) -> Option<Instant> {
        loop {
            let nearest = lock(&self.timers).take_due(due);
            if due.is_empty() {
                return nearest;
            }
            // A waker may run its task on the spot and register a nearer
            // deadline, so look again.
            for waker in due.drain(..) {
                waker.wake();
            }
        }
    }
}

impl Timers {
    fn take_due(&mut self, due: &mut Vec<Waker>) -> Option<Instant> {
        let mut now = None;
        while let Some(entry) = self.waiting.first_entry() {
            let (deadline, _) = *entry.key();
            if deadline > *now.get_or_insert_with(Instant::now) {
                return Some(deadline);
            }
            due.push(entry.remove());
        }
        None
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The thread that set the flag unparks: the parker parks only once it has found
        // the flag clear, and the token of `unpark` outlasts the time between.
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn a_wake_up_during_the_poll_is_not_lost() {
        let mut polls = 0;
        let count = block_on(poll_fn(|cx| {
            polls += 1;
            if polls == 1_000 {
                return Poll::Ready(polls);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        assert_eq!(count, 1_000);
    }

    #[test]
    fn wake_ups_of_two_threads_are_not_lost() {
        // One message at a time each way: a lost wake-up would hang the pair.
        let (to_there, from_here) = futures::channel::mpsc::unbounded::<u32>();
        let (to_here, from_there) = futures::channel::mpsc::unbounded::<u32>();
        let there = thread::spawn(move || block_on(echo(from_here, to_here)));
        let last = block_on(async move {
            use futures::StreamExt;
            let mut from_there = from_there;
            let mut last = 0;
            for number in 1..=20_000 {
                to_there.unbounded_send(number).expect("the echo listens");
                last = from_there.next().await.expect("the echo answers");
            }
            last
        });
        there.join().expect("the echo ends with its channel");
        assert_eq!(last, 20_000);
    }

    async fn echo(
        mut from: futures::channel::mpsc::UnboundedReceiver<u32>,
        to: futures::channel::mpsc::UnboundedSender<u32>,
    ) {
        use futures::StreamExt;
        while let Some(number) = from.next().await {
            to.unbounded_send(number).expect("the other side listens");
        }
    }

    #[test]
    fn a_nested_call_keeps_its_wake_ups_apart() {
        let mut polls = 0;
        block_on(poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            // Parks and is unparked: the token it uses up may be the outer one's.
            let (sender, receiver) = futures::channel::oneshot::channel();
            thread::spawn(move || sender.send(7));
            assert_eq!(block_on(receiver), Ok(7));
            Poll::Pending
        }));
        assert_eq!(polls, 2);
    }
}
