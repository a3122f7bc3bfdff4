//! Work for each of many items, on a fixed number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

/// Does `take` for each, `jobs` at a time. A thread stops at its first error; the others end
/// theirs.
///
/// # Errors
///
/// The first error of the first thread that had one.
pub(crate) fn side_by_side(
    indices: &[usize],
    jobs: usize,
    take: impl Fn(usize) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(&index) = indices.get(next.fetch_add(1, Ordering::Relaxed)) {
            take(index)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(worked) => worked,
                Err(payload) => std::panic::resume_unwind(payload),
            })
    })
}
