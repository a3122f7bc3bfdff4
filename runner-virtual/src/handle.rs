//! The handle that scenarios get.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pollmark_core::{Name, Runtime};

use crate::sim::Sim;
use crate::task::join::{VirtualBlockingHandle, VirtualJoinHandle};
use crate::task::resource::Resource;
use crate::timer::{Sleep, Yield};

/// A handle to a [`Virtual`](crate::Virtual) clock. It keeps no task alive.
#[derive(Debug, Clone)]
pub struct VirtualHandle {
    sim: Arc<Sim>,
}

impl VirtualHandle {
    pub(crate) fn new(sim: &Arc<Sim>) -> Self {
        VirtualHandle {
            sim: Arc::clone(sim),
        }
    }

    fn task<F>(&self, name: Option<Name>, future: F) -> VirtualJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        VirtualJoinHandle::new(self.sim.spawn(Resource::ANY_WORKER, name, future))
    }

    fn call<T, F>(&self, name: Option<Name>, work: F) -> VirtualBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let call = async move { work() };
        VirtualBlockingHandle::new(self.sim.spawn(Resource::Pool, name, call))
    }
}

impl Runtime for VirtualHandle {
    type JoinHandle<T: Send + 'static> = VirtualJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = VirtualBlockingHandle<T>;
    type Sleep = Sleep;

    fn spawn<F>(&self, future: F) -> VirtualJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.task(None, future)
    }

    fn spawn_named<F>(&self, name: Name, future: F) -> VirtualJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.task(Some(name), future)
    }

    fn spawn_blocking<T, F>(&self, work: F) -> VirtualBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.call(None, work)
    }

    fn spawn_blocking_named<T, F>(&self, name: Name, work: F) -> VirtualBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.call(Some(name), work)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(&self.sim, duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        Yield::default()
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.sim.clock.now())
    }

    /// Holds the calling task's worker, or the calling blocking thread.
    ///
    /// # Panics
    ///
    /// Panics if the OS refuses the thread on which the others would go on.
    ///
    /// # Blocking
    ///
    /// Returns once the clock has moved by `duration`; at once if the calling
    /// thread is inside no task or call of this simulator.
    fn block(&self, duration: Duration) {
        self.sim.occupy(duration, false);
    }

    /// As [`block`](VirtualHandle::block), and holds a core besides, which it
    /// may have to wait for.
    fn spin(&self, duration: Duration) {
        self.sim.occupy(duration, true);
    }

    fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        let output = work();
        self.spin(cost);
        output
    }
}
