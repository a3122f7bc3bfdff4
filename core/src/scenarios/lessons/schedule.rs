//! The event loop step by step: milk and bread are fetched, and each step is followed by the list
//! of tasks that are ready and that wait.
//!
//! Main spawns the milk and the bread, then awaits them in that order. Each poll, of main and of
//! the others, is a step: `T0`, `T1`, ... Between two steps a task is either ready (it was spawned
//! or woken, and wants a worker) or waiting. The outcome's `steps` shows this after each of them,
//! as data; on one first in, first out worker there are seven: main, milk starts, bread starts,
//! milk done at 1 s, main resumes, bread done at 2 s, main resumes. From the step-by-step drawings
//! of the event loop in the asyncio tutorials.

mod check;
mod step;
mod steps;

use std::time::Duration;

use futures::channel::oneshot;

use self::step::Step;
use self::steps::Board;
use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::spawned::Spawned;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Milk 1 s, bread 2 s: the task awaited first ends first.
    Steps,
    /// Milk 120 s, bread 60 s: the task awaited last ends first.
    LongFirst,
    /// Milk 0 s, bread 120 s: a wait that is over as soon as it begins.
    ZeroFirst,
}

impl Schedule {
    /// The times that the milk and the bread take.
    const fn times(self) -> (Duration, Duration) {
        match self {
            Schedule::Steps => (secs(1), secs(2)),
            Schedule::LongFirst => (secs(120), secs(60)),
            Schedule::ZeroFirst => (secs(0), secs(120)),
        }
    }
}

impl Scenario for Schedule {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "schedule",
        kind: Kind::Lesson,
        summary: "the event loop step by step: who is ready, who runs, who waits",
        source: "the event loop drawn step by step in the asyncio tutorials",
        text: include_str!("schedule.rs"),
        prose: include_str!("schedule.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Schedule::Steps, Schedule::LongFirst, Schedule::ZeroFirst];

    fn info(self) -> VariantInfo {
        match self {
            Schedule::Steps => VariantInfo::new(
                "steps",
                "milk takes 1 s, bread 2 s; every step shows who is ready and who waits",
                "A worker only ever takes the next ready task and runs it to its next await.",
            )
            .program(&["shop", "spawn"]),
            Schedule::LongFirst => VariantInfo::new(
                "long-first",
                "milk takes 120 s and is awaited first, bread takes 60 s",
                "Awaiting the long task first delays nothing: the short one ends meanwhile, and \
                 main is not even woken for it.",
            )
            .program(&["shop", "spawn"]),
            Schedule::ZeroFirst => VariantInfo::new(
                "zero-first",
                "milk takes 0 s, bread 120 s",
                "Whether a wait of zero gives others a turn is decided by the runtime's timer.",
            )
            .program(&["shop", "spawn"]),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let board = board(&cx);
        let (milk, bread) = self.times();
        let errands = board.track("main", shop(&cx, &board, milk, bread)).await;
        // The last step of an errand may outlast the news of its end.
        for errand in errands {
            let _ = errand.task.await;
        }
        report(&board.steps())
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

/// Main: spawns both, then awaits the milk, then the bread.
async fn shop<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    board: &Board,
    milk: Duration,
    bread: Duration,
) -> [Errand<R>; 2] {
    let mut milk = spawn(cx, board, "milk", milk);
    let mut bread = spawn(cx, board, "bread", bread);
    milk.fetched().await;
    bread.fetched().await;
    [milk, bread]
}

fn spawn<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    board: &Board,
    what: &'static str,
    time: Duration,
) -> Errand<R> {
    let (tell, news) = oneshot::channel();
    let shop = cx.clone();
    let fetch = async move {
        shop.wait(time).await;
        // The receiver is gone if main was dropped.
        let _ = tell.send(());
    };
    let task = cx.spawn(what, board.track(what, fetch));
    Errand { task, news }
}

/// A task, and the news of its end. The news is sent from within the task's last step, so that main
/// is listed as ready when that step is over.
struct Errand<R: Runtime> {
    task: Spawned<R::JoinHandle<()>>,
    news: oneshot::Receiver<()>,
}

impl<R: Runtime> Errand<R> {
    async fn fetched(&mut self) {
        // An errand that panicked sends no news either; the check looks at how its task ended.
        let _ = (&mut self.news).await;
    }
}

/// A board that writes each step to the transcript.
fn board<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Board {
    let (clock, voice) = (cx.clone(), cx.clone());
    Board::new(move || clock.now(), move |step| voice.say(step))
}

fn report(steps: &[Step]) -> Outcome {
    let of = |task: &str| steps.iter().filter(|step| step.task == *task).count();
    let data = serde_json::to_value(steps).unwrap_or_default();
    Outcome::new()
        .with("steps", data)
        .with("main_steps", of("main"))
        .with("milk_steps", of("milk"))
        .with("bread_steps", of("bread"))
}
