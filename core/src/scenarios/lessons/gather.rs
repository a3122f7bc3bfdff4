//! Several results at once, without a group: how a failure is reported, and which tasks go on.
//!
//! Milk is sold out after 1 s, bread takes 2 s, eggs take 0.5 s. Python's `asyncio.gather` has two
//! counterparts here: `try_join!`, which ends with the first failure, and `join_all`, which takes
//! every result. The fate of the others after a failure depends on the kind of thing that was
//! joined: futures are dropped, tasks go on. From the asyncio tutorials on `gather`; the time that
//! asyncio (Python 3.11) measured stands beside each program below.

mod check;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use futures::try_join;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::join_error::JoinError;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::fate::Fate;
use crate::scenarios::support::timetable::secs;

/// The variants of gather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gather {
    /// Futures that are joined until the first fails.
    FailFastFutures,
    /// Tasks, joined by their handles until the first fails; main waits for the rest.
    FailFastTasks,
    /// Every result, errors included.
    Collect,
    /// Main ends with the first failure and leaves a task behind.
    MainEnds,
}

const MILK: Duration = secs(1);
const BREAD: Duration = secs(2);
const EGGS: Duration = Duration::from_millis(500);

impl Scenario for Gather {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "gather",
        kind: Kind::Lesson,
        summary: "three results at once, one of which is an error: what becomes of the others",
        source: "the asyncio tutorials on gather",
        text: include_str!("gather.rs"),
        prose: include_str!("gather.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[
        Gather::FailFastFutures,
        Gather::FailFastTasks,
        Gather::Collect,
        Gather::MainEnds,
    ];

    fn info(self) -> VariantInfo {
        match self {
            Gather::FailFastFutures => VariantInfo::new(
                "fail-fast-futures",
                "joins three futures until the first fails",
                "Futures that are joined belong to whoever joins them: with the first error the \
                 others are dropped where they stand.",
            )
            .fails()
            .program(&["fail_fast_futures", "buy", "sold_out"]),
            Gather::FailFastTasks => VariantInfo::new(
                "fail-fast-tasks",
                "joins the handles of three tasks until the first fails, then waits for the rest",
                "An error ends the join, not the tasks that were joined: they go on, and nobody \
                 hears of them unless somebody asks.",
            )
            .fails()
            .program(&["fail_fast_tasks", "joined", "buy", "sold_out"]),
            Gather::Collect => VariantInfo::new(
                "collect",
                "takes the result of every task, errors included",
                "Who wants every result waits for the slowest, and finds the errors among the \
                 results in the order of the arguments.",
            )
            .program(&["collect", "joined", "buy", "sold_out"])
            .asyncio(2.00),
            Gather::MainEnds => VariantInfo::new(
                "main-ends",
                "main ends with the first failure and leaves a task behind",
                "When main ends, what becomes of the tasks that it left behind is the runtime's \
                 affair.",
            )
            .fails()
            .program(&["main_ends", "joined", "buy", "sold_out"])
            .asyncio(1.01),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        match self {
            Gather::FailFastFutures => fail_fast_futures(&cx).await,
            Gather::FailFastTasks => fail_fast_tasks(&cx).await,
            Gather::Collect => collect(&cx).await,
            Gather::MainEnds => main_ends(&cx).await,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

/// The reason why something was not bought.
#[derive(Debug, Clone, thiserror::Error)]
enum NotBought {
    #[error("{0} sold out")]
    SoldOut(&'static str),
    #[error("{0}")]
    Lost(Arc<JoinError>),
}

impl From<JoinError> for NotBought {
    fn from(error: JoinError) -> Self {
        NotBought::Lost(Arc::new(error))
    }
}

type Bought = Result<&'static str, NotBought>;

async fn buy<R: Runtime, S: Sink>(cx: Context<R, S>, what: &'static str, time: Duration) -> Bought {
    cx.wait(time).await;
    Ok(what)
}

async fn sold_out<R: Runtime, S: Sink>(cx: Context<R, S>) -> Bought {
    cx.wait(MILK).await;
    Err(NotBought::SoldOut("milk"))
}

/// No asyncio figure: its gather makes tasks of the futures that it is given.
async fn fail_fast_futures<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let milk = cx.named_fallible("milk", sold_out(cx.clone()));
    let bread = cx.named_fallible("bread", buy(cx.clone(), "bread", BREAD));
    let eggs = cx.named_fallible("eggs", buy(cx.clone(), "eggs", EGGS));
    let bought = try_join!(milk, bread, eggs);
    Outcome::new().with("error", error(cx, bought))
}

/// No asyncio figure.
async fn fail_fast_tasks<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let milk = cx.spawn_fallible("milk", sold_out(cx.clone()));
    let bread = cx.spawn_fallible("bread", buy(cx.clone(), "bread", BREAD));
    let eggs = cx.spawn_fallible("eggs", buy(cx.clone(), "eggs", EGGS));
    let (bread, eggs) = (joined(bread).shared(), joined(eggs).shared());
    let bought = try_join!(joined(milk), bread.clone(), eggs.clone());
    let error = error(cx, bought);
    let rest: Vec<String> = [bread.await, eggs.await].map(report).into();
    cx.say(format_args!("and yet: {}", rest.join(", ")));
    Outcome::new().with("error", error).with("rest", rest)
}

/// asyncio, with `return_exceptions=True`: 2.00 s.
async fn collect<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let milk = cx.spawn_fallible("milk", sold_out(cx.clone()));
    let bread = cx.spawn_fallible("bread", buy(cx.clone(), "bread", BREAD));
    let eggs = cx.spawn_fallible("eggs", buy(cx.clone(), "eggs", EGGS));
    let bought = join_all([milk, bread, eggs].map(joined)).await;
    let results: Vec<String> = bought.into_iter().map(report).collect();
    cx.say(results.join(", "));
    Outcome::new().with("results", results)
}

/// asyncio: 1.01 s.
async fn main_ends<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let fate = Arc::new(Fate::default());
    let milk = cx.spawn_fallible("milk", sold_out(cx.clone()));
    let bread = cx.spawn_fallible("bread", fate.of(buy(cx.clone(), "bread", BREAD)));
    let eggs = cx.spawn_fallible("eggs", buy(cx.clone(), "eggs", EGGS));
    let bought = try_join!(joined(milk), joined(bread), joined(eggs));
    let error = error(cx, bought);
    Outcome::new()
        .with("error", error)
        .after_shutdown("bread", move || match fate.tell() {
            "ended" => "bought",
            other => other,
        })
}

/// The end of a task: the item it bought, or the reason why it did not, including a lost task.
async fn joined(task: impl Future<Output = Result<Bought, JoinError>>) -> Bought {
    task.await?
}

/// The error of a join that failed; null if there was none.
fn error<R: Runtime, S: Sink, T>(
    cx: &Context<R, S>,
    joined: Result<T, NotBought>,
) -> Option<String> {
    let error = joined.err()?.to_string();
    cx.say(format_args!("fails: {error}"));
    Some(error)
}

fn report(bought: Bought) -> String {
    match bought {
        Ok(what) => format!("{what} bought"),
        Err(error) => error.to_string(),
    }
}
