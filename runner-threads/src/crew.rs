//! The runner's threads: how many live, how each is started, when all have ended.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::JoinError;

use crate::packet::Unfinished;
use crate::quiet::{lock, quietly};

/// The stack of each thread, written down so that `RUST_MIN_STACK` does not
/// change a measurement.
///
/// It is address space, of which a thread pays for the pages that it touches;
/// what limits the number of threads is their mappings (four each, of 65,530),
/// whatever their size. The default of 2 MiB is only just enough where a task
/// spawns a future of 256 KiB: an unoptimised build holds a copy of it in each
/// frame on the way to its box.
pub(crate) const STACK_SIZE: usize = 4 * 1024 * 1024;

/// Ended threads that are left to finish exiting before somebody waits for them:
/// few enough that glibc keeps their stacks (40 MB at the most) for the next
/// ones. With 32 of them each spawn maps its stack anew and takes 1.4 times as long.
const UNJOINED: usize = 4;

/// All threads of one runner.
pub(crate) struct Crew {
    cap: usize,
    stack_size: usize,
    state: Mutex<State>,
    changed: Condvar,
    /// Held while ended threads are joined, so that who finds the crew full
    /// waits for their exit instead of counting them as gone.
    joining: Mutex<()>,
}

#[derive(Default)]
struct State {
    closed: bool,
    /// Whether anybody will still join the threads that end.
    detached: bool,
    /// Threads that have been asked for and have not ended.
    running: usize,
    /// Threads that have ended and have not been joined.
    leaving: usize,
    members: HashMap<u64, Member>,
    ended: Vec<thread::JoinHandle<()>>,
    next_id: u64,
}

/// A thread that runs, or whose starter has not yet handed in its handle.
struct Member {
    role: Role,
    thread: Option<thread::JoinHandle<()>>,
    ended: bool,
}

/// What a thread is for.
pub(crate) enum Role {
    Task(Arc<dyn Unfinished>),
    Blocking,
}

/// A thread's place in the crew. Dropping it says that the thread's work is done;
/// to be dropped before an outcome is made known, so that whoever acts on the
/// outcome finds the place free.
pub(crate) struct Place {
    crew: Arc<Crew>,
    id: u64,
    /// Whether the thread exists that it was meant for.
    taken: bool,
}

thread_local! {
    /// Whether this thread has given up its place: it may be joined by another,
    /// and so must not join any itself.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

impl Crew {
    pub(crate) fn new(cap: usize, stack_size: usize) -> Self {
        Crew {
            cap,
            stack_size,
            state: Mutex::default(),
            changed: Condvar::new(),
            joining: Mutex::new(()),
        }
    }

    /// Runs `body` on a thread of its own.
    ///
    /// # Errors
    ///
    /// [`JoinError::Shutdown`] once the crew is closed, [`JoinError::Spawn`] if the
    /// cap or the OS refuses. `body` has been dropped then; it must not unwind there.
    pub(crate) fn start(
        self: &Arc<Self>,
        role: Role,
        body: impl FnOnce(Place) + Send + 'static,
    ) -> Result<(), JoinError> {
        let name = role.thread_name();
        let mut place = self.reserve(role)?;
        let id = place.id;
        let started = thread::Builder::new()
            .name(name.into())
            .stack_size(self.stack_size)
            .spawn(move || {
                place.taken = true;
                quietly(move || body(place));
            });
        self.hand_in(id, started.map_err(JoinError::Spawn)?);
        Ok(())
    }

    /// Refuses new threads and asks the tasks of all others to end.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let tasks = state.tasks();
        drop(state);
        for task in tasks {
            task.shut_down();
        }
    }

    /// Waits until every thread has ended, and joins them.
    ///
    /// # Errors
    ///
    /// [`Left`] says what still runs at `deadline`.
    ///
    /// # Blocking
    ///
    /// Blocks until then. A joined thread has nothing left to run but the
    /// destructors of its thread-locals.
    pub(crate) fn wait_until_ended(&self, deadline: Option<Instant>) -> Result<(), Left> {
        let mut state = lock(&self.state);
        while !state.members.is_empty() {
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Err(state.left());
            }
            let time = deadline.map_or(Duration::MAX, |deadline| deadline - now);
            state = self.wait(state, time);
        }
        drop(state);
        self.join_ended();
        Ok(())
    }

    /// Resolves the handles of the tasks that did not end in time.
    pub(crate) fn abandon(&self) {
        let tasks = lock(&self.state).tasks();
        for task in tasks {
            task.abandon();
        }
    }

    /// Lets threads that end from now on go unjoined: nobody comes for them.
    pub(crate) fn detach(&self) {
        let mut state = lock(&self.state);
        state.detached = true;
        let ended = std::mem::take(&mut state.ended);
        drop(state);
        drop(ended);
    }

    fn reserve(self: &Arc<Self>, role: Role) -> Result<Place, JoinError> {
        let mut state = lock(&self.state);
        if state.ended.len() >= UNJOINED || state.running + state.leaving >= self.cap {
            drop(state);
            self.join_ended();
            state = lock(&self.state);
        }
        if state.closed {
            return Err(JoinError::Shutdown);
        }
        if state.running >= self.cap {
            return Err(JoinError::Spawn(self.full()));
        }
        let id = state.next_id;
        state.next_id += 1;
        state.running += 1;
        let member = Member {
            role,
            thread: None,
            ended: false,
        };
        state.members.insert(id, member);
        Ok(Place {
            crew: Arc::clone(self),
            id,
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
        let ended = std::mem::take(&mut lock(&self.state).ended);
        let count = ended.len();
        for thread in ended {
            // A body never unwinds, so there is nothing to learn from it.
            let _ = thread.join();
        }
        lock(&self.state).leaving -= count;
    }

    /// Keeps a started thread's handle, to join it once it has ended.
    fn hand_in(&self, id: u64, thread: thread::JoinHandle<()>) {
        let mut state = lock(&self.state);
        if let Some(member) = state.members.get_mut(&id) {
            member.thread = Some(thread);
        }
        self.settle(state, id);
    }

    /// Takes note that the thread's work is done.
    fn end(&self, id: u64) {
        let mut state = lock(&self.state);
        let Some(member) = state.members.get_mut(&id) else {
            return;
        };
        member.ended = true;
        state.running -= 1;
        state.leaving += 1;
        self.settle(state, id);
    }

    /// Removes a member that never got its thread.
    fn strike(&self, id: u64) {
        let mut state = lock(&self.state);
        let member = state.members.remove(&id);
        state.running -= 1;
        if state.members.is_empty() {
            self.changed.notify_all();
        }
        drop(state);
        drop(member);
    }

    /// Removes a member that has ended and has handed in its handle.
    fn settle(&self, mut state: MutexGuard<'_, State>, id: u64) {
        let settled = |member: &Member| member.ended && member.thread.is_some();
        if !state.members.get(&id).is_some_and(settled) {
            return;
        }
        let mut member = state.members.remove(&id);
        let thread = member.as_mut().and_then(|member| member.thread.take());
        let detached = state.detached;
        if detached {
            state.leaving -= 1;
        } else {
            state.ended.extend(thread);
        }
        if state.members.is_empty() {
            self.changed.notify_all();
        }
        drop(state);
        drop(member);
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        let (state, _) = self
            .changed
            .wait_timeout(state, time)
            .unwrap_or_else(PoisonError::into_inner);
        state
    }
}

impl State {
    fn tasks(&self) -> Vec<Arc<dyn Unfinished>> {
        let task = |member: &Member| match &member.role {
            Role::Task(task) => Some(Arc::clone(task)),
            Role::Blocking => None,
        };
        self.members.values().filter_map(task).collect()
    }

    fn left(&self) -> Left {
        let blocking = |member: &&Member| matches!(member.role, Role::Blocking);
        let calls = self.members.values().filter(blocking).count();
        Left {
            calls,
            tasks: self.members.len() - calls,
        }
    }
}

impl Role {
    fn thread_name(&self) -> &'static str {
        // Linux shows 15 bytes of a thread's name.
        match self {
            Role::Task(_) => "pollmark-task",
            Role::Blocking => "pollmark-block",
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.taken {
            LEAVING.set(true);
            self.crew.end(self.id);
        } else {
            self.crew.strike(self.id);
        }
    }
}

/// Threads that did not end in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    tasks: usize,
    calls: usize,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (
                self.calls,
                "inside a blocking call",
                "inside blocking calls",
            ),
            (
                self.tasks,
                "inside the poll of a task",
                "inside polls of tasks",
            ),
        ];
        let mut and = "";
        for (count, one, many) in parts {
            match count {
                0 => continue,
                1 => write!(f, "{and}1 thread is {one}")?,
                _ => write!(f, "{and}{count} threads are {many}")?,
            }
            and = ", ";
        }
        Ok(())
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
    fn a_full_crew_refuses_and_says_its_cap() {
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
    fn a_place_is_free_once_an_outcome_is_known() {
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
        let crew = Arc::clone(&rt.shared.crew);
        let waiting: Vec<_> = (0..100).map(|_| rt.spawn(pending::<()>())).collect();
        assert!(threads.shutdown(LONG).complete);
        assert_eq!(lock(&crew.state).leaving, 0);
        for task in waiting {
            let outcome = task.now_or_never().expect("known once it has ended");
            assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
        }
        let late = rt.spawn(async {}).now_or_never();
        assert!(matches!(late, Some(Err(JoinError::Shutdown))), "{late:?}");
    }

    #[test]
    fn what_is_left_reads_as_a_sentence() {
        let text = |tasks, calls| Left { tasks, calls }.to_string();
        assert_eq!(text(0, 3), "3 threads are inside blocking calls");
        let both = "1 thread is inside a blocking call, 2 threads are inside polls of tasks";
        assert_eq!(text(2, 1), both);
    }
}
