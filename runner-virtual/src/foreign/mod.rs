//! The things outside of the virtual clock that a run was seen to use: threads that its program
//! started, and wakes by threads of others.

mod idle;
pub(crate) mod threads;
mod waiting;

use std::time::{Duration, Instant};

use idle::Idle;
use threads::Folder;

/// How long a standstill waits in real time for a wake from outside. Below the half minute
/// after which the command gives up a cell.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long no thread may use the CPU until a standstill in which polls wait for other threads
/// is a deadlock.
const CERTAIN: Duration = Duration::from_secs(1);

/// Polls that take longer than this between two jumps may have started a thread: that takes as
/// long even on a fast machine.
const SLOW: Duration = Duration::from_micros(10);

/// The longest time between two looks at the threads, if the clock jumps.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// The foreign things of the run that is under way, or of the last one.
pub(crate) struct Foreign {
    folder: Option<Folder>,
    /// The threads that were seen, each with `true` if the program started it in this run.
    known: Vec<(u32, bool)>,
    /// The number of threads that are no simulator's, at the last look.
    others: Option<usize>,
    /// The last jump of the clock, or the beginning of the run.
    jumped: Instant,
    looked: Instant,
    /// Whether a thread that is none of the simulator's woke a task.
    woke: bool,
    /// The beginning of the standstill that is under way.
    stands_since: Option<(Instant, Idle)>,
    /// The reason why the run is not exact.
    reason: Option<String>,
}

impl Foreign {
    pub(crate) fn new() -> Self {
        Foreign {
            folder: Folder::open(),
            known: Vec::new(),
            others: None,
            jumped: Instant::now(),
            looked: Instant::now(),
            woke: false,
            stands_since: None,
            reason: None,
        }
    }

    /// Notes the beginning of a run: the threads that live are not the program's.
    pub(crate) fn run_begins(&mut self) {
        (self.woke, self.stands_since, self.reason) = (false, None, None);
        self.jumped = Instant::now();
        self.known.iter_mut().for_each(|thread| thread.1 = false);
        self.update(|_, _| Some(false));
    }

    /// The reason why times are measured, and not exact, if there is one.
    pub(crate) fn reason(&self) -> Option<&String> {
        self.reason.as_ref()
    }

    /// Notes a reason why times are not exact, if there is none.
    pub(crate) fn note(&mut self, reason: impl FnOnce() -> String) {
        self.reason.get_or_insert_with(reason);
    }

    /// Notes that the calling thread, which is none of the simulator's, woke or spawned a task.
    pub(crate) fn wakes(&mut self) {
        self.woke = true;
        self.note(|| outside(std::thread::current().name()));
    }

    /// Whether a thing outside of the clock may act before the clock jumps. Looks at the threads
    /// only if one may have been started: a look takes a microsecond, and a jump half of one.
    fn is_there_at_a_jump(&mut self) -> bool {
        let now = Instant::now();
        let since = now.saturating_duration_since(self.jumped);
        self.jumped = now;
        if self.woke {
            return true;
        }
        if since < SLOW && now.saturating_duration_since(self.looked) < BETWEEN_LOOKS {
            return false;
        }
        self.lives()
    }

    /// Whether a thing outside of the clock may still act.
    fn may_act(&mut self) -> bool {
        self.lives() || self.woke
    }

    /// Whether a thread that the program started is alive.
    pub(crate) fn lives(&mut self) -> bool {
        self.looked = Instant::now();
        self.update(|known, tid| Some(known.iter().find(|known| known.0 == tid)?.1));
        let mut foreign = self.known.iter().filter(|known| known.1);
        let Some((tid, _)) = foreign.next() else {
            return false;
        };
        // A thread that has just begun may not have its name yet.
        if self
            .reason
            .as_ref()
            .is_none_or(|reason| *reason == outside(None))
        {
            self.reason = Some(outside(threads::name_of(*tid).as_deref()));
        }
        true
    }

    /// Lists the threads anew, if their number is another one or cannot be known.
    fn update(&mut self, known: impl Fn(&[(u32, bool)], u32) -> Option<bool>) {
        let Some(folder) = &self.folder else {
            return;
        };
        let others = folder.others();
        if others.is_some() && others == self.others {
            return;
        }
        if let Some(listed) = folder.list(|tid| known(&self.known, tid)) {
            (self.known, self.others) = (listed, others);
        }
    }

    /// How much longer a standstill waits for a wake from outside.
    fn patience(&mut self) -> Duration {
        let begins = || (Instant::now(), Idle::begins());
        let (since, _) = self.stands_since.get_or_insert_with(begins);
        PATIENCE.saturating_sub(since.elapsed())
    }

    /// Whether no thread will end a standstill in which polls wait for other threads.
    fn is_deadlock(&mut self) -> bool {
        let is_over = self.patience().is_zero();
        let idle = self.stands_since.as_mut();
        is_over || idle.is_none_or(|(_, idle)| idle.lasts() >= CERTAIN)
    }
}

fn outside(name: Option<&str>) -> String {
    let name = threads::told(name);
    format!("{name} runs outside of the virtual clock")
}
