//! The error of a group that failed.

use std::fmt;

use crate::runtime::join_error::JoinError;
use crate::runtime::name::Name;

/// Every failure of a group's children and body.
#[derive(Debug)]
pub struct GroupError<E> {
    /// The failures, in the order of spawning, with the body's first. Never empty.
    pub failures: Vec<Failure<E>>,
}

impl<E> GroupError<E> {
    pub(super) fn with_body(error: E, children: Vec<Failure<E>>) -> Self {
        let body = Failure {
            task: "the group's body".into(),
            cause: Cause::Failed(error),
        };
        let failures = std::iter::once(body).chain(children).collect();
        GroupError { failures }
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Failure { task, cause }) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            match cause {
                Cause::Failed(error) => write!(f, "{separator}{task}: {error}")?,
                Cause::Lost(error) => write!(f, "{separator}{task}: {error}")?,
            }
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for GroupError<E> {}

/// One failure in a group.
#[derive(Debug)]
pub struct Failure<E> {
    /// The child's name.
    pub task: Name,
    /// The cause of the failure.
    pub cause: Cause<E>,
}

/// The reason why a child of a group gave no value.
#[derive(Debug)]
pub enum Cause<E> {
    /// It returned this error.
    Failed(E),
    /// It panicked, could not be started, or the runtime went away.
    Lost(JoinError),
}
