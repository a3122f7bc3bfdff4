//! The resource that a task or a call holds while it runs.

/// The resource that user code holds while it runs on a simulator thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Resource {
    /// Nothing: the code cannot block here.
    Outside,
    Worker,
    /// A thread of the blocking pool.
    Pool,
}

impl Resource {
    /// The resource with that number, which is its discriminant.
    pub(crate) fn from_u8(number: u8) -> Self {
        match number {
            1 => Resource::Worker,
            2 => Resource::Pool,
            _ => Resource::Outside,
        }
    }
}
