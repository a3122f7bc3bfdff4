//! Deadlines of sleeps that foreign threads poll: a thread each.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread::{self, Thread};
use std::time::Instant;

use pollmark_core::support::{contain, lock};

/// The most threads that wait for sleeps which foreign threads poll.
pub(crate) const MAX_ALARMS: usize = 1_000;

/// An alarm parks, and runs its waker.
const STACK_SIZE: usize = 256 * 1024;

/// A thread that waits for one deadline. Dropping it ends the wait.
pub(crate) struct Alarm {
    pub(crate) waker: Arc<Mutex<Option<Waker>>>,
    thread: Thread,
}

static ALARMS: AtomicUsize = AtomicUsize::new(0);

impl Alarm {
    /// Starts a thread that wakes by `waker` at `deadline`.
    ///
    /// # Errors
    ///
    /// An error if the OS refuses the thread, or [`MAX_ALARMS`] wait already.
    pub(crate) fn start(deadline: Instant, waker: &Waker) -> io::Result<Self> {
        let permit = AlarmPermit::take()?;
        let waker = Arc::new(Mutex::new(Some(waker.clone())));
        let waits = Arc::clone(&waker);
        let thread = thread::Builder::new()
            .name("pollmark-alarm".into())
            .stack_size(STACK_SIZE)
            .spawn(move || {
                let _permit = permit;
                contain(|| wait(&waits, deadline));
            })?;
        Ok(Alarm {
            waker,
            thread: thread.thread().clone(),
        })
    }

    /// Wakes by `waker` from now on.
    pub(crate) fn rewake(&self, waker: &Waker) {
        let replaced = match &mut *lock(&self.waker) {
            Some(current) if current.will_wake(waker) => return,
            Some(current) => Some(std::mem::replace(current, waker.clone())),
            None => None,
        };
        // Outside the lock, as both run user code.
        match replaced {
            Some(replaced) => drop(replaced),
            // The alarm has rung since the poll looked at the clock.
            None => waker.wake_by_ref(),
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let waker = lock(&self.waker).take();
        drop(waker);
        self.thread.unpark();
    }
}

/// Wakes at `deadline`, or ends once the waker has been taken away.
fn wait(waker: &Mutex<Option<Waker>>, deadline: Instant) {
    loop {
        let now = Instant::now();
        if now >= deadline {
            break;
        }
        if lock(waker).is_none() {
            return;
        }
        thread::park_timeout(deadline - now);
    }
    let waker = lock(waker).take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// One of the [`MAX_ALARMS`], until it is dropped.
struct AlarmPermit;

impl AlarmPermit {
    fn take() -> io::Result<Self> {
        let taken = ALARMS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < MAX_ALARMS).then_some(count + 1)
        });
        taken
            .map(|_| AlarmPermit)
            .map_err(|_| io::ErrorKind::QuotaExceeded.into())
    }
}

impl Drop for AlarmPermit {
    fn drop(&mut self) {
        ALARMS.fetch_sub(1, Ordering::Relaxed);
    }
}
