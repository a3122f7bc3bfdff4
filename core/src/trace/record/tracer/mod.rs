//! The state that all threads of a recorded run share.

pub(super) mod marks;
pub(super) mod ticks;

use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use self::marks::{Look, Marks, Stop};
use self::ticks::{Stamp, Ticker};
use super::current::{self, Entered, Waits, WakeCause};
use super::log::{Kind, Log, LogWriter, Record, SpawnRecord};
use crate::runtime::Runtime;
use crate::runtime::name::Name;
use crate::runtime::runner_info::Clock;
use crate::runtime::support::lock;
use crate::time::nanos;
use crate::trace::data::TaskKind;

/// Collects the events of one run from all of its threads, up to a limit.
///
/// A clone is another handle to the same recording. Each thread records for itself and waits for no
/// other, with three exceptions. A wait for a timer or for a task takes one of several locks, for a
/// moment. Its first event of the run takes a lock that all threads share. A spawn waits if the
/// recording is being read at that moment, until some thousands of the tasks that this thread has
/// spawned have been copied.
#[derive(Clone)]
pub struct Tracer(Arc<Collector>);

struct Collector {
    /// Distinguishes this run from all others in the process.
    run: u64,
    limit: usize,
    /// Events that have not been granted to any thread yet.
    left: AtomicUsize,
    ticker: Ticker,
    tasks: AtomicU32,
    lost: AtomicU64,
    /// The place in the order of the first event that was lost.
    first_lost: AtomicU64,
    /// One for each thread, in the order of their first events.
    logs: Mutex<Vec<Arc<Log>>>,
    marks: Mutex<Marks>,
    waits: Waits,
    clock: OnceLock<ReadClock>,
}

type ReadClock = Box<dyn Fn() -> Duration + Send + Sync>;

thread_local! {
    /// This thread's writers, one for each run that it takes part in; the writer used last is at
    /// the end.
    static WRITERS: RefCell<Vec<(u64, LogWriter)>> = const { RefCell::new(Vec::new()) };
}

impl Tracer {
    /// An empty recording of a run on such a `clock`, which keeps at most `limit` events, of some
    /// 24 bytes each.
    ///
    /// Events past the limit are counted, not kept. A thread is granted several at a time, at most
    /// an eighth of those left and at most 4096, so events may be lost before the limit is reached.
    pub fn new(clock: Clock, limit: usize) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(1);
        Tracer(Arc::new(Collector {
            run: RUNS.fetch_add(1, Ordering::Relaxed),
            limit,
            left: AtomicUsize::new(limit),
            ticker: Ticker::of(clock),
            tasks: AtomicU32::new(0),
            lost: AtomicU64::new(0),
            first_lost: AtomicU64::new(u64::MAX),
            logs: Mutex::default(),
            marks: Mutex::default(),
            waits: Waits::default(),
            clock: OnceLock::new(),
        }))
    }

    /// From now on a reader of the recording is told the time by `clock`, the runtime's own.
    pub(crate) fn tell_time_by(&self, clock: impl Fn() -> Duration + Send + Sync + 'static) {
        // One recording is of one runtime.
        let _ = self.0.clock.set(Box::new(clock));
    }

    /// Scenario time begins at `epoch` of the runtime's clock.
    pub(crate) fn mark_epoch(&self, epoch: Duration) {
        self.marks(|marks| marks.epoch = Some(epoch));
    }

    /// Marks the beginning of the runtime's end: events from now on belong to it.
    pub(crate) fn mark_shutdown(&self, now: Duration) {
        let order = self.0.ticker.mark();
        self.marks(|marks| marks.shutdown = Some((now, order)));
    }

    /// Reads the recording's clock beside that of the runtime, which is `now`, so that the times of
    /// the events are the runtime's.
    pub(crate) fn anchor(&self, now: impl Fn() -> Duration) {
        if let Some(anchor) = self.0.ticker.anchor(now) {
            self.marks(|marks| {
                let first = marks.anchors.map_or(anchor, |(first, _)| first);
                marks.anchors = Some((first, anchor));
            });
        }
    }

    /// The place of the next event on a virtual clock.
    #[cfg(test)]
    pub(super) fn next(&self) -> u64 {
        self.0.ticker.mark()
    }

    /// The time and the place of an event that happens now.
    #[inline]
    pub(super) fn stamp(&self, runtime: &impl Runtime) -> Stamp {
        self.0.ticker.stamp(runtime)
    }

    /// Marks that the run is given up: the recording ends here.
    pub(crate) fn mark_stop(&self, now: Duration) {
        let stop = Stop {
            at: now,
            waits: self.0.waits.all().into(),
            order: self.0.ticker.mark(),
            lost: self.0.lost.load(Ordering::Relaxed),
        };
        self.marks(|marks| _ = marks.stop.get_or_insert(stop));
    }

    /// The futures that wait for something known.
    pub(super) fn waits(&self) -> &Waits {
        &self.0.waits
    }

    /// Marks the beginning of a run. It goes on with the recording of a run that was given up.
    pub(super) fn mark_root(&self, task: u32) {
        self.marks(|marks| (marks.root, marks.stop) = (Some(task), None));
    }

    fn marks<T>(&self, with: impl FnOnce(&mut Marks) -> T) -> T {
        with(&mut lock(&self.0.marks))
    }

    /// Numbers a task and records its spawn.
    #[inline]
    pub(super) fn spawn(
        &self,
        stamp: Stamp,
        kind: TaskKind,
        name: Option<Name>,
        place: &'static Location<'static>,
    ) -> u32 {
        let task = self.0.tasks.fetch_add(1, Ordering::Relaxed);
        let parent = match kind {
            TaskKind::Future => current::innermost(self.0.run),
            TaskKind::Task | TaskKind::Call => current::task(self.0.run),
        };
        let spawned = SpawnRecord {
            task,
            kind,
            name,
            parent,
            place,
        };
        if self.write(stamp, Kind::Spawned, task, 0) {
            // This cannot fail: the thread's locals were there a moment ago.
            let _ =
                WRITERS.try_with(|writers| self.writer(&mut writers.borrow_mut()).tell(spawned));
        }
        task
    }

    #[inline]
    pub(super) fn record(&self, stamp: Stamp, kind: Kind, task: u32) {
        self.write(stamp, kind, task, 0);
    }

    /// Records that `task` is woken, and the cause. `now` is the runtime's time.
    #[inline]
    pub(super) fn record_wake(&self, stamp: Stamp, now: impl Fn() -> Duration, task: u32) {
        let (kind, other) = match current::cause(self.0.run) {
            WakeCause::Outside => (Kind::WokenFromOutside, 0),
            WakeCause::Task(other) => (Kind::WokenByTask, other),
            WakeCause::EndOf(other) => (Kind::WokenByEnd, other),
            // tokio re-polls a task that has used up its budget through the waker of the sleep that
            // it was about to begin.
            WakeCause::Timer { earliest, .. } if nanos(now()) < earliest => {
                (Kind::WokenFromOutside, 0)
            }
            WakeCause::Timer { due, .. } => (Kind::WokenByTimer, late(now(), due)),
            WakeCause::Pipe => (Kind::WokenByPipe, 0),
        };
        self.write(stamp, kind, task, other);
    }

    /// Records that `task` is asked to end, and the cause.
    pub(super) fn record_abort(&self, stamp: Stamp, task: u32) {
        let (kind, other) = match current::task(self.0.run) {
            Some(other) => (Kind::AbortedByTask, other),
            None => (Kind::AbortedFromOutside, 0),
        };
        self.write(stamp, kind, task, other);
    }

    /// The task that is being polled on this thread, if it is one of this run.
    #[inline]
    pub(super) fn current(&self) -> Option<u32> {
        current::task(self.0.run)
    }

    /// Attributes wakes, spawns and aborts on this thread to `cause` until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self, cause: WakeCause) -> Entered {
        current::enter(self.0.run, cause)
    }

    /// Writes an event; returns whether it was kept.
    #[inline]
    fn write(&self, stamp: Stamp, kind: Kind, task: u32, other: u32) -> bool {
        let record = Record {
            at: stamp.at,
            order: stamp.order,
            kind,
            task,
            other,
        };
        let record = record.packed();
        let written = WRITERS.try_with(|writers| {
            let mut writers = writers.borrow_mut();
            self.writer(&mut writers)
                .write(record, |wanted| self.grant(wanted))
        });
        // The thread-locals may be gone if the thread is ending.
        let kept = written.unwrap_or(false);
        if !kept {
            self.lose(stamp.order);
        }
        kept
    }

    #[inline]
    fn writer<'a>(&self, writers: &'a mut Vec<(u64, LogWriter)>) -> &'a mut LogWriter {
        if writers.last().is_none_or(|(run, _)| *run != self.0.run) {
            self.fetch_writer(writers);
        }
        let (_, writer) = writers.last_mut().expect("it was fetched");
        writer
    }

    /// Moves the writer for this run to the end, creating it if need be.
    #[cold]
    fn fetch_writer(&self, writers: &mut Vec<(u64, LogWriter)>) {
        if let Some(index) = writers.iter().position(|(run, _)| *run == self.0.run) {
            let last = writers.len() - 1;
            return writers.swap(index, last);
        }
        // Recordings that are gone leave their writers behind in threads that live on.
        writers.retain(|(_, writer)| !writer.is_unread());
        let log = Log::new();
        let mut logs = lock(&self.0.logs);
        logs.push(Arc::clone(&log));
        writers.push((self.0.run, LogWriter::new(log)));
    }

    /// Never grants all that is left, so that a thread with few events does not keep them from the
    /// others.
    fn grant(&self, wanted: usize) -> usize {
        let share = |left: usize| wanted.min((left / 8).max(1)).min(left);
        let take = |left: usize| Some(left - share(left));
        let left = &self.0.left;
        let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        share(before.unwrap_or_else(|left| left))
    }

    #[cold]
    fn lose(&self, order: u64) {
        self.0.lost.fetch_add(1, Ordering::Relaxed);
        // `Release`, so that a thread that sees this number also sees the count.
        self.0.first_lost.fetch_min(order, Ordering::Release);
    }

    /// The logs of all threads, and the state of the recording before they are read.
    pub(super) fn recorded(&self) -> (Vec<Arc<Log>>, Look) {
        let now = self.0.clock.get().map(|clock| {
            self.anchor(clock);
            clock()
        });
        // Loaded first, so that no event is read if its cause may have been missed.
        let so_far = self.0.ticker.order();
        let marks = self.marks(|marks| marks.clone());
        let stopped = marks.stop.as_ref().map_or(u64::MAX, |stop| stop.order);
        let so_far = so_far.min(stopped);
        let first_lost = self.0.first_lost.load(Ordering::Acquire);
        // At the stop, the event that was lost first may not have been counted yet.
        let by_the_stop = marks.stop.as_ref().map(|stop| stop.lost.max(1));
        let lost = by_the_stop.unwrap_or_else(|| self.0.lost.load(Ordering::Relaxed));
        let logs = lock(&self.0.logs);
        let look = Look {
            scale: self.0.ticker.scale(marks.anchors),
            marks,
            limit: self.0.limit,
            now,
            // Events lost after this call are no part of the recording, and neither are events
            // kept after it.
            lost: if first_lost < so_far { lost } else { 0 },
            complete_to: so_far.min(first_lost),
            so_far,
        };
        (logs.clone(), look)
    }
}

/// The lateness of `at` after `due`, in microseconds, so that more than an hour fits into an
/// [`Record`].
fn late(at: Duration, due: u64) -> u32 {
    let late = nanos(at).saturating_sub(due) / 1_000;
    u32::try_from(late).unwrap_or(u32::MAX)
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer")
            .field("limit", &self.0.limit)
            .field("lost", &self.0.lost)
            .finish_non_exhaustive()
    }
}
