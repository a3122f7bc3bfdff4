//! Times every poll of a task, as the debug mode of asyncio does.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use serde_json::{Value, json};

use crate::runtime::Runtime;
use crate::runtime::name::Name;
use crate::time::nanos;

/// Remembers the polls that took longer than a threshold.
#[derive(Clone)]
pub(super) struct PollWatch {
    threshold: Duration,
    slow: Arc<Mutex<Vec<SlowPoll>>>,
}

/// One poll that took too long, by the runtime's clock.
#[derive(Clone)]
pub(super) struct SlowPoll {
    pub(super) task: Name,
    pub(super) took: Duration,
}

impl PollWatch {
    pub(super) fn new(threshold: Duration) -> Self {
        PollWatch {
            threshold,
            slow: Arc::default(),
        }
    }

    /// Watches over every poll of `task`.
    pub(super) fn over<R: Runtime, F: Future>(
        &self,
        runtime: &R,
        name: Name,
        task: F,
    ) -> Timed<F, R> {
        Timed {
            task,
            runtime: runtime.clone(),
            name,
            watch: self.clone(),
        }
    }

    pub(super) fn slow_polls(&self) -> Vec<SlowPoll> {
        self.lock().clone()
    }

    /// The slow polls, for the outcome.
    pub(super) fn told(&self) -> Value {
        let told = |poll: &SlowPoll| {
            let took = nanos(poll.took);
            json!({ "task": poll.task.to_string(), "took_ns": took })
        };
        self.lock().iter().map(told).collect()
    }

    fn took(&self, task: &Name, took: Duration) {
        if took > self.threshold {
            let task = task.clone();
            self.lock().push(SlowPoll { task, took });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SlowPoll>> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pin_project! {
    /// A task with polls that are timed.
    pub(super) struct Timed<F, R> {
        #[pin]
        task: F,
        runtime: R,
        name: Name,
        watch: PollWatch,
    }
}

impl<F: Future, R: Runtime> Future for Timed<F, R> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let began = this.runtime.now();
        let polled = this.task.poll(cx);
        this.watch.took(this.name, this.runtime.now() - began);
        polled
    }
}
