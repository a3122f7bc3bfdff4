//! Rules about queues, on every runtime.

use std::num::NonZeroUsize;
use std::pin::pin;

use futures::{FutureExt, SinkExt, StreamExt, poll};

use crate::conformance::rule::Rule;
use crate::conformance::signals::{Flag, STEP, eventually};
use crate::program::queue::{Closed, NothingOutstanding, Queue};
use crate::runtime::Runtime;
use crate::runtime::runner::Runner;

/// Three producers and three consumers on one bounded queue: every item arrives, exactly once.
pub fn queue_loses_and_duplicates_nothing<Q: Runner>() -> Rule<Q> {
    const PRODUCERS: usize = 3;
    const CONSUMERS: usize = 3;
    const ITEMS: usize = 200;

    Rule::root(2, |rt: Q::Runtime| async move {
        let queue = Queue::bounded(NonZeroUsize::new(4).expect("four"));
        let producer = |producer: usize| {
            let queue = queue.clone();
            rt.spawn(async move {
                for item in 0..ITEMS {
                    let put = queue.put(producer * ITEMS + item).await;
                    put.expect("the queue is open");
                }
            })
        };
        let consumer = |_| {
            let (rt_there, queue) = (rt.clone(), queue.clone());
            rt.spawn(async move {
                let mut taken = Vec::new();
                while let Some(item) = queue.get().await {
                    taken.push(item);
                    if item % 7 == 0 {
                        rt_there.yield_now().await;
                    }
                    queue.task_done().expect("the item was outstanding");
                }
                taken
            })
        };
        let consumers: Vec<_> = (0..CONSUMERS).map(consumer).collect();
        let producers: Vec<_> = (0..PRODUCERS).map(producer).collect();
        for producer in producers {
            producer.await.expect("the producer ended well");
        }
        queue.join().await;
        queue.close();
        let mut taken = Vec::new();
        for consumer in consumers {
            taken.extend(consumer.await.expect("the consumer ended well"));
        }
        taken.sort_unstable();
        let all: Vec<_> = (0..PRODUCERS * ITEMS).collect();
        assert!(
            taken == all,
            "{} of {} items arrived",
            taken.len(),
            all.len()
        );
    })
}

/// A join waits until the last item was declared done, not merely taken.
pub fn queue_join_waits_for_task_done<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let queue = Queue::unbounded();
        queue.join().await;
        queue.put(1).await.expect("the queue is open");
        let (joined, done) = (Flag::default(), Flag::default());
        let joiner = rt.spawn({
            let (queue, joined, done) = (queue.clone(), joined.clone(), done.clone());
            async move {
                queue.join().await;
                assert!(done.is_raised(), "joined before the item was done");
                joined.raise();
            }
        });
        assert_eq!(queue.get().await, Some(1));
        rt.sleep(STEP).await;
        assert!(!joined.is_raised(), "joined when the item was taken");
        done.raise();
        queue.task_done().expect("the item was outstanding");
        joiner.await.expect("the join ended");
    })
}

/// A put into a full queue waits for room.
pub fn queue_put_waits_for_room<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let queue = Queue::bounded(NonZeroUsize::MIN);
        queue.put(1).await.expect("the queue is open");
        let producer = rt.spawn({
            let queue = queue.clone();
            async move { queue.put(2).await }
        });
        rt.sleep(STEP).await;
        assert_eq!(queue.len(), 1, "a put did not wait for room");
        assert_eq!(queue.get().await, Some(1));
        let put = producer.await.expect("the producer ended well");
        assert_eq!(put, Ok(()));
        assert_eq!(queue.get().await, Some(2));
    })
}

/// A close wakes waiting consumers and returns producers their items; items put before it can still
/// be taken.
pub fn queue_close_ends_both_sides<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let empty = Queue::<u32>::unbounded();
        let consumer = |_| {
            let empty = empty.clone();
            rt.spawn(async move { empty.get().await })
        };
        let consumers: Vec<_> = (0..3).map(consumer).collect();
        rt.sleep(STEP).await;
        empty.close();
        for consumer in consumers {
            assert_eq!(consumer.await.expect("the consumer ended well"), None);
        }

        let full = Queue::bounded(NonZeroUsize::MIN);
        full.put(0).await.expect("the queue is open");
        let producer = |item: u32| {
            let full = full.clone();
            rt.spawn(async move { full.put(item).await })
        };
        let producers: Vec<_> = (1..4).map(producer).collect();
        rt.sleep(STEP).await;
        full.close();
        for (item, producer) in (1..).zip(producers) {
            let put = producer.await.expect("the producer ended well");
            assert_eq!(put, Err(Closed(item)));
        }
        assert_eq!(full.put(9).await, Err(Closed(9)));
        assert_eq!(full.get().await, Some(0), "the item put before the close");
        assert_eq!(full.get().await, None);
    })
}

/// One more `task_done` than `put` is an error, and changes nothing.
pub fn queue_refuses_one_task_done_too_many<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |_rt: Q::Runtime| async move {
        let queue = Queue::unbounded();
        assert_eq!(queue.task_done(), Err(NothingOutstanding));
        queue.put(1).await.expect("the queue is open");
        assert_eq!(queue.task_done(), Ok(()));
        assert_eq!(queue.task_done(), Err(NothingOutstanding));
        assert_eq!(queue.outstanding(), 0);
        queue.put(2).await.expect("the queue is open");
        assert!(
            queue.join().now_or_never().is_none(),
            "an error counted as done"
        );
    })
}

/// A queue's stream ends when the queue is closed and empty; its sink returns an error then.
pub fn queue_stream_and_sink_end<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let queue = Queue::bounded(NonZeroUsize::new(2).expect("two"));
        let taken = rt.spawn(queue.stream().collect::<Vec<u32>>());
        let mut sink = pin!(queue.sink());
        for item in 0..10 {
            sink.send(item).await.expect("the queue is open");
        }
        queue.close();
        let taken = taken.await.expect("the stream ended");
        assert_eq!(taken, Vec::from_iter(0..10));
        assert_eq!(sink.send(10).await, Err(Closed(10)));

        let other = Queue::<u32>::unbounded();
        pin!(other.sink())
            .close()
            .await
            .expect("a sink can be closed");
        let mut items = pin!(other.stream());
        assert!(
            poll!(items.next()).is_pending(),
            "closing a sink closed its queue"
        );
        let put = rt.spawn({
            let other = other.clone();
            async move { other.put(1).await }
        });
        eventually(&rt, "the item is there", || other.outstanding() == 1).await;
        assert_eq!(put.await.expect("the producer ended well"), Ok(()));
        assert_eq!(items.next().await, Some(1));
    })
}
