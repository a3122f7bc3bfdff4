//! The things outside of the virtual clock that a run was seen to use: threads that its program
//! started, and wakes by threads of others.

mod idle;
pub(crate) mod threads;
mod waiting;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use idle::Idle;
use threads::Folder;

/// How long a standstill waits in real time for a wake from outside. Below the half minute
/// after which the command gives up a cell.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long no thread may use the CPU until a standstill in which polls wait for other threads
/// is a deadlock.
const CERTAIN: Duration = Duration::from_secs(1);

/// How long polls take between two jumps until a thread may have taken the place of another one,
/// so that their number is the same.
const SLOW: Duration = Duration::from_micros(10);

/// The longest time between two looks at each of the threads, if the clock jumps.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// How long a jump waits for a thread that was just seen to show whether the program started it.
const SETTLES: Duration = Duration::from_millis(50);

/// The time between two looks at such a thread.
const LOOK: Duration = Duration::from_micros(100);

/// A thread that is no simulator's.
struct Thread {
    /// Whether it descends from one of a simulator, if that could be known.
    descends: Option<bool>,
    /// Whether it was not there when the run began.
    is_new: bool,
    seen: Instant,
}

impl Thread {
    fn is_foreign(&self) -> bool {
        self.is_new && self.descends == Some(true)
    }

    fn is_unsure(&self) -> bool {
        self.is_new && self.descends.is_none() && self.seen.elapsed() < SETTLES
    }
}

/// The foreign things of the run that is under way, or of the last one.
pub(crate) struct Foreign {
    folder: Option<Folder>,
    /// The threads that were there at the last look.
    known: BTreeMap<u32, Thread>,
    /// The number of threads that are no simulator's, at the last look.
    others: Option<usize>,
    /// The last jump of the clock, or the beginning of the run.
    jumped: Instant,
    looked: Instant,
    /// Whether a thread that is none of the simulator's woke a task.
    woke: bool,
    /// The beginning of the standstill that is under way.
    stands_since: Option<Instant>,
    /// The time in it in which no thread of the run has used the CPU.
    idle: Option<Idle>,
    /// The reason why the run is not exact.
    reason: Option<String>,
}

impl Foreign {
    pub(crate) fn new() -> Self {
        Foreign {
            folder: Folder::open(),
            known: BTreeMap::new(),
            others: None,
            jumped: Instant::now(),
            looked: Instant::now(),
            woke: false,
            stands_since: None,
            idle: None,
            reason: None,
        }
    }

    /// Notes the beginning of a run: the threads that live are not the program's.
    pub(crate) fn run_begins(&mut self) {
        (self.woke, self.reason) = (false, None);
        self.stands_no_more();
        self.jumped = Instant::now();
        self.known
            .values_mut()
            .for_each(|thread| thread.is_new = false);
        self.update(false);
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

    /// Whether a thing outside of the clock may act before the clock jumps. Looks at each of the
    /// threads only if one may have been started: a look at their number takes less than a
    /// microsecond, one at each thread several.
    fn is_there_at_a_jump(&mut self) -> bool {
        let now = Instant::now();
        let since = now.saturating_duration_since(self.jumped);
        let is_there = self.woke || {
            let may_differ =
                since >= SLOW || now.saturating_duration_since(self.looked) >= BETWEEN_LOOKS;
            (may_differ || self.counts_others()) && self.lives()
        };
        if is_there || !self.is_unsure() {
            self.jumped = now;
        }
        is_there
    }

    /// Whether it cannot be known for the moment if a new thread is the program's.
    fn is_unsure(&self) -> bool {
        self.known.values().any(Thread::is_unsure)
    }

    /// Whether the number of threads is not the one of the last look.
    fn counts_others(&self) -> bool {
        let folder = self.folder.as_ref();
        folder.is_some_and(|folder| self.others.is_none() || folder.others() != self.others)
    }

    /// Whether a thing outside of the clock may still act.
    fn may_act(&mut self) -> bool {
        self.lives() || self.woke
    }

    /// Whether a thread that the program started is alive.
    pub(crate) fn lives(&mut self) -> bool {
        self.looked = Instant::now();
        self.update(true);
        let mut known = self.known.iter();
        let Some((tid, _)) = known.find(|(_, thread)| thread.is_foreign()) else {
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

    /// Lists the threads anew, if they may be others than at the last look; those that were not
    /// there have started since the beginning of the run if `is_new`.
    fn update(&mut self, is_new: bool) {
        let Some(folder) = &self.folder else {
            return;
        };
        let others = folder.others();
        let is_same =
            |(&tid, thread): (&u32, &Thread)| thread.descends.is_some() && threads::is_there(tid);
        // Where each is still there and their number is the same, there is no other.
        if others.is_some() && others == self.others && self.known.iter().all(is_same) {
            return;
        }
        let Some((listed, has_own)) = folder.list() else {
            return;
        };
        self.known.retain(|tid, _| listed.contains(tid));
        for tid in listed {
            if has_own && !self.known.contains_key(&tid) {
                continue;
            }
            let seen = || Thread {
                descends: None,
                is_new,
                seen: Instant::now(),
            };
            let thread = self.known.entry(tid).or_insert_with(seen);
            thread.descends = thread.descends.or_else(|| threads::is_marked(tid));
        }
        self.others = others.filter(|_| !has_own);
    }

    /// The threads that may end a wait of the run: `own`, on which it has user code, and those
    /// that descend from one of a simulator.
    fn acting(&self, own: Vec<u32>) -> impl Iterator<Item = u32> {
        let descends =
            |(tid, thread): (&u32, &Thread)| (thread.descends == Some(true)).then_some(*tid);
        own.into_iter()
            .chain(self.known.iter().filter_map(descends))
    }

    /// Notes that something happens.
    fn stands_no_more(&mut self) {
        (self.stands_since, self.idle) = (None, None);
    }

    /// How much longer a standstill waits for a wake from outside.
    fn patience(&mut self) -> Duration {
        let since = self.stands_since.get_or_insert_with(Instant::now);
        PATIENCE.saturating_sub(since.elapsed())
    }

    /// Whether no thread will end a standstill in which polls wait for other threads; `own` are
    /// those on which the run has user code.
    fn is_deadlock(&mut self, own: Vec<u32>) -> bool {
        let now = Idle::begins(self.acting(own));
        let idle = self.idle.get_or_insert_with(|| now.clone());
        idle.lasts(now) >= CERTAIN || self.patience().is_zero()
    }
}

fn outside(name: Option<&str>) -> String {
    let name = threads::told(name);
    format!("{name} runs outside of the virtual clock")
}
