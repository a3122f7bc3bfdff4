//! Three searches for the numbers below n that d divides: (508000, 34113),
//! (100052, 3210) and (500, 3) give 15, 32 and 167 numbers.
//!
//! The work is computing, not waiting: async functions that never suspend run like plain ones, a
//! wait now and then lets others run, and only more workers or threads make it faster. From the
//! lesson on divisible numbers of the asyncio tutorials.
//!
//! The CPU really computes here, for about a millisecond with these inputs; `scale` makes n larger.
//! No speed makes the computation faster: at a speed of 20 its times read 20 times as long. On the
//! virtual clock each number costs 1 ns, so that runs repeat exactly; the time that a real CPU
//! takes has no ideal.

mod check;
mod fates;
mod files;
mod poll_watch;
mod search;
mod variants;

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use fates::Fates;
use files::{Files, ZeroDivisor};
use poll_watch::PollWatch;
use search::{BIG, Found, Input, SLOW, SMALL, cost, divisible, input};
pub use variants::Divisibles;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::join_error::JoinError;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::time::seconds;

/// The wait of a search that gives way: long enough for others to run.
const PAUSE: Duration = Duration::from_micros(100);

impl Scenario for Divisibles {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "divisibles",
        kind: Kind::Lesson,
        summary: "three searches for the numbers below n that d divides",
        source: "the lesson on divisible numbers of the asyncio tutorials",
        text: include_str!("divisibles.rs"),
        prose: include_str!("divisibles.md"),
        params: &[
            ParamInfo::count("scale", 0)
                .within(0, 100)
                .help("times n; 0 is the variant's own: 10 for slow-poll, 1 for the others"),
            ParamInfo::duration("threshold", Duration::from_millis(10))
                .within(Duration::ZERO, Duration::from_secs(60))
                .help("in slow-poll, polls that take longer are reported; real time"),
        ],
    };

    const VARIANTS: &'static [Self] = &[
        Divisibles::Sync,
        Divisibles::NoYield,
        Divisibles::Yield500000,
        Divisibles::Yield50000,
        Divisibles::Results,
        Divisibles::NotWaiting,
        Divisibles::SlowPoll,
        Divisibles::Cleanup,
        Divisibles::Parallel,
        Divisibles::ConcurrentBig,
    ];

    fn info(self) -> VariantInfo {
        variants::info(self)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let inputs = self.inputs(&params);
        match self {
            Divisibles::Sync => report(&inputs, &sync(&cx, inputs)),
            Divisibles::NoYield | Divisibles::ConcurrentBig => {
                report(&inputs, &no_yield(&cx, inputs).await)
            }
            Divisibles::Yield500000 => report(&inputs, &yielding(&cx, inputs, 500_000).await),
            Divisibles::Yield50000 => report(&inputs, &yielding(&cx, inputs, 50_000).await),
            Divisibles::Results => results(&cx, inputs).await,
            Divisibles::NotWaiting => not_waiting(&cx, inputs).await,
            Divisibles::SlowPoll => slow_poll(&cx, inputs, params.duration("threshold")).await,
            Divisibles::Cleanup => cleanup(&cx, inputs).await,
            Divisibles::Parallel => report(&inputs, &parallel(&cx, inputs).await),
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

impl Divisibles {
    /// The inputs of this variant.
    fn inputs(self, params: &Params) -> [Input; 3] {
        let (inputs, own_scale) = match self {
            Divisibles::SlowPoll => (SLOW, 10),
            Divisibles::Parallel | Divisibles::ConcurrentBig => (BIG, 1),
            _ => (SMALL, 1),
        };
        let scale = match params.count("scale") {
            0 => own_scale,
            scale => scale as u64,
        };
        inputs.map(|input| input.scaled(scale))
    }
}

fn report(inputs: &[Input; 3], found: &[Found]) -> Outcome {
    let of = |input: &Input| found.iter().find(|found| found.input == *input);
    let count = |input| of(input).map(|found| found.numbers.len());
    let last = |input| of(input).and_then(|found| found.numbers.last().copied());
    let names = found.iter().map(|found| found.input.name().to_string());
    Outcome::new()
        .with("found", inputs.iter().map(count).collect::<Vec<_>>())
        .with("last", inputs.iter().map(last).collect::<Vec<_>>())
        .with("order", names.collect::<Vec<_>>())
}

/// Tries one number after the other, without giving way.
fn find<R: Runtime, S: Sink>(cx: &Context<R, S>, input: Input) -> Found {
    let numbers = cx.compute(cost(input.below), || divisible(0..input.below, input.by));
    input.gives(numbers)
}

/// The same as an async function, which by itself changes nothing.
async fn find_async<R: Runtime, S: Sink>(cx: Context<R, S>, input: Input) -> Found {
    find(&cx, input)
}

/// Waits for a moment at every number that `every` divides, 0 included.
async fn find_yielding<R: Runtime, S: Sink>(cx: Context<R, S>, input: Input, every: u64) -> Found {
    let mut numbers = Vec::new();
    let mut from = 0;
    while from < input.below {
        let to = input.below.min(from.next_multiple_of(every) + 1);
        numbers.extend(cx.compute(cost(to - from), || divisible(from..to, input.by)));
        if (to - 1).is_multiple_of(every) {
            cx.wait(PAUSE).await;
        }
        from = to;
    }
    input.gives(numbers)
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Vec<Found> {
    let mut all = Vec::new();
    for input in inputs {
        let found = cx.named_call(input.name(), || find(cx, input));
        cx.say(&found);
        all.push(found);
    }
    all
}

async fn no_yield<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Vec<Found> {
    let searches = inputs.map(|input| cx.spawn(input.name(), find_async(cx.clone(), input)));
    as_they_end(cx, searches).await
}

async fn yielding<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    inputs: [Input; 3],
    every: u64,
) -> Vec<Found> {
    let searches = inputs.map(|input| {
        let search = find_yielding(cx.clone(), input, every);
        cx.spawn(input.name(), search)
    });
    as_they_end(cx, searches).await
}

/// Collects the results of searches in the order in which they end.
async fn as_they_end<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    searches: impl IntoIterator<Item: Future<Output = Result<Found, JoinError>>>,
) -> Vec<Found> {
    let mut searches: FuturesUnordered<_> = searches.into_iter().collect();
    let mut all = Vec::new();
    while let Some(ended) = searches.next().await {
        if let Ok(found) = ended {
            cx.say(&found);
            all.push(found);
        }
    }
    all
}

async fn results<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Outcome {
    let searches = inputs.map(|input| {
        let search = find_yielding(cx.clone(), input, 50_000);
        cx.spawn(input.name(), search)
    });
    let mut all = Vec::new();
    for search in searches {
        if let Ok(found) = search.await {
            cx.say(&found);
            all.push(found);
        }
    }
    let first = all.first().map(|found| found.numbers.clone());
    report(&inputs, &all).with("numbers", first)
}

async fn not_waiting<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Outcome {
    let fates = Fates::default();
    let [suspends, suspends_too, never_suspends] = inputs;
    for input in [suspends, suspends_too] {
        let search = find_yielding(cx.clone(), input, 50_000);
        drop(cx.spawn(input.name(), fates.follow(input, search)));
    }
    let search = find_async(cx.clone(), never_suspends);
    drop(cx.spawn(never_suspends.name(), fates.follow(never_suspends, search)));
    cx.yield_now().await;
    fates.told_after_shutdown()
}

async fn slow_poll<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    inputs: [Input; 3],
    threshold: Duration,
) -> Outcome {
    let watch = PollWatch::new(threshold);
    let searches = inputs.map(|input| {
        let search = watch.over(cx.rt(), input.name(), find_async(cx.clone(), input));
        cx.spawn(input.name(), search)
    });
    let all = as_they_end(cx, searches).await;
    for slow in watch.slow_polls() {
        let took = seconds(slow.took);
        cx.say(format_args!(
            "a poll of `{}` took {took} on the clock",
            slow.task
        ));
    }
    report(&inputs, &all).with("slow_polls", watch.told())
}

async fn cleanup<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Outcome {
    let files = Files::default();
    let [first, second, _] = inputs;
    let searches = [input(500, 0), first, second];
    let ended = cx.group(async |group| {
        for input in searches {
            let search = find_in_file(cx.clone(), files.clone(), input);
            drop(group.spawn(input.name(), search));
        }
        Ok(())
    });
    let error = ended.await.err().map(|error| error.to_string());
    cx.say(format_args!(
        "error: {}",
        error.as_deref().unwrap_or("none")
    ));
    files.told().with("error", error)
}

/// Holds a file open during the search, and closes it however the search ends.
async fn find_in_file<R: Runtime, S: Sink>(
    cx: Context<R, S>,
    files: Files,
    input: Input,
) -> Result<Found, ZeroDivisor> {
    let _file = files.open();
    cx.wait(PAUSE).await;
    if input.by == 0 {
        return Err(ZeroDivisor);
    }
    Ok(find_yielding(cx, input, 50_000).await)
}

async fn parallel<R: Runtime, S: Sink>(cx: &Context<R, S>, inputs: [Input; 3]) -> Vec<Found> {
    let searches = inputs.map(|input| {
        let own = cx.clone();
        cx.spawn_blocking(input.name(), move || find(&own, input))
    });
    as_they_end(cx, searches).await
}
