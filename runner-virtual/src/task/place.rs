//! The resource that a task or a call holds while it runs.

/// The resource that user code holds while it runs on a simulator thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Place {
    /// Nothing: the code cannot block here.
    Outside,
    Worker,
    /// A thread of the blocking pool.
    Pool,
}

impl Place {
    /// The place of that number, which is its discriminant.
    pub(crate) fn from_u8(number: u8) -> Self {
        match number {
            1 => Place::Worker,
            2 => Place::Pool,
            _ => Place::Outside,
        }
    }
}
