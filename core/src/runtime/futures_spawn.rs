//! Interop: a runtime's handle as the futures crate's [`Spawn`].

use futures::task::{FutureObj, Spawn, SpawnError};

use crate::runtime::Runtime;

/// Spawns through a [`Runtime`], for code that asks for a [`Spawn`].
///
/// Tasks are detached, and boxed as that trait demands: this is for interoperation, not for
/// measurements.
///
/// # Errors
///
/// `spawn_obj` never fails. A runtime that refuses a task reports it through the join handle, which
/// this trait does not have; the future is dropped.
#[derive(Debug, Clone)]
pub struct Spawner<R>(pub R);

impl<R: Runtime> Spawn for Spawner<R> {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        drop(self.0.spawn(future));
        Ok(())
    }
}
