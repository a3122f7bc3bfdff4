//! Counts the allocations of a process.

#![expect(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, which counts from [`count_from_now`] on.
///
/// Before that call it costs one branch on a flag that is not written. A binary that
/// wants its allocations counted names it:
///
/// ```
/// use pollmark_core::support::allocations::{Counting, count_from_now, so_far};
///
/// #[global_allocator]
/// static ALLOCATOR: Counting = Counting;
///
/// let before = count_from_now();
/// let boxed = Box::new([7_u8; 100]);
/// let after = so_far();
/// assert_eq!(after.count - before.count, 1);
/// assert_eq!(after.bytes - before.bytes, 100);
/// # drop(boxed);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// The allocations of all threads of a process since its [`count_from_now`].
///
/// Zero in a process that does not use [`Counting`]. Memory that was given back is not
/// subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocations {
    /// The number of requests, to grow and to shrink included.
    pub count: u64,
    /// The bytes that were requested; a block that grows or shrinks counts anew.
    pub bytes: u64,
}

/// Counts from now on, in all threads; gives the counters as they stand.
pub fn count_from_now() -> Allocations {
    COUNTING.store(true, Ordering::SeqCst);
    so_far()
}

/// Reads the counters.
pub fn so_far() -> Allocations {
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

// SAFETY: each method passes its arguments on to `System` unchanged and returns
// the result of that; counting neither allocates nor unwinds.
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
