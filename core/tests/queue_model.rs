//! Tests a queue against a model: random puts, gets, joins, closes and dropped futures, each future
//! polled only when it was woken.

use std::collections::VecDeque;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use pollmark_core::{Closed, NothingOutstanding, Queue};
use proptest::prelude::*;

/// A producer puts the next item before the tasks that wait for the last one run again.
#[test]
fn a_join_keeps_the_moment_when_all_was_done() {
    let mut world = World::new(None);
    for step in [Step::Put, Step::Join, Step::TaskDone, Step::Put] {
        world.take(step);
    }
    world.take(Step::Settle {
        newest_first: false,
    });
    assert!(world.waiting.is_empty(), "the join missed its moment");
    world.take(Step::Join);
    assert_eq!(
        world.waiting.len(),
        1,
        "a later join waits for the new item"
    );
}

proptest! {
    /// In any order of operations, items come in the order in which they were put, and none comes
    /// twice; no operation waits if it could end; a dropped future takes nothing.
    #[test]
    fn a_queue_does_what_its_model_does(
        capacity in prop_oneof![(1_usize..4).prop_map(Some), Just(None)],
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut world = World::new(capacity);
        for step in steps {
            world.take(step);
            world.assert_nobody_waits_in_vain();
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put,
    Get,
    Join,
    TaskDone,
    Close,
    /// Polls the woken operations, oldest or newest first.
    Settle {
        newest_first: bool,
    },
    /// Drops the n-th waiting future, woken or not.
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Put),
        6 => Just(Step::Get),
        1 => Just(Step::Join),
        4 => Just(Step::TaskDone),
        1 => Just(Step::Close),
        4 => any::<bool>().prop_map(|newest_first| Step::Settle { newest_first }),
        2 => (0_usize..8).prop_map(Step::Drop),
    ]
}

struct World {
    queue: Queue<u32>,
    waiting: Vec<Waiting>,
    model: Model,
    next_item: u32,
}

struct Model {
    items: VecDeque<u32>,
    capacity: usize,
    outstanding: usize,
    /// The number of times that nothing was outstanding any more.
    times_all_done: u64,
    closed: bool,
}

struct Waiting {
    operation: Operation,
    future: Pin<Box<dyn Future<Output = Outcome>>>,
    woken: Arc<Woken>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Put(u32),
    Get,
    /// Begun when everything had been done this many times.
    Join(u64),
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Put(Result<(), Closed<u32>>),
    Got(Option<u32>),
    Joined,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl World {
    fn new(capacity: Option<usize>) -> Self {
        let queue = match capacity.and_then(NonZeroUsize::new) {
            Some(capacity) => Queue::bounded(capacity),
            None => Queue::unbounded(),
        };
        World {
            queue,
            waiting: Vec::new(),
            model: Model {
                items: VecDeque::new(),
                capacity: capacity.unwrap_or(usize::MAX),
                outstanding: 0,
                times_all_done: 0,
                closed: false,
            },
            next_item: 0,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Put => {
                let item = self.next_item;
                self.next_item += 1;
                let queue = self.queue.clone();
                self.begin(Operation::Put(item), async move {
                    Outcome::Put(queue.put(item).await)
                });
            }
            Step::Get => {
                let queue = self.queue.clone();
                self.begin(
                    Operation::Get,
                    async move { Outcome::Got(queue.get().await) },
                );
            }
            Step::Join => {
                let queue = self.queue.clone();
                let before = self.model.times_all_done;
                self.begin(Operation::Join(before), async move {
                    queue.join().await;
                    Outcome::Joined
                });
            }
            Step::TaskDone => {
                let expected = self.model.outstanding.checked_sub(1);
                self.model.outstanding = expected.unwrap_or(0);
                self.model.times_all_done += u64::from(expected == Some(0));
                let expected = expected.map(|_| ()).ok_or(NothingOutstanding);
                assert_eq!(self.queue.task_done(), expected);
            }
            Step::Close => {
                self.model.closed = true;
                self.queue.close();
            }
            Step::Settle { newest_first } => self.settle(newest_first),
            Step::Drop(index) if index < self.waiting.len() => drop(self.waiting.remove(index)),
            Step::Drop(_) => {}
        }
        assert_eq!(self.queue.len(), self.model.items.len());
        assert_eq!(self.queue.outstanding(), self.model.outstanding);
    }

    fn begin(&mut self, operation: Operation, future: impl Future<Output = Outcome> + 'static) {
        let mut waiting = Waiting {
            operation,
            future: Box::pin(future),
            woken: Arc::default(),
        };
        let may_end = self.model.permits(operation);
        match waiting.poll() {
            Poll::Ready(outcome) => self.model.check(operation, outcome),
            Poll::Pending => {
                assert!(!may_end, "{operation:?} waits for what is there");
                self.waiting.push(waiting);
            }
        }
    }

    /// Polls woken operations until none is woken any more.
    fn settle(&mut self, newest_first: bool) {
        loop {
            let mut woken = self
                .waiting
                .iter()
                .enumerate()
                .filter(|(_, waiting)| waiting.is_woken());
            let next = if newest_first {
                woken.next_back()
            } else {
                woken.next()
            };
            let Some((index, _)) = next else { return };
            if let Poll::Ready(outcome) = self.waiting[index].poll() {
                let operation = self.waiting.remove(index).operation;
                self.model.check(operation, outcome);
            }
        }
    }

    /// Every operation that could end now was woken; for a put or a get it suffices that another
    /// one of its kind was woken, which will take its place.
    fn assert_nobody_waits_in_vain(&self) {
        for waiting in &self.waiting {
            let kind = std::mem::discriminant(&waiting.operation);
            let mut alike = self.waiting.iter().filter(|other| {
                std::mem::discriminant(&other.operation) == kind && other.is_woken()
            });
            let is_woken = match waiting.operation {
                Operation::Put(_) | Operation::Get => alike.next().is_some(),
                Operation::Join(_) => waiting.is_woken(),
            };
            assert!(
                is_woken || !self.model.permits(waiting.operation),
                "{:?} was not woken for what is there",
                waiting.operation,
            );
        }
    }
}

impl Waiting {
    fn poll(&mut self) -> Poll<Outcome> {
        self.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(self.woken.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn is_woken(&self) -> bool {
        self.woken.0.load(Ordering::SeqCst)
    }
}

impl Model {
    /// Whether an operation can end in this state.
    fn permits(&self, operation: Operation) -> bool {
        match operation {
            Operation::Put(_) => self.closed || self.items.len() < self.capacity,
            Operation::Get => self.closed || !self.items.is_empty(),
            Operation::Join(before) => self.outstanding == 0 || self.times_all_done != before,
        }
    }

    /// Checks the outcome of an operation, and applies the operation to the model.
    fn check(&mut self, operation: Operation, outcome: Outcome) {
        assert!(
            self.permits(operation),
            "{operation:?} ended too early: {outcome:?}"
        );
        let expected = match operation {
            Operation::Put(item) if self.closed => Outcome::Put(Err(Closed(item))),
            Operation::Put(item) => {
                self.items.push_back(item);
                self.outstanding += 1;
                Outcome::Put(Ok(()))
            }
            Operation::Get => Outcome::Got(self.items.pop_front()),
            Operation::Join(_) => Outcome::Joined,
        };
        assert_eq!(outcome, expected);
    }
}
