//! Crunch: 200 ms of computing in eight pieces, none of which waits.
//!
//! The claim: CPU-bound work needs parallelism; concurrency alone gains nothing. From the asyncio
//! tutorials. A piece is done when its thread has used its share of *CPU time*, on any machine: a
//! thread that gets half a core takes twice as long. So the work is the same everywhere, the
//! virtual clock knows the ideal, and the time beyond it is spent waiting for a core, or in the
//! runtime.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::{ends, secs};

/// The variants of the crunch: the place in which a piece is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crunch {
    /// In the root, one after the other.
    Sync,
    /// In one task for each.
    Tasks,
    /// On the blocking pool.
    BlockingPool,
}

/// The factor by which a real clock's measures of CPU time and of time may differ.
const CLOCKS_AGREE: f64 = 0.99;

impl Scenario for Crunch {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "crunch",
        kind: Kind::Experiment,
        summary: "the same CPU work in a row, in tasks, on the blocking pool",
        source: "the asyncio tutorials: CPU-bound work wants parallelism",
        text: include_str!("crunch.rs"),
        prose: include_str!("crunch.md"),
        params: &[
            ParamInfo::duration("total", Duration::from_millis(200))
                .within(Duration::from_millis(1), secs(60))
                .help("the CPU time that all pieces take together"),
            ParamInfo::count("pieces", 8)
                .within(1, 500)
                .help("how many equal pieces it is divided into"),
        ],
    };

    const VARIANTS: &'static [Self] = &[Crunch::Sync, Crunch::Tasks, Crunch::BlockingPool];

    fn info(self) -> VariantInfo {
        let info = match self {
            Crunch::Sync => VariantInfo::new(
                "sync",
                "the root computes piece after piece",
                "One thread computes at the speed of one core, however many there are.",
            )
            .program(&["sync"]),
            Crunch::Tasks => VariantInfo::new(
                "tasks",
                "a task computes each piece, without an await",
                "Tasks compute in parallel as far as there are workers and cores; on one worker \
                 they gain nothing.",
            )
            .program(&["tasks"]),
            Crunch::BlockingPool => VariantInfo::new(
                "blocking-pool",
                "a thread of the blocking pool computes each piece",
                "The pool uses every core with any number of workers, and leaves the workers to \
                 the tasks.",
            )
            .program(&["blocking_pool"]),
        };
        info.busy()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (pieces, piece) = (params.count("pieces"), piece(&params));
        let begin = cx.now();
        let done = match self {
            Crunch::Sync => sync(&cx, pieces, piece),
            Crunch::Tasks => tasks(&cx, pieces, piece).await,
            Crunch::BlockingPool => blocking_pool(&cx, pieces, piece).await,
        };
        let took = (cx.now() - begin).as_secs_f64();
        let work = piece.as_secs_f64() * done as f64;
        Outcome::new()
            .with("pieces", done)
            .with("speed_up", (took > 0.0).then(|| work / took))
            .items(done)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (pieces, piece) = (seen.params.count("pieces"), piece(seen.params));
        seen.value("pieces", pieces);
        let threads = match self {
            Crunch::Sync => 1,
            Crunch::Tasks => seen.workers(),
            Crunch::BlockingPool => seen.blocking_threads(),
        };
        let work = vec![piece; pieces];
        if seen.is_exact() {
            let cores = seen
                .config
                .cores
                .map_or(seen.workers(), |cores| cores.get());
            seen.takes(ends(&work, threads.min(cores)), 1);
        } else {
            seen.takes_at_least(ends(&work, threads).mul_f64(CLOCKS_AGREE));
        }
    }
}

/// The CPU time that a piece takes.
fn piece(params: &Params) -> Duration {
    let pieces = u32::try_from(params.count("pieces")).unwrap_or(u32::MAX);
    params.duration("total") / pieces
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>, pieces: usize, piece: Duration) -> usize {
    let mut done = 0;
    for _ in 0..pieces {
        cx.spin(piece);
        done += 1;
    }
    done
}

async fn tasks<R: Runtime, S: Sink>(cx: &Context<R, S>, pieces: usize, piece: Duration) -> usize {
    let mut computing = Vec::with_capacity(pieces);
    for n in 0..pieces {
        let own = cx.clone();
        computing.push(cx.spawn(("piece", n + 1), async move { own.spin(piece) }));
    }
    let mut done = 0;
    for task in computing {
        done += usize::from(task.await.is_ok());
    }
    done
}

async fn blocking_pool<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    pieces: usize,
    piece: Duration,
) -> usize {
    let mut computing = Vec::with_capacity(pieces);
    for n in 0..pieces {
        let own = cx.clone();
        computing.push(cx.spawn_blocking(("piece", n + 1), move || own.spin(piece)));
    }
    let mut done = 0;
    for call in computing {
        done += usize::from(call.await.is_ok());
    }
    done
}
