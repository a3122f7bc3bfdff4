//! T tasks, a few of which compute: does a free worker take those that wait for another?
//!
//! The question that thread-per-core designs ask. The same heavy tasks are spawned twenty-four
//! tasks apart, so that a scheduler that places tasks in turn has them all on one of 2, 3, 4, 6, 8,
//! 12 or 24 workers, or in a row, so that it has as many on each. The others do nothing, and keep
//! the turn going.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::{Clock, RunnerInfo};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::{ends, secs};

/// The variants: the places of the heavy tasks among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// Apart by as many tasks as the workers divide: all on one.
    Uneven,
    /// In a row: as many on each worker.
    Even,
}

/// The factor by which a real clock's measures of CPU time and of time may differ.
const CLOCKS_AGREE: f64 = 0.99;

impl Scenario for Skew {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "skew",
        kind: Kind::Benchmark,
        summary: "a few heavy tasks among many, all on one worker by turns, or on each",
        source: "thread-per-core runtimes against work stealing",
        text: include_str!("skew.rs"),
        prose: include_str!("skew.md"),
        params: &[
            ParamInfo::count("heavy", 8)
                .within(1, 1_000)
                .help("how many tasks compute"),
            ParamInfo::duration("each", Duration::from_millis(10))
                .within(Duration::from_micros(1), secs(60))
                .help("the CPU time that each of them takes"),
            ParamInfo::count("apart", 24)
                .within(1, 1_000)
                .help("how many tasks lie from one heavy task of `uneven` to the next"),
        ],
    };

    const VARIANTS: &'static [Self] = &[Skew::Uneven, Skew::Even];

    fn info(self) -> VariantInfo {
        let info = match self {
            Skew::Uneven => VariantInfo::new(
                "uneven",
                "the heavy tasks are spawned far apart: in turn, they come to one worker",
                "A worker that steals takes heavy tasks from one that has many; where tasks stay, \
                 the others look on.",
            ),
            Skew::Even => VariantInfo::new(
                "even",
                "the heavy tasks are spawned in a row: in turn, each worker gets its share",
                "Where the load is even, placing tasks in turn is as good as stealing.",
            ),
        };
        info.program(&["heavy_and_light"]).busy()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let places = self.places(&params);
        let (tasks, each) = (tasks(&params), params.duration("each"));
        let done = heavy_and_light(&cx, tasks, &places, each).await;
        Outcome::new()
            .with("heavy", done.0)
            .with("tasks", done.1)
            .items(done.1)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (heavy, each) = (seen.params.count("heavy"), seen.params.duration("each"));
        seen.value("heavy", heavy);
        seen.value("tasks", tasks(seen.params));
        let cores = seen.config.cores.map_or(usize::MAX, |cores| cores.get());
        let work = vec![each; heavy];
        if seen.is_fixed() {
            let most = most_on_one(&self.places(seen.params), seen.workers());
            let own = each * u32::try_from(most).unwrap_or(u32::MAX);
            // Workers with a core each do not wait for each other.
            let is_known = seen.runner.clock == Clock::Virtual && cores >= seen.workers();
            let elapsed = seen.elapsed;
            seen.require(!is_known || elapsed == own, || {
                format!("took {elapsed:?}, expected exactly {own:?}")
            });
            seen.takes_at_least(own.mul_f64(CLOCKS_AGREE));
        } else if seen.is_exact() {
            seen.takes(ends(&work, seen.workers().min(cores)), 1);
        } else {
            seen.takes_at_least(ends(&work, seen.workers()).mul_f64(CLOCKS_AGREE));
        }
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(tasks(params) + 1)
    }
}

impl Skew {
    /// The places of the heavy tasks among all.
    fn places(self, params: &Params) -> Vec<usize> {
        let apart = match self {
            Skew::Uneven => params.count("apart"),
            Skew::Even => 1,
        };
        (0..params.count("heavy")).map(|n| n * apart).collect()
    }
}

/// The number of tasks, the same in both variants.
fn tasks(params: &Params) -> usize {
    params.count("heavy") * params.count("apart")
}

/// The most heavy tasks that one of the workers has if tasks are placed in turn.
fn most_on_one(places: &[usize], workers: usize) -> usize {
    let on = |worker| {
        places
            .iter()
            .filter(move |place| *place % workers == worker)
    };
    let workers = places.iter().map(|place| place % workers);
    workers
        .map(|worker| on(worker).count())
        .max()
        .unwrap_or_default()
}

/// Spawns all tasks, those at `places` heavy, and returns the numbers of heavy ones and of all
/// that ended.
async fn heavy_and_light<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    tasks: usize,
    places: &[usize],
    each: Duration,
) -> (usize, usize) {
    let mut spawned = Vec::with_capacity(tasks);
    for place in 0..tasks {
        let is_heavy = places.binary_search(&place).is_ok();
        let own = cx.clone();
        spawned.push(cx.spawn(("task", place + 1), async move {
            if is_heavy {
                own.spin(each);
            }
            is_heavy
        }));
    }
    let (mut heavy, mut all) = (0, 0);
    for task in spawned {
        if let Ok(is_heavy) = task.await {
            heavy += usize::from(is_heavy);
            all += 1;
        }
    }
    (heavy, all)
}
