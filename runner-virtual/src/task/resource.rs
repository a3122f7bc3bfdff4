//! The resource that a task or a call holds while it runs.

/// The resource that user code holds while it runs on a simulator thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Nothing: the code cannot block here.
    Outside,
    /// A thread of the blocking pool.
    Pool,
    /// A worker of the group with that number; see [`Workers`](crate::state::workers::Workers).
    Worker(u32),
}

impl Resource {
    /// A worker, before the task is placed.
    pub(crate) const ANY_WORKER: Resource = Resource::Worker(0);

    /// The number of the resource, for an atomic.
    pub(crate) fn number(self) -> u32 {
        match self {
            Resource::Outside => 0,
            Resource::Pool => 1,
            Resource::Worker(group) => 2 + group,
        }
    }

    /// The resource with that [`number`](Resource::number).
    pub(crate) fn numbered(number: u32) -> Self {
        match number {
            0 => Resource::Outside,
            1 => Resource::Pool,
            worker => Resource::Worker(worker - 2),
        }
    }
}
