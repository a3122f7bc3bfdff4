//! Sides with a deliberate fault. Every real runtime gives the same answer to some probes;
//! these sides show that such a probe can give the other answer.

use std::future::{Future, ready};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use smol::{Executor, Task};

use super::cancel;
use crate::semantics::fate::Fate;
use crate::semantics::native::Smol;
use crate::semantics::side::{Cancels, Owns, Setup, Spawns};

/// smol with a cancel that does not wait. If `EAGER`, a spawn also runs the body at once.
struct Faulty<const EAGER: bool>(Smol);

#[derive(Clone)]
struct Spawner<const EAGER: bool>(Arc<Executor<'static>>);

impl<const EAGER: bool> Owns for Faulty<EAGER> {
    type Spawner = Spawner<EAGER>;

    fn start(setup: Setup) -> Result<Self> {
        Smol::start(setup).map(Faulty)
    }

    fn spawner(&self) -> Self::Spawner {
        Spawner(self.0.spawner())
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        self.0.main(main)
    }
}

impl<const EAGER: bool> Spawns for Spawner<EAGER> {
    type Task = Task<u32>;
    type Call = Task<()>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Task<u32> {
        if EAGER {
            let value = futures::executor::block_on(body);
            return Spawns::spawn(&self.0, ready(value));
        }
        Spawns::spawn(&self.0, body)
    }

    fn detach(task: Task<u32>) {
        task.detach();
    }

    fn fate(output: u32) -> Fate {
        Fate::Value(output)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        Spawns::sleep(&self.0, duration)
    }

    fn read(self) -> impl Future<Output = io::Result<()>> + Send + 'static {
        Spawns::read(self.0)
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> Task<()> {
        Spawns::spawn_blocking(&self.0, call)
    }
}

impl<const EAGER: bool> Cancels for Spawner<EAGER> {
    fn cancel(task: Task<u32>) -> impl Future<Output = Fate> + Send + 'static {
        // smol cancels a task whose handle is dropped.
        drop(task);
        ready(Fate::Cancelled)
    }
}

#[test]
fn a_cancel_that_does_not_wait_is_seen() {
    let answer = cancel::waits_for_the_drop::<Faulty<false>>(Setup::default()).unwrap();
    assert_eq!(answer.answer.unwrap(), "no, it may still be dropping");
    let answer = cancel::waits_for_the_drop::<Smol>(Setup::default()).unwrap();
    assert_eq!(answer.answer.unwrap(), "yes, it waits");
}

#[test]
fn a_body_that_runs_before_its_cancel_is_seen() {
    let answer = cancel::before_first_poll::<Faulty<true>>(Setup::default()).unwrap();
    assert_eq!(answer.answer.unwrap(), "its body may run, it is a race");
    let answer = cancel::before_first_poll::<Smol>(Setup::default()).unwrap();
    assert_eq!(answer.answer.unwrap(), "its body never runs");
}
