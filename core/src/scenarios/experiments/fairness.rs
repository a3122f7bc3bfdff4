//! Fairness: K tasks compute for a second, and one sleeper wants to run every 10 ms.
//!
//! The claim: tasks are scheduled cooperatively, threads pre-emptively. Spinners that yield share a
//! worker among themselves and with the sleeper; spinners that never yield share nothing, unless
//! the OS takes the CPU from them. The figures are the lateness of the sleeper against its intended
//! times, and the share of the work that each spinner did before the time was over. Times are
//! scenario time, which is real time at the default speed of 1.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::heartbeat::{Rhythm, beats_in};
use crate::scenarios::support::timetable::{secs, slices};

/// The variants of fairness: the spinner's action after each slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fairness {
    /// It yields.
    Yielding,
    /// It goes on.
    NeverYielding,
}

const FAIRNESS: &[Measure] = &[
    Measure::nanos("max lateness", "/lateness/max_ns"),
    Measure::ratio("largest share", "/largest_share"),
    Measure::nanos("p50 lateness", "/lateness/p50_ns"),
];

impl Scenario for Fairness {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "fairness",
        kind: Kind::Experiment,
        summary: "spinning tasks and one sleeper: who gets how much of a second?",
        source: "the asyncio tutorials: cooperative against pre-emptive scheduling",
        text: include_str!("fairness.rs"),
        prose: include_str!("fairness.md"),
        params: &[
            ParamInfo::count("spinners", 4)
                .within(1, 64)
                .help("how many tasks compute"),
            ParamInfo::duration("window", secs(1))
                .within(Duration::from_millis(10), secs(60))
                .help("for how long they compute"),
            ParamInfo::duration("slice", Duration::from_millis(1))
                .within(Duration::from_micros(10), secs(1))
                .help("how long a spinner computes before it yields, or looks at the clock"),
            ParamInfo::duration("nap", Duration::from_millis(10))
                .within(Duration::from_millis(1), secs(1))
                .help("how far apart the times are at which the sleeper wants to run"),
        ],
    };

    const VARIANTS: &'static [Self] = &[Fairness::Yielding, Fairness::NeverYielding];

    fn info(self) -> VariantInfo {
        let info = match self {
            Fairness::Yielding => VariantInfo::new(
                "yielding",
                "each spinner yields after every slice of 1 ms",
                "Spinners that yield take turns: each has the same share, and the sleeper waits \
                 for a slice of each at the most, where the ready queue is fair.",
            ),
            Fairness::NeverYielding => VariantInfo::new(
                "never-yielding",
                "no spinner yields before the second is over",
                "Spinners that never yield share nothing: the first have all of it, and the \
                 sleeper waits for them, unless threads and the OS divide the cores.",
            ),
        };
        info.program(&["compete"]).busy().measures(FAIRNESS)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (begin, window) = (cx.now(), params.duration("window"));
        let nap = params.duration("nap");
        let rhythm = Rhythm {
            begin,
            period: nap,
            beats: beats_in(window, nap),
        };
        let sleeper = cx.spawn("sleeper", rhythm.beat(cx.clone(), || ()));
        let mut spinners = Vec::with_capacity(params.count("spinners"));
        for n in 0..params.count("spinners") {
            let compete = compete(self, cx.clone(), params.duration("slice"), begin + window);
            spinners.push(cx.spawn(("spinner", n + 1), compete));
        }
        let mut slices = Vec::with_capacity(spinners.len());
        for spinner in spinners {
            slices.extend(spinner.await.ok());
        }
        let outcome = shares(slices);
        match sleeper.await {
            Ok(pulse) => pulse.tell(outcome),
            Err(_) => outcome,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (window, nap) = (seen.params.duration("window"), seen.params.duration("nap"));
        let (slice, spinners) = (seen.params.duration("slice"), seen.params.count("spinners"));
        seen.takes_at_least(window);
        seen.value("beats", beats_in(window, nap));
        let computed = seen.outcome.value("slices").as_array();
        let computed: Vec<u64> = computed
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        seen.require(computed.len() == spinners, || {
            format!(
                "{} of {spinners} spinners came to their end",
                computed.len()
            )
        });
        let total: u64 = computed.iter().sum();
        if total == 0 && !seen.is_exact() {
            seen.note("no spinner computed: the machine was late by the whole window");
        } else {
            seen.require(total > 0, || "no spinner computed anything".to_owned());
        }
        // On one worker the first spinner holds it to the end of the window, under any scheduler,
        // and the others find that the window is over.
        if self == Fairness::NeverYielding && seen.workers() == 1 {
            let busy = computed.iter().filter(|slices| **slices > 0).count();
            let most_one = busy == 1 || (busy == 0 && !seen.is_exact());
            seen.require(most_one, || {
                format!("{busy} spinners computed on one worker, and none of them yields")
            });
        }
        let Some(lanes) = ideal_lanes(seen, spinners) else {
            return;
        };
        // On an ideal scheduler no lane ever idles: at the end of the window each has finished its
        // slices, or finishes the last one that it began before.
        let expected = slices(window, slice) * lanes;
        seen.require(total == expected, || {
            format!("{total} slices were computed, expected {expected} on {lanes} workers")
        });
    }
}

/// Computes until `end`; returns the number of slices.
async fn compete<R: Runtime, S: Sink>(
    variant: Fairness,
    cx: Context<R, S>,
    slice: Duration,
    end: Duration,
) -> u64 {
    let mut slices = 0;
    while cx.now() < end {
        cx.spin(slice);
        slices += 1;
        if variant == Fairness::Yielding {
            cx.yield_now().await;
        }
    }
    slices
}

/// The number of spinners that compute at a time on the virtual clock; `None` on a real clock, or
/// if cores are the scarce resource.
fn ideal_lanes(seen: &Observed<'_>, spinners: usize) -> Option<u64> {
    let workers = seen.workers().min(spinners);
    let enough = seen.config.cores.is_none_or(|cores| cores.get() >= workers);
    (seen.is_exact() && enough).then_some(workers as u64)
}

/// The share of the whole that each spinner did.
fn shares(slices: Vec<u64>) -> Outcome {
    let total: u64 = slices.iter().sum();
    let share = |part: Option<&u64>| part.map(|part| *part as f64 / total.max(1) as f64);
    Outcome::new()
        .with("smallest_share", share(slices.iter().min()))
        .with("largest_share", share(slices.iter().max()))
        .items(usize::try_from(total).unwrap_or(usize::MAX))
        .with("slices", slices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole() {
        let outcome = shares(vec![1, 3, 4]);
        assert_eq!(outcome.value("smallest_share"), 0.125);
        assert_eq!(outcome.value("largest_share"), 0.5);
        assert_eq!(outcome.value("items"), 8);
        let nobody = shares(Vec::new());
        assert!(nobody.value("largest_share").is_null());
    }
}
