//! Files that are held open, and closed when their guards are dropped.

use std::sync::{Arc, Mutex, PoisonError};

use crate::scenario::outcome::Outcome;

/// How often each file was closed, in the order in which they were opened.
#[derive(Clone, Default)]
pub(super) struct Files(Arc<Mutex<Vec<u32>>>);

impl Files {
    pub(super) fn open(&self) -> File {
        let nth = self.with(|closed| {
            closed.push(0);
            closed.len() - 1
        });
        File {
            files: self.clone(),
            nth,
        }
    }

    /// The number of files opened, and how often each was closed.
    pub(super) fn told(&self) -> Outcome {
        let closed = self.with(|closed| closed.clone());
        Outcome::new()
            .with("opened", closed.len())
            .with("closed", closed)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<u32>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An open file; dropping it closes it.
pub(super) struct File {
    files: Files,
    nth: usize,
}

impl Drop for File {
    fn drop(&mut self) {
        self.files.with(|closed| closed[self.nth] += 1);
    }
}

/// The error of a division by zero.
#[derive(Debug, thiserror::Error)]
#[error("cannot divide by 0")]
pub(super) struct ZeroDivisor;
