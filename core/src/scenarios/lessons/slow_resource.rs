//! Four resources are loaded, one of which never answers, and each load waits for 1 s at most.
//!
//! The answers come at 0.2, 0.1 and 0.3 s. From the lesson on timeouts of the
//! asyncio tutorials.

use std::future::pending;
use std::time::Duration;

use futures::future::join_all;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the slow resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowResource {
    /// Each load has a timeout of its own.
    Timeout,
}

/// Something to be loaded, and the time that it takes.
#[derive(Debug, Clone, Copy)]
struct Resource {
    name: &'static str,
    /// `None` if it never answers.
    answers_after: Option<Duration>,
}

const fn resource(name: &'static str, answers_after: Option<u64>) -> Resource {
    let answers_after = match answers_after {
        Some(millis) => Some(Duration::from_millis(millis)),
        None => None,
    };
    Resource {
        name,
        answers_after,
    }
}

const RESOURCES: [Resource; 4] = [
    resource("photo", Some(200)),
    resource("text", Some(100)),
    resource("video", Some(300)),
    resource("advert", None),
];

/// The longest wait for a resource.
const PATIENCE: Duration = secs(1);

impl Scenario for SlowResource {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "slow-resource",
        kind: Kind::Lesson,
        summary: "four resources are loaded under a timeout of 1 s; one never answers",
        source: "the lesson on timeouts of the asyncio tutorials",
        text: include_str!("slow_resource.rs"),
        prose: include_str!("slow_resource.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[SlowResource::Timeout];

    fn info(self) -> VariantInfo {
        match self {
            SlowResource::Timeout => VariantInfo::new(
                "timeout",
                "waits for each of four loads, 1 s at the most",
                "A timeout bounds the wait for what may never come: the other loads keep their \
                 results, and the late one is dropped where it stands.",
            )
            .program(&["load_all", "load"]),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        match self {
            SlowResource::Timeout => load_all(&cx).await,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        let start = Duration::ZERO;
        let [photo, text, video, advert] = RESOURCES.map(|resource| resource.name);
        if !seen.goes_by_transcript() {
            return;
        }
        let planned = [
            (start, photo, Event::Started),
            (start, text, Event::Started),
            (start, video, Event::Started),
            (start, advert, Event::Started),
            (Duration::from_millis(100), text, Event::Finished),
            (Duration::from_millis(200), photo, Event::Finished),
            (Duration::from_millis(300), video, Event::Finished),
            (PATIENCE, advert, Event::Cancelled),
        ];
        // On a machine that stalls for longer than the patience, a timeout overtakes an answer.
        let late = [photo, text, video].map(|name| (PATIENCE, name, Event::Cancelled));
        seen.events_or(&planned, &late);
        let (loaded, timed_out): (Vec<&str>, Vec<&str>) = [photo, text, video, advert]
            .into_iter()
            .partition(|name| seen.time_of(name, Event::Finished).is_some());
        seen.value("loaded", loaded);
        seen.value("timed_out", timed_out);
        seen.takes(PATIENCE, 1);
    }
}

/// Loads all resources together, and gives up on each that takes too long.
async fn load_all<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let loads = RESOURCES.map(|resource| {
        let load = cx.named(resource.name, load(cx.clone(), resource));
        cx.timeout(PATIENCE, load)
    });
    let (mut loaded, mut timed_out) = (Vec::new(), Vec::new());
    for (resource, answer) in RESOURCES.iter().zip(join_all(loads).await) {
        match answer {
            Ok(()) => loaded.push(resource.name),
            Err(_) => timed_out.push(resource.name),
        }
    }
    cx.say(format_args!("loaded {}", loaded.join(", ")));
    cx.say(format_args!("gave up on {}", timed_out.join(", ")));
    Outcome::new()
        .with("loaded", loaded)
        .with("timed_out", timed_out)
}

async fn load<R: Runtime, S: Sink>(cx: Context<R, S>, resource: Resource) {
    match resource.answers_after {
        Some(time) => cx.wait(time).await,
        None => pending().await,
    }
}
