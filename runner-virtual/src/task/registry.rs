//! The tasks and calls that have not ended: those that wait in a deadlock, and those that
//! a shutdown drops.

use std::sync::Arc;

use crate::task::job::Job;

/// A slab: each entry's key is its index until it is removed.
#[derive(Default)]
pub(crate) struct Registry {
    jobs: Vec<Option<Arc<dyn Job>>>,
    vacant: Vec<usize>,
    /// The number of entries that there have ever been.
    spawned: u64,
}

impl Registry {
    /// Enters the task that `make` builds from its key and from the number of tasks that
    /// came before it.
    pub(crate) fn enter<J: Job + 'static>(
        &mut self,
        make: impl FnOnce(usize, u64) -> Arc<J>,
    ) -> Arc<J> {
        let key = self.vacant.pop().unwrap_or_else(|| {
            self.jobs.push(None);
            self.jobs.len() - 1
        });
        let job = make(key, self.spawned);
        self.spawned += 1;
        self.jobs[key] = Some(Arc::<J>::clone(&job));
        job
    }

    pub(crate) fn remove(&mut self, key: usize) -> Option<Arc<dyn Job>> {
        let job = self.jobs.get_mut(key)?.take()?;
        self.vacant.push(key);
        Some(job)
    }

    /// The names of those that were polled, in the order of their spawning.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let mut waiting: Vec<_> = self.jobs.iter().flatten().map(|job| job.header()).collect();
        waiting.retain(|header| header.was_polled());
        waiting.sort_unstable_by_key(|header| header.number);
        waiting.iter().map(|header| header.label()).collect()
    }

    /// The name of the task with that key, if it has not ended.
    pub(crate) fn label(&self, key: usize) -> Option<String> {
        Some(self.jobs.get(key)?.as_ref()?.header().label())
    }

    /// Removes all, in the order of their spawning.
    pub(crate) fn take_all(&mut self) -> Vec<Arc<dyn Job>> {
        self.vacant.clear();
        let mut jobs: Vec<_> = self.jobs.drain(..).flatten().collect();
        jobs.sort_unstable_by_key(|job| job.header().number);
        jobs
    }
}
