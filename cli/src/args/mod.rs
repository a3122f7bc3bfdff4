//! The command line as data; the doc comments are the help.

mod shared;
mod values;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::shared::SharedArgs;
pub(crate) use self::values::{DEFAULT_BLOCKING_THREADS, DEFAULT_TIMEOUT};

/// Run one concurrent program on tokio, async-std, smol, OS threads and a virtual
/// clock, and see what each really did.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pollmark run cafe                            a lesson, on every runtime
  pollmark run waiter/tasks@smol               one variant on one runtime
  pollmark run waiter/blocking-tasks --workers 1,2,3 --runner all,virtual
  pollmark compare crunch/tasks --workers 1,2  which is faster, and is that real
  pollmark trace waiter/blocking-tasks         what tasks and threads did, drawn
  pollmark explain                             the lessons, as a course
  pollmark semantics                           where the runtimes differ
  pollmark list                                what there is to run";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists scenarios, their variants, parameters and figures, and the runners
    List(ListArgs),
    /// Runs cells: shows what happened, and the ideal beside what was measured
    Run(Box<RunArgs>),
    /// Compares runners: which is better, by how much, and is that real
    Compare(Box<CompareArgs>),
    /// Says what became better or worse between two saved comparisons
    Diff(DiffArgs),
    /// Draws what every task and thread did, and says what to look at
    Trace(Box<TraceArgs>),
    /// Explains a lesson; alone, the course that they make
    Explain(ExplainArgs),
    /// Measures where the runtimes differ: drop, panic, cancel, shutdown, ...
    Semantics(SemanticsArgs),
    /// Prints a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Runs one cell in this process and reports to the parent that started it
    #[command(name = "__cell", hide = true)]
    Cell {
        /// What to run, as the parent wrote it
        spec: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// The scenario to list, and where it comes from; without it, all
    pub(crate) scenario: Option<String>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// What to explain; without it, the course
    #[arg(value_name = "SCENARIO[/VARIANT]")]
    pub(crate) lesson: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SemanticsArgs {
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,

    /// Where to print the answers, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// The runtimes to ask, comma separated; `all` is the five real ones
    #[arg(
        long,
        short,
        value_delimiter = ',',
        default_value = "all",
        value_name = "RUNNER"
    )]
    pub(crate) runner: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// What to run: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Shows the program, asks for the order and the time, then runs and compares
    #[arg(long, conflicts_with_all = ["quiet", "dry_run", "format", "save", "jobs"])]
    pub(crate) predict: bool,

    /// Draws the runs afterwards, as `trace` does: of a run of their own
    #[arg(long, conflicts_with_all = ["predict", "dry_run", "format"])]
    pub(crate) timeline: bool,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// Cells to run side by side where all they do is wait; default: 4 for each CPU
    #[arg(long, value_name = "N", value_parser = values::workers, allow_negative_numbers = true)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// No transcripts and no progress, only the table
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// What to compare: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Rounds, each of which runs every cell once, in shuffled order; default: 12, or as
    /// many as it takes to tell so many cells apart
    #[arg(long, value_name = "N", value_parser = values::samples, allow_negative_numbers = true)]
    pub(crate) samples: Option<u32>,

    /// The time that the rounds may take, such as 30s: none begins that would end later.
    /// The first is always run, and two more runs of each cell follow the last
    #[arg(long, value_name = "DURATION", value_parser = values::timeout, allow_hyphen_values = true)]
    pub(crate) budget: Option<Duration>,

    /// What ratios are to: a runner, or `ideal`; default: the ideal where there is
    /// one, else the first runner
    #[arg(long, value_name = "RUNNER")]
    pub(crate) reference: Option<String>,

    /// What is compared: time, cpu, memory, switches, threads, or a figure of the
    /// scenario's own; default: what tells most of it
    #[arg(long, value_name = "NAME")]
    pub(crate) figure: Option<String>,

    /// Differences smaller than this are none
    #[arg(long, default_value = "2%", value_name = "SHARE", value_parser = values::share,
          allow_hyphen_values = true)]
    pub(crate) noise: f64,

    /// Seeds the order of the cells; default: another one each time
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) order_seed: Option<u64>,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// No progress, only the table
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// What to trace: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Draws with letters that every terminal has
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Prints every event, and who is ready, running and waiting after it
    #[arg(long, conflicts_with_all = ["interactive", "format"])]
    pub(crate) steps: bool,

    /// Steps through the events of one cell with the keyboard
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub(crate) interactive: bool,

    /// Writes Chrome trace events as well, for Perfetto (<https://ui.perfetto.dev>)
    #[arg(long, value_name = "FILE")]
    pub(crate) chrome: Option<PathBuf>,

    /// Events to record of a run at the most; what is dropped beyond it is told
    #[arg(long, default_value = "1000000", value_name = "N", value_parser = values::trace_limit,
          allow_negative_numbers = true)]
    pub(crate) trace_limit: usize,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// How to print the traces
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// What was saved before, by `compare --save`
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// What was saved now
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Changes smaller than this are none
    #[arg(long, default_value = "5%", value_name = "SHARE", value_parser = values::share,
          allow_hyphen_values = true)]
    pub(crate) threshold: f64,

    /// Compares also what was made on another machine or by another build
    #[arg(long)]
    pub(crate) allow_different_machines: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,

    /// Where to print it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: what happened, a table, and what it shows
    Human,
    /// Everything, for programs
    Json,
    /// One line a cell
    Csv,
    /// A table for a document
    Markdown,
}

/// The formats of what is no table of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HumanOrJson {
    /// For people
    Human,
    /// For programs
    Json,
}
