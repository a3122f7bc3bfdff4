//! Counts the allocations of a process, in the runs made for that.

#![expect(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The system's allocator, with counters. In a process that is timed it counts nothing: the
/// only cost left there is one branch on a flag that no thread writes.
struct Counting;

/// The process's requests to its allocator while they were counted. Memory that is freed is
/// not subtracted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allocations {
    /// The number of requests, including those that grow or shrink a block.
    pub(crate) count: u64,
    /// The number of bytes requested; a block that grows or shrinks counts anew in full.
    pub(crate) bytes: u64,
}

/// Counts from now on, in all threads. Returns the current counters.
pub(crate) fn count_from_now() -> Allocations {
    COUNTING.store(true, Ordering::SeqCst);
    so_far()
}

/// The current counters.
pub(crate) fn so_far() -> Allocations {
    Allocations {
        count: COUNT.load(Ordering::SeqCst),
        bytes: BYTES.load(Ordering::SeqCst),
    }
}

#[inline]
fn count(bytes: usize) {
    if COUNTING.load(Ordering::Relaxed) {
        COUNT.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: each method passes its arguments on to `System` unchanged and returns the result
// unchanged; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of this method, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as for `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size);
        // SAFETY: as for `alloc`; `block` came from `System` through `alloc`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_counted_once_it_counts() {
        let before = count_from_now();
        let boxed = std::hint::black_box(Box::new([7_u8; 1000]));
        let after = so_far();
        drop(boxed);
        // Other tests of this process may allocate meanwhile.
        assert!(after.count > before.count);
        assert!(after.bytes >= before.bytes + 1000);
    }
}
