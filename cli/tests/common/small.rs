//! Benchmarks, made small.

/// A variant, the parameters that make it small, and the amount of work in its outcome.
pub(crate) type Small = (&'static str, &'static [&'static str], u64);

pub(crate) const SMALL: [Small; 22] = [
    ("spawn/creation", &["tasks=50"], 50),
    ("spawn/local", &["tasks=50"], 50),
    ("spawn/remote", &["tasks=50"], 50),
    ("chained-spawn/detached", &["tasks=50"], 50),
    ("ping-pong/channels", &["rounds=50"], 100),
    ("yield-storm/together", &["tasks=10", "yields=20"], 200),
    ("fan-in/bounded", &["tasks=3", "messages=1000"], 1_000),
    ("fan-in/unbounded", &["tasks=3", "messages=1000"], 1_000),
    ("fan-out/bounded", &["tasks=3", "messages=1000"], 1_000),
    ("fan-out/unbounded", &["tasks=3", "messages=1000"], 1_000),
    ("brigade-channel/tasks", &["tasks=20", "rounds=5"], 105),
    ("brigade-pipe/tasks", &["tasks=20", "rounds=5"], 105),
    ("brigade-one-thread/loop", &["tasks=20", "rounds=5"], 105),
    ("timer-storm/tasks", &["timers=200"], 200),
    ("timer-storm/shared", &["timers=200"], 200),
    ("timer-storm/cancelled", &["timers=200"], 200),
    ("blocking-flood/pool", &["jobs=20"], 20),
    ("blocking-flood/meeting", &[], 3),
    ("memory/waiting", &["tasks=50", "bytes=100"], 50),
    ("skew/uneven", &["heavy=4", "each=1ms", "apart=6"], 24),
    ("skew/even", &["heavy=4", "each=1ms", "apart=6"], 24),
    ("start-up/first", &[], 1),
];
