//! The workers, and the tasks that are ready for them.

use std::collections::VecDeque;
use std::sync::Arc;

use pollmark_core::{Config, NO_STEAL};

use crate::task::job::Job;
use crate::task::resource::Resource;

/// As many as there can ever be, with room to give back more than was taken.
pub(super) const UNLIMITED: usize = usize::MAX / 2;

/// The workers in groups: a task belongs to one group, and any worker of it takes the task. There
/// is one group of all workers, or, without stealing, a group for each.
pub(crate) struct Workers {
    groups: Vec<Group>,
    /// The number of tasks that were placed.
    placed: usize,
    /// The place of the next task that becomes ready, and of one that goes before all others.
    last: i64,
    first: i64,
    /// Breaks ties between ready tasks, instead of first in, first out.
    rng: Option<fastrand::Rng>,
}

struct Group {
    free: usize,
    /// The tasks that are ready, each with its place among those of all groups.
    ready: VecDeque<(i64, Arc<dyn Job>)>,
}

impl Workers {
    pub(super) fn new(config: &Config) -> Self {
        let workers = config.workers.get();
        let (groups, each) = match config.worker_per_task {
            true => (1, UNLIMITED),
            false if config.settings.is_on(NO_STEAL) => (workers, 1),
            false => (1, workers),
        };
        let group = |_| Group {
            free: each,
            ready: VecDeque::new(),
        };
        Workers {
            groups: (0..groups).map(group).collect(),
            placed: 0,
            last: 0,
            first: 0,
            rng: config.seed.map(fastrand::Rng::with_seed),
        }
    }

    /// The resource of a task that is spawned: a worker of one group after the other.
    pub(crate) fn place(&mut self, resource: Resource) -> Resource {
        let Resource::Worker(_) = resource else {
            return resource;
        };
        let group = self.placed % self.groups.len();
        self.placed += 1;
        Resource::Worker(group as u32)
    }

    /// Queues a task behind all others.
    pub(super) fn push_back(&mut self, group: u32, job: Arc<dyn Job>) {
        let place = self.last;
        self.last += 1;
        self.group(group).ready.push_back((place, job));
    }

    /// Queues a task before all others.
    pub(super) fn push_front(&mut self, group: u32, job: Arc<dyn Job>) {
        self.first -= 1;
        let place = self.first;
        self.group(group).ready.push_front((place, job));
    }

    /// Frees a worker of the group.
    pub(super) fn free(&mut self, group: u32) {
        self.group(group).free += 1;
    }

    /// The number of tasks that are ready for a worker that is free.
    pub(super) fn ready(&self) -> usize {
        self.launchable().map(|group| group.ready.len()).sum()
    }

    /// Takes a worker for the task that became ready first among those that a free one may take,
    /// or with a seed for any of them.
    pub(super) fn launch(&mut self) -> Option<Arc<dyn Job>> {
        let able = self.launchable().count();
        let mut groups = self.groups.iter_mut().filter(|group| group.is_launchable());
        let Some(rng) = &mut self.rng else {
            let first = |group: &&mut Group| group.ready.front().map(|(place, _)| *place);
            let group = groups.min_by_key(first)?;
            group.free -= 1;
            return group.ready.pop_front().map(|(_, job)| job);
        };
        let index = if able > 1 { rng.usize(..able) } else { 0 };
        let group = groups.nth(index)?;
        group.free -= 1;
        let job = rng.usize(..group.ready.len());
        group.ready.swap_remove_back(job).map(|(_, job)| job)
    }

    /// The tasks that are ready, for each of which every worker that may take it is held.
    pub(super) fn stranded(&self) -> impl Iterator<Item = &Arc<dyn Job>> {
        let held = self.groups.iter().filter(|group| group.free == 0);
        held.flat_map(|group| group.ready.iter().map(|(_, job)| job))
    }

    /// Removes every task that is queued.
    pub(super) fn take_queued(&mut self) -> Vec<Arc<dyn Job>> {
        let ready = self
            .groups
            .iter_mut()
            .flat_map(|group| group.ready.drain(..));
        ready.map(|(_, job)| job).collect()
    }

    fn launchable(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.is_launchable())
    }

    fn group(&mut self, group: u32) -> &mut Group {
        &mut self.groups[group as usize]
    }
}

impl Group {
    fn is_launchable(&self) -> bool {
        self.free > 0 && !self.ready.is_empty()
    }
}
