//! A queue that knows when its work is done.
//!
//! The shape is that of Python's `asyncio.Queue`: many producers, many
//! consumers, and a [`join`](Queue::join) that waits until every item put has
//! been declared done. Waiting goes through `event-listener`, so a queue works
//! on every runtime and between them.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event, listener};
use futures::{Sink, Stream, sink, stream};

use crate::program::until::until;

/// A first in, first out queue between tasks. A clone is another handle to it.
pub struct Queue<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    capacity: usize,
    item_or_close: Event,
    room_or_close: Event,
    all_done: Event,
}

struct State<T> {
    items: VecDeque<T>,
    /// Items that were put and have not been declared done yet.
    outstanding: usize,
    /// How often the last outstanding item was declared done. A waiting join watches this count: by
    /// the time that the join is polled there may be new items.
    times_all_done: u64,
    closed: bool,
}

impl<T> Queue<T> {
    /// A queue that holds any number of items.
    pub fn unbounded() -> Self {
        Queue::with_capacity(usize::MAX)
    }

    /// A queue that holds `capacity` items; [`put`](Queue::put) waits for room.
    pub fn bounded(capacity: NonZeroUsize) -> Self {
        Queue::with_capacity(capacity.get())
    }

    fn with_capacity(capacity: usize) -> Self {
        Queue(Arc::new(Shared {
            state: Mutex::new(State {
                items: VecDeque::new(),
                outstanding: 0,
                times_all_done: 0,
                closed: false,
            }),
            capacity,
            item_or_close: Event::new(),
            room_or_close: Event::new(),
            all_done: Event::new(),
        }))
    }

    /// Puts an item, waiting for room if there is none.
    ///
    /// # Errors
    ///
    /// [`Closed`] returns the item if the queue is closed, before or during the wait.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before it is ready drops the item without putting it.
    pub async fn put(&self, item: T) -> Result<(), Closed<T>> {
        let mut item = Some(item);
        loop {
            if let Some(outcome) = self.try_put(&mut item) {
                return outcome;
            }
            listener!(self.0.room_or_close => room);
            if let Some(outcome) = self.try_put(&mut item) {
                return outcome;
            }
            room.await;
        }
    }

    fn try_put(&self, item: &mut Option<T>) -> Option<Result<(), Closed<T>>> {
        let mut state = self.lock();
        if state.closed {
            return item.take().map(|item| Err(Closed(item)));
        }
        if state.items.len() >= self.0.capacity {
            return None;
        }
        state.items.extend(item.take());
        state.outstanding += 1;
        drop(state);
        // One additional consumer, not "at least one": two items need two woken consumers.
        self.0.item_or_close.notify_additional(1);
        Some(Ok(()))
    }

    /// Takes the oldest item, waiting for one if there is none. `None` once the
    /// queue is closed and empty.
    ///
    /// The consumer that takes an item declares it done with [`task_done`](Queue::task_done) once
    /// it has been dealt with.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before it is ready takes nothing.
    pub async fn get(&self) -> Option<T> {
        loop {
            if let Some(outcome) = self.try_get() {
                return outcome;
            }
            listener!(self.0.item_or_close => item);
            if let Some(outcome) = self.try_get() {
                return outcome;
            }
            item.await;
        }
    }

    fn try_get(&self) -> Option<Option<T>> {
        let mut state = self.lock();
        let item = state.items.pop_front();
        if item.is_none() && !state.closed {
            return None;
        }
        drop(state);
        if item.is_some() {
            self.0.room_or_close.notify_additional(1);
        }
        Some(item)
    }

    /// Declares a taken item done.
    ///
    /// # Errors
    ///
    /// [`NothingOutstanding`] if every item put was declared done before.
    pub fn task_done(&self) -> Result<(), NothingOutstanding> {
        let mut state = self.lock();
        state.outstanding = state.outstanding.checked_sub(1).ok_or(NothingOutstanding)?;
        let all_done = state.outstanding == 0;
        state.times_all_done += u64::from(all_done);
        drop(state);
        if all_done {
            self.0.all_done.notify(usize::MAX);
        }
        Ok(())
    }

    /// Waits until every item put was declared done. Ready at once if none is
    /// outstanding; never, if a consumer forgets [`task_done`](Queue::task_done).
    ///
    /// One moment at which nothing is outstanding is enough, as in `asyncio`, even if a producer
    /// puts the next item before the waiting task runs again.
    pub async fn join(&self) {
        let before = {
            let state = self.lock();
            if state.outstanding == 0 {
                return;
            }
            state.times_all_done
        };
        until(&self.0.all_done, || self.lock().times_all_done != before).await;
    }

    /// Closes the queue: from now on puts fail and gets take the remaining items.
    ///
    /// Items that are never taken stay outstanding.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.item_or_close.notify(usize::MAX);
        self.0.room_or_close.notify(usize::MAX);
    }

    /// The number of items that have not been taken yet.
    pub fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether there is no item to take.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of items that were put and have not been declared done yet.
    pub fn outstanding(&self) -> usize {
        self.lock().outstanding
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static> Queue<T> {
    /// The taking end as a [`Stream`], which ends when the queue is closed and empty.
    pub fn stream(&self) -> impl Stream<Item = T> + Send + use<T> {
        stream::unfold(self.clone(), async |queue| {
            let item = queue.get().await?;
            Some((item, queue))
        })
    }

    /// The putting end as a [`Sink`]. Closing the sink does not close the queue: other producers
    /// may go on.
    pub fn sink(&self) -> impl Sink<T, Error = Closed<T>> + Send + use<T> {
        sink::unfold(self.clone(), async |queue: Queue<T>, item| {
            queue.put(item).await?;
            Ok(queue)
        })
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Queue(self.0.clone())
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Queue")
            .field("len", &state.items.len())
            .field("outstanding", &state.outstanding)
            .field("closed", &state.closed)
            .finish()
    }
}

/// The queue was closed; the item that was not put is returned.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue is closed")]
pub struct Closed<T>(pub T);

impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

/// More items were declared done than were put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("task_done was called more often than put")]
pub struct NothingOutstanding;
