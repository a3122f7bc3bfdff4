//! Interop: a runtime's handle as the futures crate's [`Spawn`].

use futures::task::{FutureObj, Spawn, SpawnError};

use crate::runtime::Runtime;

/// Spawns through a [`Runtime`] wherever a [`Spawn`] is asked for.
///
/// Tasks are detached, and boxed as that trait demands: for interoperation, not
/// for measuring.
///
/// # Errors
///
/// `spawn_obj` never fails: a runtime that refuses a task says so through a join
/// handle, which this trait has none of; the future is dropped.
#[derive(Debug, Clone)]
pub struct Spawner<R>(pub R);

impl<R: Runtime> Spawn for Spawner<R> {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        drop(self.0.spawn(future));
        Ok(())
    }
}
