//! Where a thread writes what happens on it: its own chunks of memory, without a lock.
//! Only what else is known of a task that it spawns goes into a list behind one.
//!
//! A chunk is written by one thread and may be read by any other at any time: the
//! length is published after the words. So nothing has to be flushed, and what a
//! thread wrote that never ends is read like everything else.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::collector::Spawned;

/// Words of an event: its time, its place in the order with its kind, whom it concerns.
const WORDS: usize = 3;

/// Events in the first chunk of a thread; each next one is twice as large ...
const FIRST_CHUNK: usize = 64;

/// ... up to this.
const LARGEST_CHUNK: usize = 4096;

/// What happened, in as few words as will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Nanoseconds of the runtime's clock.
    pub(super) at: u64,
    /// Its place in the order of all threads' events.
    pub(super) sequence: u64,
    pub(super) kind: Kind,
    pub(super) task: u32,
    /// The other task that is concerned, where the kind says so; of a wake by a timer, how
    /// late it is in microseconds.
    pub(super) other: u32,
}

/// An entry as a chunk keeps it. What is written is packed at once, while it is in
/// registers.
pub(super) type Packed = [u64; WORDS];

impl Entry {
    #[inline]
    pub(super) fn packed(self) -> Packed {
        [
            self.at,
            self.sequence << 8 | self.kind as u64,
            u64::from(self.task) << 32 | u64::from(self.other),
        ]
    }

    fn unpacked([at, order, whom]: Packed) -> Self {
        Entry {
            at,
            sequence: order >> 8,
            kind: KINDS[(order & 0xff) as usize],
            task: (whom >> 32) as u32,
            other: whom as u32,
        }
    }
}

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Kind { $($kind),+ }

        const KINDS: &[Kind] = &[$(Kind::$kind),+];
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
    /// Events that are complete.
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
    fn write(&self, index: usize, entry: Packed) {
        for (word, value) in self.words[index * WORDS..][..WORDS].iter().zip(entry) {
            word.store(value, Ordering::Relaxed);
        }
        self.len.store(index + 1, Ordering::Release);
    }

    fn read(&self) -> impl Iterator<Item = Entry> {
        let len = self.len.load(Ordering::Acquire);
        self.words.chunks_exact(WORDS).take(len).map(|words| {
            Entry::unpacked(std::array::from_fn(|word| {
                words[word].load(Ordering::Relaxed)
            }))
        })
    }
}

/// What one thread wrote, for who reads it.
pub(super) struct Log {
    /// The thread's own name, where it has one.
    pub(super) name: Option<String>,
    chunks: Mutex<Vec<Arc<Chunk>>>,
    spawned: Mutex<Vec<Spawned>>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Log {
            name: std::thread::current().name().map(str::to_owned),
            chunks: Mutex::default(),
            spawned: Mutex::default(),
        })
    }

    /// Everything written so far, in the order in which it was.
    pub(super) fn entries(&self) -> Vec<Entry> {
        // Read without the lock, which its thread wants for the next chunk.
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let chunks = Vec::clone(&chunks);
        chunks.iter().flat_map(|chunk| chunk.read()).collect()
    }

    pub(super) fn spawned(&self) -> Vec<Spawned> {
        let spawned = self.spawned.lock();
        spawned.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The writing end of a [`Log`]; belongs to its thread.
pub(super) struct Pen {
    log: Arc<Log>,
    chunk: Arc<Chunk>,
    /// Events in the chunk, and how many it has room for.
    len: usize,
    capacity: usize,
}

impl Pen {
    pub(super) fn new(log: Arc<Log>) -> Self {
        Pen {
            log,
            chunk: Chunk::new(0),
            len: 0,
            capacity: 0,
        }
    }

    /// Writes an event. `grant` allows as many events more as it returns, of those it
    /// is asked for; where it allows none, the event is not written and `false` returned.
    #[inline]
    pub(super) fn write(&mut self, entry: Packed, grant: impl FnOnce(usize) -> usize) -> bool {
        if self.len == self.capacity && !self.grow(grant) {
            return false;
        }
        self.chunk.write(self.len, entry);
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
        let mut chunks = self
            .log
            .chunks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        chunks.push(Arc::clone(&self.chunk));
        true
    }

    /// Says more of a task whose spawn was written. The lock is the thread's own: only
    /// who reads the log contends for it, and holds it for as long as it takes to copy the
    /// list.
    pub(super) fn tell(&self, spawned: Spawned) {
        let mut all = self
            .log
            .spawned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.push(spawned);
    }

    /// Whether nobody else can read it any more.
    pub(super) fn is_unread(&self) -> bool {
        Arc::strong_count(&self.log) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sequence: u64) -> Entry {
        Entry {
            at: u64::MAX - sequence,
            sequence,
            kind: KINDS[sequence as usize % KINDS.len()],
            task: u32::MAX - 1,
            other: sequence as u32,
        }
    }

    #[test]
    fn what_was_written_is_read_word_for_word_and_in_order() {
        let log = Log::new();
        let mut pen = Pen::new(Arc::clone(&log));
        let written: Vec<_> = (0..10_000).map(entry).collect();
        for entry in &written {
            assert!(pen.write(entry.packed(), |wanted| wanted));
        }
        assert_eq!(log.entries(), written);
        drop(log);
        assert!(pen.is_unread());
    }

    #[test]
    fn what_is_not_granted_is_not_written() {
        let log = Log::new();
        let mut pen = Pen::new(Arc::clone(&log));
        let mut left = 3;
        let mut write = |sequence| {
            pen.write(entry(sequence).packed(), |wanted| {
                std::mem::take(&mut left).min(wanted)
            })
        };
        let kept: Vec<bool> = (0..5).map(&mut write).collect();
        assert_eq!(kept, [true, true, true, false, false]);
        assert_eq!(log.entries().len(), 3);
    }
}
