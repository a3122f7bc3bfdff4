//! Tokio's own settings, as pollmark names them, and how each is made.

use pollmark_core::{Needs, SettingInfo, Settings};
use tokio::runtime::Builder;

/// The settings of the multi-thread scheduler.
pub(crate) const MULTI_THREAD: &[SettingInfo] = &[
    EVENT_INTERVAL,
    GLOBAL_QUEUE_INTERVAL.means(
        "polls of a worker from one look at the shared queue to the next",
        "tuned by the length of polls",
    ),
    MAX_IO_EVENTS_PER_TICK,
    MAX_IO_EVENTS_PER_BUSY_TICK,
    THREAD_KEEP_ALIVE,
    unstable(
        "eager-driver-handoff",
        Some("1.52.0"),
        cfg!(tokio_since = "1.52"),
    )
    .means(
        "a worker that stops waiting for timers and IO wakes another to do so",
        "off",
    ),
    unstable("disable-lifo-slot", None, true).means(
        "no slot beside the queue for the task that was woken last",
        "off",
    ),
    unstable("alt-timer", Some("1.50.0"), cfg!(tokio_since = "1.50"))
        .means("timers in a wheel for each worker", "off"),
    SHARDED_BLOCKING_QUEUE,
];

/// The settings of the current-thread scheduler.
pub(crate) const CURRENT_THREAD: &[SettingInfo] = &[
    EVENT_INTERVAL,
    GLOBAL_QUEUE_INTERVAL.means(
        "polls from one look at the queue of wakes from other threads to the next",
        "31",
    ),
    MAX_IO_EVENTS_PER_TICK,
    MAX_IO_EVENTS_PER_BUSY_TICK,
    THREAD_KEEP_ALIVE,
    SHARDED_BLOCKING_QUEUE,
];

const MOST: u64 = u32::MAX as u64;

const EVENT_INTERVAL: SettingInfo = SettingInfo::count("event-interval", 1, MOST).means(
    "polls of a busy worker from one look at timers and IO to the next",
    "61",
);

const GLOBAL_QUEUE_INTERVAL: SettingInfo = SettingInfo::count("global-queue-interval", 1, MOST);

/// The kernel is given room for so many events at a time, 12 bytes each.
const MOST_EVENTS: u64 = 1_000_000;

const MAX_IO_EVENTS_PER_TICK: SettingInfo =
    SettingInfo::count("max-io-events-per-tick", 1, MOST_EVENTS)
        .means("IO events taken at a time", "1024");

const MAX_IO_EVENTS_PER_BUSY_TICK: SettingInfo =
    SettingInfo::count("max-io-events-per-busy-tick", 1, MOST_EVENTS)
        .means(
            "IO events taken at a time by a worker with tasks to run",
            "as max-io-events-per-tick",
        )
        .needs(since("1.54.1"), cfg!(tokio_since = "1.54"));

const THREAD_KEEP_ALIVE: SettingInfo = SettingInfo::duration("thread-keep-alive").means(
    "time after which an idle thread of the blocking pool ends",
    "10s",
);

const SHARDED_BLOCKING_QUEUE: SettingInfo = unstable(
    "sharded-blocking-queue",
    Some("1.54.1"),
    cfg!(tokio_since = "1.54"),
)
.means(
    "a queue in parts, with a lock each, before the blocking pool",
    "off",
);

const fn since(version: &'static str) -> Needs {
    Needs {
        package: "tokio",
        version: Some(version),
        cfg: None,
    }
}

/// A switch that tokio has with `--cfg tokio_unstable` alone, where its version `has` it.
const fn unstable(name: &'static str, version: Option<&'static str>, has: bool) -> SettingInfo {
    let needs = Needs {
        package: "tokio",
        version,
        cfg: Some("tokio_unstable"),
    };
    SettingInfo::switch(name).needs(needs, cfg!(tokio_unstable) && has)
}

/// Makes the chosen settings on `builder`, for a program that builds tokio itself; those that
/// this build lacks are left out.
pub fn configure(builder: &mut Builder, settings: &Settings) {
    // Both have bounds that fit.
    let interval = |name| Some(settings.count(name)?.try_into().unwrap_or(u32::MAX));
    let events = |name| Some(settings.count(name)?.try_into().unwrap_or(usize::MAX));
    if let Some(polls) = interval("event-interval") {
        builder.event_interval(polls);
    }
    if let Some(polls) = interval("global-queue-interval") {
        builder.global_queue_interval(polls);
    }
    if let Some(events) = events("max-io-events-per-tick") {
        builder.max_io_events_per_tick(events);
    }
    #[cfg(tokio_since = "1.54")]
    if let Some(events) = events("max-io-events-per-busy-tick") {
        builder.max_io_events_per_busy_tick(events);
    }
    if let Some(time) = settings.duration("thread-keep-alive") {
        builder.thread_keep_alive(time);
    }
    #[cfg(tokio_unstable)]
    configure_unstable(builder, settings);
}

#[cfg(tokio_unstable)]
fn configure_unstable(builder: &mut Builder, settings: &Settings) {
    #[cfg(tokio_since = "1.52")]
    if settings.is_on("eager-driver-handoff") {
        builder.enable_eager_driver_handoff();
    }
    if settings.is_on("disable-lifo-slot") {
        builder.disable_lifo_slot();
    }
    #[cfg(tokio_since = "1.50")]
    if settings.is_on("alt-timer") {
        builder.enable_alt_timer();
    }
    #[cfg(tokio_since = "1.54")]
    if settings.is_on("sharded-blocking-queue") {
        builder.enable_sharded_blocking_queue();
    }
}
