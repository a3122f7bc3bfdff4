//! Poll order: N tasks are ready. Which of them runs first, and is the order the same every time?
//!
//! The claims: the loop runs the first task that is ready, and the place where a program resumes is
//! deterministic. From the asyncio tutorials. Each task takes a number when it runs, round after
//! round, and the outcome holds the first order, its kind, and the number of different orders.
//! First in, first out is `fifo`; `last-first` is the same except that the task that became ready
//! last runs first (tokio's LIFO slot). The order is the result and is not judged, except on the
//! virtual clock, which is first in, first out.

use std::collections::HashSet;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};

/// The variants: how the tasks become ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollOrder {
    /// They are spawned, one after the other.
    Spawned,
    /// They wait, and are woken one after the other.
    Woken,
}

const ORDERS: &[Measure] = &[Measure::count("different orders", "/distinct_orders").unranked()];

impl Scenario for PollOrder {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "poll-order",
        kind: Kind::Experiment,
        summary: "in which order N ready tasks are polled, and whether it repeats",
        source: "the asyncio tutorials: the loop runs the first ready task, always the same",
        text: include_str!("poll_order.rs"),
        prose: include_str!("poll_order.md"),
        params: &[
            ParamInfo::count("tasks", 50)
                .within(1, 10_000)
                .help("how many tasks are ready together"),
            ParamInfo::count("rounds", 50)
                .within(1, 10_000)
                .help("how many times"),
        ],
    };

    const VARIANTS: &'static [Self] = &[PollOrder::Spawned, PollOrder::Woken];

    fn info(self) -> VariantInfo {
        let info = match self {
            PollOrder::Spawned => VariantInfo::new(
                "spawned",
                "spawns tasks that are ready, and notes who is polled first",
                "On one worker the order is the runtime's and repeats; with more workers, or a \
                 thread for each, it may be a race. No program may rely on it.",
            )
            .program(&["spawned"]),
            PollOrder::Woken => VariantInfo::new(
                "woken",
                "wakes tasks that wait, and notes who goes on first",
                "Where tasks resume is as deterministic as the ready queue: on one worker it \
                 repeats, on more it need not.",
            )
            .program(&["woken"]),
        };
        info.busy().measures(ORDERS)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let tasks = params.count("tasks");
        let mut seen = Orders::default();
        for _ in 0..params.count("rounds") {
            let queue = Arc::new(Queue::new(tasks));
            match self {
                PollOrder::Spawned => spawned(&cx, &queue).await,
                PollOrder::Woken => woken(&cx, &queue).await,
            }
            seen.add(&queue);
        }
        seen.tell().items(tasks * params.count("rounds"))
    }

    fn check(self, seen: &mut Observed<'_>) {
        let rounds = seen.params.count("rounds");
        seen.value("complete_rounds", rounds);
        seen.value("polls", rounds * seen.params.count("tasks"));
        let told = seen.outcome.value("told").as_str().unwrap_or_default();
        seen.note(told.to_owned());
        if seen.is_fifo() {
            seen.value("kind", "fifo");
            seen.value("distinct_orders", 1);
        }
    }
}

async fn spawned<R: Runtime, S: Sink>(cx: &Context<R, S>, queue: &Arc<Queue>) {
    let mut tasks = Vec::with_capacity(queue.places.len());
    for n in 0..queue.places.len() {
        let queue = Arc::clone(queue);
        let task = poll_fn(move |_| {
            queue.take_place(n);
            Poll::Ready(())
        });
        tasks.push(cx.spawn(("task", n), task));
    }
    for task in tasks {
        // A task that is lost shows in the count of the polls.
        let _ = task.await;
    }
}

async fn woken<R: Runtime, S: Sink>(cx: &Context<R, S>, queue: &Arc<Queue>) {
    let count = queue.places.len();
    let (arrive, mut arrivals) = mpsc::unbounded();
    let (mut tasks, mut signals) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for n in 0..count {
        let (queue, arrive) = (Arc::clone(queue), arrive.clone());
        let (go, gone) = oneshot::channel::<()>();
        signals.push(go);
        tasks.push(cx.spawn(("task", n), async move {
            // The root waits for all of them, so the receiver is still there.
            let _ = arrive.unbounded_send(());
            if gone.await.is_ok() {
                queue.take_place(n);
            }
        }));
    }
    drop(arrive);
    for _ in 0..count {
        arrivals.next().await;
    }
    for signal in signals {
        // A task that is gone shows in the count of the polls.
        let _ = signal.send(());
    }
    for task in tasks {
        let _ = task.await;
    }
}

/// The task in each place, taken without a lock.
struct Queue {
    next: AtomicUsize,
    places: Box<[AtomicUsize]>,
}

impl Queue {
    fn new(count: usize) -> Self {
        let nobody = || AtomicUsize::new(usize::MAX);
        Queue {
            next: AtomicUsize::new(0),
            places: std::iter::repeat_with(nobody).take(count).collect(),
        }
    }

    fn take_place(&self, who: usize) {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(place) = self.places.get(place) {
            place.store(who, Ordering::Relaxed);
        }
    }

    /// All tasks in order, once they have been joined.
    fn order(&self) -> Vec<usize> {
        let places = self.places.iter();
        places.map(|who| who.load(Ordering::Relaxed)).collect()
    }
}

/// The orders of all rounds.
#[derive(Default)]
struct Orders {
    first: Vec<usize>,
    distinct: HashSet<u64>,
    fifo: usize,
    last_first: usize,
    other: usize,
    complete: usize,
    polls: usize,
}

impl Orders {
    fn add(&mut self, queue: &Queue) {
        let order = queue.order();
        let polls = queue.next.load(Ordering::Relaxed);
        self.polls += polls;
        let everybody: HashSet<usize> = order.iter().copied().collect();
        let all_there = (0..order.len()).all(|who| everybody.contains(&who));
        self.complete += usize::from(all_there && polls == order.len());
        *match kind(&order) {
            "fifo" => &mut self.fifo,
            "last-first" => &mut self.last_first,
            _ => &mut self.other,
        } += 1;
        let mut hasher = DefaultHasher::new();
        order.hash(&mut hasher);
        self.distinct.insert(hasher.finish());
        if self.first.is_empty() {
            self.first = order;
        }
    }

    fn tell(self) -> Outcome {
        let rounds = self.fifo + self.last_first + self.other;
        let first = kind(&self.first);
        let alike = [self.fifo, self.last_first, self.other].contains(&rounds);
        let kind = if alike { first } else { "varies" };
        let told = match (kind, self.distinct.len()) {
            ("fifo", _) => format!("first in, first out, in all of {rounds} rounds"),
            ("last-first", _) => format!(
                "the one that was ready last runs first, the others first in, first out, in all \
                 of {rounds} rounds"
            ),
            (_, 1) => format!("an order of its own, the same in all of {rounds} rounds"),
            (_, distinct) => format!("{distinct} different orders in {rounds} rounds"),
        };
        Outcome::new()
            .with("kind", kind)
            .with("told", told)
            .with("rounds_fifo", self.fifo)
            .with("rounds_last_first", self.last_first)
            .with("rounds_other", self.other)
            .with("distinct_orders", self.distinct.len())
            .with("first_order", self.first)
            .with("complete_rounds", self.complete)
            .with("polls", self.polls)
    }
}

/// The name of an order.
fn kind(order: &[usize]) -> &'static str {
    let in_turn = |part: &[usize]| part.iter().enumerate().all(|(n, who)| n == *who);
    if in_turn(order) {
        return "fifo";
    }
    match order.split_first() {
        Some((last, others)) if *last == others.len() && in_turn(others) => "last-first",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_their_names() {
        assert_eq!(kind(&[0]), "fifo");
        assert_eq!(kind(&[0, 1, 2]), "fifo");
        assert_eq!(kind(&[2, 0, 1]), "last-first");
        assert_eq!(kind(&[2, 1, 0]), "other");
        assert_eq!(kind(&[0, 2, 1]), "other");
    }

    #[test]
    fn a_round_is_complete_where_each_came_once() {
        let rounds = [&[1, 0][..], &[0, 0], &[0, 1, 1], &[0]].map(|arrivals| {
            let queue = Queue::new(2);
            arrivals.iter().for_each(|who| queue.take_place(*who));
            let mut orders = Orders::default();
            orders.add(&queue);
            orders.complete
        });
        assert_eq!(rounds, [1, 0, 0, 0]);
    }
}
