//! Experiments, made short.

/// Each experiment with the parameters that make it short, and the field of its outcome
/// that says how much it did, with the value of that field for each variant.
pub(crate) struct Short {
    pub(crate) scenario: &'static str,
    pub(crate) params: &'static [&'static str],
    pub(crate) work: &'static str,
    pub(crate) variants: &'static [(&'static str, u64)],
}

pub(crate) const EXPERIMENTS: &[Short] = &[
    Short {
        scenario: "visitors",
        params: &["visitors=200", "queue=3", "wait=20ms"],
        work: "served",
        variants: &[("at-once", 200), ("one-at-a-time", 3)],
    },
    Short {
        scenario: "hog",
        params: &["hog=40ms", "beat=5ms", "slice=2ms"],
        work: "slices",
        variants: &[
            ("inline", 1),
            ("blocking", 1),
            ("waking", 1),
            ("yielding", 20),
            ("offloaded", 1),
            ("on-thread", 1),
        ],
    },
    Short {
        scenario: "fairness",
        params: &["spinners=3", "window=100ms", "nap=5ms"],
        work: "beats",
        variants: &[("yielding", 20), ("never-yielding", 20)],
    },
    Short {
        scenario: "crunch",
        params: &["total=12ms", "pieces=6"],
        work: "pieces",
        variants: &[("sync", 6), ("tasks", 6), ("blocking-pool", 6)],
    },
    Short {
        scenario: "await-cost",
        params: &["iterations=200"],
        work: "items",
        variants: &[
            ("call", 200),
            ("ready-await", 200),
            ("yield", 200),
            ("spawn-join", 200),
            ("channel-hop", 400),
        ],
    },
    Short {
        scenario: "cancel-latency",
        params: &["rounds=20"],
        work: "cancelled",
        variants: &[
            ("wait", 20),
            ("channel", 20),
            ("yield-loop", 20),
            ("join", 20),
            ("nested-timeout", 20),
            ("before-first-poll", 20),
            ("abort", 20),
        ],
    },
    Short {
        scenario: "poll-order",
        params: &["tasks=20", "rounds=5"],
        work: "polls",
        variants: &[("spawned", 100), ("woken", 100)],
    },
];
