//! A thread's own event log: chunks of memory that it writes without a lock. Only the further facts
//! about a task that it spawns go into a list behind a lock.
//!
//! A chunk is written by one thread and may be read by any other at any time: the length is
//! published after the words. So there is nothing to flush, and the events of a thread that never
//! ends are read like all others.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use std::panic::Location;

use crate::runtime::name::Name;
use crate::runtime::support::lock;
use crate::trace::data::TaskKind;

/// Words per event: its time; its place in the order, and its kind; the tasks involved.
const WORDS: usize = 3;

/// Events in the first chunk of a thread; each following chunk is twice as large, up to
/// [`LARGEST_CHUNK`].
const FIRST_CHUNK: usize = 64;

/// Events in the largest chunk.
const LARGEST_CHUNK: usize = 4096;

/// The facts about a task that are known from its spawn on.
#[derive(Debug, Clone)]
pub(super) struct SpawnRecord {
    pub(super) task: u32,
    pub(super) kind: TaskKind,
    pub(super) name: Option<Name>,
    pub(super) parent: Option<u32>,
    pub(super) place: &'static Location<'static>,
}

/// An event, in as few words as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Its time, in ticks of the recording's clock.
    pub(super) at: u64,
    /// Its position in the order of all threads' events.
    pub(super) order: u64,
    pub(super) kind: Kind,
    pub(super) task: u32,
    /// The other task involved, if the kind has one; for a wake by a timer, its lateness in
    /// microseconds.
    pub(super) other: u32,
}

/// A record in the form stored in a chunk. An event is packed at once, while its fields are in
/// registers.
pub(super) type Packed = [u64; WORDS];

impl Record {
    #[inline]
    pub(super) fn packed(self) -> Packed {
        [
            self.at,
            self.order << 8 | self.kind as u64,
            u64::from(self.task) << 32 | u64::from(self.other),
        ]
    }

    pub(super) fn unpacked([at, order, whom]: Packed) -> Self {
        Record {
            at,
            order: order >> 8,
            kind: KINDS[(order & 0xff) as usize],
            task: (whom >> 32) as u32,
            other: whom as u32,
        }
    }
}

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// The kinds of event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Kind { $($kind),+ }

        pub(super) const KINDS: &[Kind] = &[$(Kind::$kind),+];
    };
}

kinds![
    Spawned,
    PollStarted,
    Pending,
    Finished,
    Failed,
    Panicked,
    Dropped,
    WokenByTask,
    WokenByEnd,
    WokenByTimer,
    WokenByPipe,
    WokenFromOutside,
    AbortedByTask,
    AbortedFromOutside,
    BlockStarted,
    SpinStarted,
    ComputeStarted,
    SpanEnded,
];

struct Chunk {
    words: Box<[AtomicU64]>,
    /// The number of complete events.
    len: AtomicUsize,
}

impl Chunk {
    fn new(events: usize) -> Arc<Self> {
        Arc::new(Chunk {
            words: (0..events * WORDS).map(|_| AtomicU64::new(0)).collect(),
            len: AtomicUsize::new(0),
        })
    }

    #[inline]
    fn write(&self, index: usize, record: Packed) {
        for (word, value) in self.words[index * WORDS..][..WORDS].iter().zip(record) {
            word.store(value, Ordering::Relaxed);
        }
        self.len.store(index + 1, Ordering::Release);
    }

    /// The events from index `from` on.
    fn read(&self, from: usize) -> Vec<Packed> {
        let len = self.len.load(Ordering::Acquire);
        let events = self.words[..len * WORDS].chunks_exact(WORDS).skip(from);
        let packed =
            events.map(|words| std::array::from_fn(|word| words[word].load(Ordering::Relaxed)));
        packed.collect()
    }
}

/// The events of one thread, for its readers.
pub(super) struct Log {
    /// The thread's own name, if it has one.
    pub(super) name: Option<String>,
    chunks: Mutex<Vec<Arc<Chunk>>>,
    spawned: Mutex<Vec<SpawnRecord>>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Log {
            name: std::thread::current().name().map(str::to_owned),
            chunks: Mutex::default(),
            spawned: Mutex::default(),
        })
    }

    /// The next events after `position`, which moves on, in the order in which they were written:
    /// those of one chunk at most. Empty if there are none.
    pub(super) fn events(&self, position: &mut Position) -> Vec<Packed> {
        loop {
            // A chunk is read without the lock, which its thread needs for the next chunk.
            let chunks = lock(&self.chunks);
            let Some(chunk) = chunks.get(position.chunk).map(Arc::clone) else {
                return Vec::new();
            };
            // There is another one only if this one is full.
            let is_full = position.chunk + 1 < chunks.len();
            drop(chunks);
            let events = chunk.read(position.event);
            position.event += events.len();
            if is_full {
                (position.chunk, position.event) = (position.chunk + 1, 0);
            }
            if !(is_full && events.is_empty()) {
                return events;
            }
        }
    }

    /// The next spawns after `position`, which moves on, `most` of them at most.
    pub(super) fn spawned(&self, position: &mut Position, most: usize) -> Vec<SpawnRecord> {
        let spawned = lock(&self.spawned);
        let next: Vec<_> = spawned[position.spawned..]
            .iter()
            .take(most)
            .cloned()
            .collect();
        position.spawned += next.len();
        next
    }
}

/// How far a reader has come in a log.
#[derive(Debug, Default)]
pub(super) struct Position {
    chunk: usize,
    event: usize,
    spawned: usize,
}

/// The writing end of a [`Log`]; belongs to its thread.
pub(super) struct LogWriter {
    log: Arc<Log>,
    chunk: Arc<Chunk>,
    /// Events in the chunk, and the number that it has room for.
    len: usize,
    capacity: usize,
}

impl LogWriter {
    pub(super) fn new(log: Arc<Log>) -> Self {
        LogWriter {
            log,
            chunk: Chunk::new(0),
            len: 0,
            capacity: 0,
        }
    }

    /// Writes an event. `grant` is asked for a number of further events and returns how many it
    /// allows; if it allows none, the event is not written and `false` is returned.
    #[inline]
    pub(super) fn write(&mut self, record: Packed, grant: impl FnOnce(usize) -> usize) -> bool {
        if self.len == self.capacity && !self.grow(grant) {
            return false;
        }
        self.chunk.write(self.len, record);
        self.len += 1;
        true
    }

    #[cold]
    fn grow(&mut self, grant: impl FnOnce(usize) -> usize) -> bool {
        let wanted = (2 * self.capacity).clamp(FIRST_CHUNK, LARGEST_CHUNK);
        let granted = grant(wanted);
        if granted == 0 {
            return false;
        }
        self.chunk = Chunk::new(granted);
        (self.len, self.capacity) = (0, granted);
        let mut chunks = lock(&self.log.chunks);
        chunks.push(Arc::clone(&self.chunk));
        true
    }

    /// Adds further facts about a task whose spawn was written. The lock is the thread's own: only
    /// a reader of the log contends for it, and holds it just long enough to copy some thousands.
    pub(super) fn tell(&self, spawned: SpawnRecord) {
        let mut all = lock(&self.log.spawned);
        all.push(spawned);
    }

    /// Whether this is the last handle to the log.
    pub(super) fn is_unread(&self) -> bool {
        Arc::strong_count(&self.log) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sequence: u64) -> Record {
        Record {
            at: u64::MAX - sequence,
            order: sequence,
            kind: KINDS[sequence as usize % KINDS.len()],
            task: u32::MAX - 1,
            other: sequence as u32,
        }
    }

    fn read(log: &Log, position: &mut Position) -> Vec<Record> {
        let chunk = || Some(log.events(position)).filter(|events| !events.is_empty());
        let chunks = std::iter::from_fn(chunk).flatten();
        chunks.map(Record::unpacked).collect()
    }

    #[test]
    fn what_was_written_is_read_word_for_word_and_in_order() {
        let log = Log::new();
        let mut writer = LogWriter::new(Arc::clone(&log));
        let written: Vec<_> = (0..10_000).map(record).collect();
        let mut position = Position::default();
        for (part, look) in written.chunks(777).zip(1..) {
            for record in part {
                assert!(writer.write(record.packed(), |wanted| wanted));
            }
            if look % 2 == 0 {
                assert_eq!(read(&log, &mut position).len(), 2 * 777);
            }
        }
        assert_eq!(read(&log, &mut Position::default()), written);
        drop(log);
        assert!(writer.is_unread());
    }

    #[test]
    fn what_is_not_granted_is_not_written() {
        let log = Log::new();
        let mut writer = LogWriter::new(Arc::clone(&log));
        let mut left = 3;
        let mut write = |sequence| {
            writer.write(record(sequence).packed(), |wanted| {
                std::mem::take(&mut left).min(wanted)
            })
        };
        let kept: Vec<bool> = (0..5).map(&mut write).collect();
        assert_eq!(kept, [true, true, true, false, false]);
        assert_eq!(read(&log, &mut Position::default()).len(), 3);
    }
}
