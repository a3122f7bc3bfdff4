//! The runner's threads: starts them, caps their number, waits for their end.

mod members;

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::JoinError;
use pollmark_core::support::{contain, lock};

pub(crate) use members::Role;
use members::{Left, Member, Members};

/// The stack of each thread, written down so that `RUST_MIN_STACK` does not
/// change a measurement.
///
/// It is address space, of which a thread pays for the pages that it touches. The number
/// of threads is limited by their mappings (four each, of 65,530), and not by the size of
/// the stacks. The default of 2 MiB is only just enough for a task that
/// spawns a future of 256 KiB: an unoptimised build holds a copy of it in each
/// frame on the way to its box.
pub(crate) const STACK_SIZE: usize = 4 * 1024 * 1024;

/// Ended threads that are left to finish exiting before another thread waits for them:
/// few enough that glibc keeps their stacks (40 MB at the most) for the next
/// ones. With 32 of them each spawn maps its stack anew and takes 1.4 times as long.
const UNJOINED: usize = 4;

/// All threads of one runner.
pub(crate) struct Registry {
    cap: usize,
    stack_size: usize,
    members: Mutex<Members>,
    /// Told when the last member has been removed.
    emptied: Condvar,
    /// Held while ended threads are joined, so that a spawn that finds the registry full
    /// waits for their exit instead of counting them as gone.
    joining: Mutex<()>,
}

/// The right of a thread to run. Dropping it says that the thread's work is done;
/// to be dropped before an outcome is made known, so that the task that acts on the
/// outcome finds room for another thread.
pub(crate) struct Permit {
    registry: Arc<Registry>,
    id: u64,
    /// Whether the thread exists that it was meant for.
    taken: bool,
}

thread_local! {
    /// Whether this thread has given up its permit: it may be joined by another,
    /// and so must not join any itself.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

impl Registry {
    pub(crate) fn new(cap: usize, stack_size: usize) -> Self {
        Registry {
            cap,
            stack_size,
            members: Mutex::default(),
            emptied: Condvar::new(),
            joining: Mutex::new(()),
        }
    }

    /// Runs `body` on a thread of its own.
    ///
    /// # Errors
    ///
    /// [`JoinError::Shutdown`] once the registry is closed, [`JoinError::Spawn`] if the
    /// cap or the OS refuses. `body` has been dropped then; it must not unwind there.
    pub(crate) fn start(
        self: &Arc<Self>,
        role: Role,
        body: impl FnOnce(Permit) + Send + 'static,
    ) -> Result<(), JoinError> {
        let name = role.thread_name();
        let mut permit = self.reserve(role)?;
        let id = permit.id;
        let started = thread::Builder::new()
            .name(name.into())
            .stack_size(self.stack_size)
            .spawn(move || {
                permit.taken = true;
                contain(move || body(permit));
            });
        self.attach(id, started.map_err(JoinError::Spawn)?);
        Ok(())
    }

    /// Refuses new threads and requests the end of the tasks of all others.
    pub(crate) fn close(&self) {
        let tasks = lock(&self.members).close();
        for task in tasks {
            task.shut_down();
        }
    }

    /// Waits until every thread has ended, and joins them.
    ///
    /// # Errors
    ///
    /// [`Left`] says which threads still run at `deadline`.
    ///
    /// # Blocking
    ///
    /// Blocks until then. A joined thread has nothing left to run but the
    /// destructors of its thread-locals.
    pub(crate) fn wait_until_ended(&self, deadline: Option<Instant>) -> Result<(), Left> {
        let mut members = lock(&self.members);
        while !members.are_gone() {
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Err(members.left());
            }
            let time = deadline.map_or(Duration::MAX, |deadline| deadline - now);
            members = self.wait(members, time);
        }
        drop(members);
        self.join_ended();
        Ok(())
    }

    /// Resolves the handles of the tasks that did not end in time.
    pub(crate) fn abandon(&self) {
        let tasks = lock(&self.members).tasks();
        for task in tasks {
            task.abandon();
        }
    }

    /// Lets threads that end from now on go unjoined.
    pub(crate) fn detach(&self) {
        let ended = lock(&self.members).detach();
        drop(ended);
    }

    fn reserve(self: &Arc<Self>, role: Role) -> Result<Permit, JoinError> {
        let mut members = lock(&self.members);
        if members.unjoined() >= UNJOINED || members.running() + members.leaving() >= self.cap {
            drop(members);
            self.join_ended();
            members = lock(&self.members);
        }
        if members.are_closed() {
            return Err(JoinError::Shutdown);
        }
        if members.running() >= self.cap {
            return Err(JoinError::Spawn(self.full()));
        }
        Ok(Permit {
            registry: Arc::clone(self),
            id: members.enter(role),
            taken: false,
        })
    }

    fn full(&self) -> io::Error {
        let text = format!(
            "{} threads are running, the cap of this runner; it starts another when one of them ends",
            self.cap
        );
        io::Error::new(io::ErrorKind::QuotaExceeded, text)
    }

    fn join_ended(&self) {
        if LEAVING.get() {
            return;
        }
        let _turn = lock(&self.joining);
        let ended = lock(&self.members).take_ended();
        let count = ended.len();
        for thread in ended {
            // A body never unwinds, so there is nothing to learn from it.
            let _ = thread.join();
        }
        lock(&self.members).have_left(count);
    }

    /// Keeps a started thread's handle, to join it once it has ended.
    fn attach(&self, id: u64, thread: thread::JoinHandle<()>) {
        self.change(|members| members.attach(id, thread));
    }

    /// Notes that the thread's work is done.
    fn end(&self, id: u64) {
        self.change(|members| members.end(id));
    }

    /// Removes a member that never got its thread.
    fn remove(&self, id: u64) {
        self.change(|members| members.remove(id));
    }

    /// Makes a change under the lock, and drops the member that it removes after it.
    fn change(&self, change: impl FnOnce(&mut Members) -> Option<Member>) {
        let mut members = lock(&self.members);
        let removed = change(&mut members);
        if removed.is_some() && members.are_gone() {
            self.emptied.notify_all();
        }
        drop(members);
        drop(removed);
    }

    fn wait<'a>(
        &self,
        members: MutexGuard<'a, Members>,
        time: Duration,
    ) -> MutexGuard<'a, Members> {
        let (members, _) = self
            .emptied
            .wait_timeout(members, time)
            .unwrap_or_else(PoisonError::into_inner);
        members
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.taken {
            LEAVING.set(true);
            self.registry.end(self.id);
        } else {
            self.registry.remove(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::future::pending;

    use futures::FutureExt;
    use futures::executor::block_on;
    use pollmark_core::{Config, JoinHandle, Runner, Runtime};

    use super::*;
    use crate::Threads;

    /// Long enough that only a bug reaches it.
    const LONG: Duration = Duration::from_secs(30);

    fn refusal<T>(outcome: Result<T, JoinError>) -> String {
        let error = outcome.err().expect("the thread is refused");
        assert!(matches!(error, JoinError::Spawn(_)), "{error:?}");
        error.source().expect("it has a cause").to_string()
    }

    #[test]
    fn a_full_registry_refuses_and_says_its_cap() {
        let threads = Threads::with_limits(&Config::default(), 2, STACK_SIZE).unwrap();
        let rt = threads.handle();
        let _first = rt.spawn(pending::<()>());
        let _second = rt.spawn(pending::<()>());
        let third = rt.spawn(pending::<()>()).now_or_never();
        let text = refusal(third.expect("refused at once"));
        assert!(text.contains("2 threads are running, the cap"), "{text}");
        let call = rt.spawn_blocking(|| ()).now_or_never();
        let text = refusal(call.expect("no thread is left to run it"));
        assert!(text.contains("2 threads are running, the cap"), "{text}");
        assert!(threads.shutdown(LONG).complete);
    }

    #[test]
    fn a_permit_is_free_once_an_outcome_is_known() {
        let threads = Threads::with_limits(&Config::default(), 1, STACK_SIZE).unwrap();
        let rt = threads.handle();
        for round in 0..500 {
            assert_eq!(block_on(rt.spawn(async move { round })).unwrap(), round);
            assert_eq!(block_on(rt.spawn_blocking(move || round)).unwrap(), round);
            let ended = block_on(rt.spawn(pending::<()>()).cancel());
            assert!(matches!(ended, Err(JoinError::Cancelled)), "{ended:?}");
        }
        assert!(threads.shutdown(LONG).complete);
    }

    #[test]
    fn a_thread_that_the_os_refuses_is_an_error() {
        // More address space than there is.
        let threads = Threads::with_limits(&Config::default(), 10, 1 << 50).unwrap();
        let rt = threads.handle();
        let witness = Arc::new(());
        let held = Arc::clone(&witness);
        let task = rt.spawn(async move { drop(held) });
        assert_eq!(Arc::strong_count(&witness), 1, "the future is dropped");
        refusal(task.now_or_never().expect("refused at once"));
        let held = Arc::clone(&witness);
        let call = rt.spawn_blocking(move || drop(held));
        assert_eq!(Arc::strong_count(&witness), 1, "the work is dropped");
        refusal(call.now_or_never().expect("refused at once"));
        assert!(threads.shutdown(LONG).complete);
    }

    #[test]
    fn shutdown_joins_every_thread() {
        let threads = Threads::build(&Config::default()).unwrap();
        let rt = threads.handle();
        let registry = Arc::clone(rt.registry());
        let waiting: Vec<_> = (0..100).map(|_| rt.spawn(pending::<()>())).collect();
        assert!(threads.shutdown(LONG).complete);
        assert_eq!(lock(&registry.members).leaving(), 0);
        for task in waiting {
            let outcome = task.now_or_never().expect("known once it has ended");
            assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
        }
        let late = rt.spawn(async {}).now_or_never();
        assert!(matches!(late, Some(Err(JoinError::Shutdown))), "{late:?}");
    }
}
