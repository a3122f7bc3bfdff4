//! The root task of a run: starts the clock, runs the scenario, and measures both.

use std::time::{Duration, Instant};

use super::usage::Usage;
use crate::program::context::Context;
use crate::program::sink::{Ending, Sink};
use crate::program::speed::Speed;
use crate::program::watched::watched;
use crate::runtime::Runtime;
use crate::runtime::name::{Name, ROOT};
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::{Kind, Scenario};

/// The root task's result: the outcome, and the time and the usage measured inside of
/// the runtime.
pub(crate) struct Finish {
    pub(crate) outcome: Outcome,
    pub(crate) elapsed: Duration,
    pub(crate) wall: Duration,
    pub(crate) usage: Option<Usage>,
}

/// Whether a run of `C` writes a transcript.
///
/// Lessons are told by their transcript; experiments and benchmarks are measured,
/// and a transcript would be measured with them.
pub(crate) const fn is_recorded<C: Scenario>() -> bool {
    matches!(C::INFO.kind, Kind::Lesson)
}

/// Scenario time since the root task's first poll.
pub(crate) struct ScenarioClock<R> {
    runtime: R,
    speed: Speed,
    pub(crate) epoch: Duration,
}

impl<R: Runtime> ScenarioClock<R> {
    pub(crate) fn now(&self) -> Duration {
        let passed = self.runtime.now().saturating_sub(self.epoch);
        self.speed.to_scenario(passed)
    }
}

/// Runs `case` with the sink that `sink` makes of the run's clock.
pub(crate) async fn root<C: Scenario, R: Runtime, S: Sink>(
    case: C,
    runtime: R,
    params: Params,
    speed: Speed,
    sink: impl FnOnce(ScenarioClock<R>) -> S,
) -> Finish {
    let before = Usage::of_this_process();
    let (epoch, started) = (runtime.now(), Instant::now());
    let sink = sink(ScenarioClock {
        runtime: runtime.clone(),
        speed,
        epoch,
    });
    let watch = sink.watch(&Name::from(ROOT));
    let cx = Context::new(runtime, sink, speed, epoch);
    let main = watched(case.run(cx.clone(), params), watch, |_| Ending::Finished);
    let outcome = main.await;
    Finish {
        outcome,
        elapsed: cx.now(),
        wall: started.elapsed(),
        usage: before
            .zip(Usage::of_this_process())
            .map(|(before, after)| after - before),
    }
}
