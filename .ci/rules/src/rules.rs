//! The import rules, as a table.
//!
//! A *room* is a module at the root of a crate. A path such as `trace::record` means the module
//! and everything below it.

/// The sources that it holds for, the limit, and the reason.
pub(crate) struct Rule(
    pub(crate) &'static str,
    pub(crate) Limit,
    pub(crate) &'static str,
);

pub(crate) type Names = &'static [&'static str];

pub(crate) enum Limit {
    /// A room imports rooms of its own floor and of lower ones. The lowest comes first.
    Floors(&'static [Names]),
    /// The first imports itself and these alone.
    Only(&'static str, Names),
    /// The first imports none of these.
    Never(&'static str, Names),
    /// None of these imports another of them, but for the pair.
    Apart {
        among: Names,
        but: (&'static str, &'static str),
    },
    /// `crate::Name` names a room, not a re-export or an item of the root.
    NotThroughRoot,
    /// Crates whose names begin like the first are imported in these modules alone.
    Crates(&'static str, Names),
}

const CORE: &str = "core/src";
const CLI: &str = "cli/src";

#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule(CORE, Limit::Floors(&[
        &["time"], &["runtime"], &["program"], &["scenario", "trace"], &["scenarios"], &["run"],
        &["catalogue", "conformance"],
    ]), "time < runtime < program < scenario < scenarios < run < catalogue: \
         a reader who knows the lower floors can read the next one"),
    Rule(CORE, Limit::Never("scenario", &["trace"]),
        "a check judges the outcome and the transcript, which every run has"),
    Rule(CORE, Limit::Only("trace", &["time", "runtime", "program"]),
        "a trace is of tasks on a runtime, whatever program they belong to"),
    Rule(CORE, Limit::Only("conformance", &["time", "runtime", "program"]),
        "the suite holds a runtime to the contract, which knows no scenario and no trace"),
    Rule(CORE, Limit::Never("scenarios", &["runtime::runner", "trace"]),
        "a scenario is a program and its check; it is the same, traced or not"),
    Rule(CORE, Limit::Only("trace::record", &["time", "runtime", "program", "trace::data"]),
        "recording wraps a runtime and writes data; it judges nothing"),
    Rule(CORE, Limit::Never("trace::data", &["trace::analysis", "trace::chrome", "trace::record"]),
        "a trace is plain data, which others record, analyse and export"),
    Rule(CORE, Limit::Never("trace::analysis", &["trace::record", "trace::chrome"]),
        "a trace is analysed wherever it was recorded"),
    Rule(CORE, Limit::Never("trace::chrome", &["trace::record"]),
        "a trace is exported wherever it was recorded"),
    Rule(CORE, Limit::NotThroughRoot,
        "lib.rs has the names for users; inside, an import says the room that defines a name"),
    Rule(CLI, Limit::Floors(&[
        &["args", "text"], &["model", "semantics"], &["stats", "process", "output"], &["commands"],
    ]), "args, text < model, semantics < stats, process, output < commands < lib.rs: \
         commands stand on what they share, never the other way"),
    Rule(CLI, Limit::Apart {
        among: &[
            "commands::compare", "commands::diff", "commands::explain", "commands::list",
            "commands::run", "commands::semantics", "commands::trace",
        ],
        but: ("commands::run", "commands::trace"),
    }, "a command is read without the others: code of two of them lives on a lower floor \
        (`run --timeline` alone draws by `trace`)"),
    Rule(CLI, Limit::NotThroughRoot, "lib.rs stands on every room; no room stands on it"),
    Rule(CLI, Limit::Crates("pollmark_runner_", &["model::runners", "semantics"]),
        "runners are chosen from the list of `model::runners` and probed by `semantics`, which compares each with its bare library"),
];
