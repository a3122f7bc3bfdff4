//! The command line as data; the doc comments are the help.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pollmark_core::time::parse_duration;
use pollmark_core::{MAX_BLOCKING_THREADS, MAX_WORKERS, Speed};

/// Run one concurrent program on tokio, async-std, smol, OS threads and a virtual
/// clock, and see what each really did.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pollmark run cafe                                the first lesson, on every runtime
  pollmark run waiter/tasks@smol                   one variant on one runtime
  pollmark run waiter/blocking-tasks --workers 1,2,3 --runner all,virtual
  pollmark compare crunch/tasks --workers 1,2      which runtime is faster, and is that real
  pollmark trace waiter/blocking-tasks             what every task and thread did, drawn
  pollmark explain                                 the lessons, as a course
  pollmark semantics                               where the runtimes differ
  pollmark list                                    what there is to run";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the scenarios, their variants and parameters, and the runners
    List(ListArgs),
    /// Runs cells: shows what happened, and the ideal beside what was measured
    Run(Box<RunArgs>),
    /// Compares runners: which is better, by how much, and whether that is real
    Compare(Box<CompareArgs>),
    /// Says what became better or worse between two saved comparisons
    Diff(DiffArgs),
    /// Draws what every task and thread did: timelines, the three axes, what to look at
    Trace(Box<TraceArgs>),
    /// Explains a lesson; alone, the course that they make
    Explain(ExplainArgs),
    /// Measures on the spot where the runtimes differ: drop, panic, cancel, shutdown, ...
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
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Human,
    /// For programs
    Json,
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
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,

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
    #[arg(long, conflicts_with_all = ["quiet", "dry_run", "format"])]
    pub(crate) predict: bool,

    /// Draws the runs afterwards, as `trace` does: of a run of their own
    #[arg(long, conflicts_with_all = ["predict", "dry_run", "format"])]
    pub(crate) timeline: bool,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// What to compare: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Rounds, each of which runs every cell once, in shuffled order; default: 12, or as
    /// many as it takes to tell so many cells apart
    #[arg(long, value_name = "N", value_parser = samples, allow_negative_numbers = true)]
    pub(crate) samples: Option<u32>,

    /// The time that the rounds may take, such as 30s: none begins that would end later.
    /// The first is always run, and two more runs of each cell follow the last
    #[arg(long, value_name = "DURATION", value_parser = timeout, allow_hyphen_values = true)]
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
    #[arg(long, default_value = "2%", value_name = "SHARE", value_parser = share,
          allow_hyphen_values = true)]
    pub(crate) noise: f64,

    /// Seeds the order of the cells; default: another one each time
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) order_seed: Option<u64>,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,
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
    #[arg(long, conflicts_with = "format")]
    pub(crate) interactive: bool,

    /// Writes Chrome trace events as well, for Perfetto or the browser's tracing page
    #[arg(long, value_name = "FILE")]
    pub(crate) chrome: Option<PathBuf>,

    /// Events to record of a run at the most; what is dropped beyond it is told
    #[arg(long, default_value = "1000000", value_name = "N", value_parser = trace_limit,
          allow_negative_numbers = true)]
    pub(crate) trace_limit: usize,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,
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
    #[arg(long, default_value = "5%", value_name = "SHARE", value_parser = share,
          allow_hyphen_values = true)]
    pub(crate) threshold: f64,

    /// Compares also what was made on another machine or by another build
    #[arg(long)]
    pub(crate) allow_different_machines: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(crate) format: DiffFormat,

    /// Where to print it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// What every command that runs cells takes.
#[derive(Debug, Args)]
pub(crate) struct SharedArgs {
    /// The runners, comma separated; `all` is the five real ones, `virtual` is named
    /// by itself
    #[arg(
        long,
        short,
        value_delimiter = ',',
        default_value = "all",
        value_name = "RUNNER"
    )]
    pub(crate) runner: Vec<String>,

    /// Worker threads, a number or several; default: the CPUs available
    #[arg(long, short, value_delimiter = ',', value_name = "N", value_parser = workers,
          allow_negative_numbers = true)]
    pub(crate) workers: Vec<NonZeroUsize>,

    /// How many times faster than scenario time; default: 20 for lessons that wait, 1 for what computes
    #[arg(long, value_name = "X", value_parser = speed, allow_negative_numbers = true)]
    pub(crate) speed: Option<Speed>,

    /// A scenario's parameter, with a value or several
    #[arg(long, value_name = "NAME=VALUE[,VALUE]")]
    pub(crate) param: Vec<String>,

    /// Seed: of a scenario's random choices, and of ties on the virtual clock
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// How long a cell may take before it is stopped, such as 250ms or 30s
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = timeout,
          allow_hyphen_values = true)]
    pub(crate) timeout: Duration,

    /// The most threads that run blocking calls at a time; `native` leaves it to each runtime
    #[arg(long, default_value = "512", value_name = "N|native",
          value_parser = blocking_threads, allow_negative_numbers = true)]
    pub(crate) blocking_threads: BlockingThreads,

    /// Cores of the virtual clock and of the ideal; default: the CPUs available
    #[arg(long, value_name = "N", value_parser = workers, allow_negative_numbers = true)]
    pub(crate) cores: Option<NonZeroUsize>,

    /// Cells to run side by side where all they do is wait; default: 4 for each CPU
    #[arg(long, value_name = "N", value_parser = workers, allow_negative_numbers = true)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// Where to print the results, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Saves the results as JSON as well, after each cell
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,

    /// No transcripts and no progress, only the table
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Lists the cells and the time they would take, and runs none
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What `--timeout` says where it is not given.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// What `--blocking-threads` says where it is not given. Equal on all runners:
/// tokio's own default, which the others can be given.
pub(crate) const DEFAULT_BLOCKING_THREADS: BlockingThreads =
    BlockingThreads(NonZeroUsize::new(512));

/// How many threads may run blocking calls: a number, or none for each runtime's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockingThreads(pub(crate) Option<NonZeroUsize>);

/// The most events that can be asked for: each takes some 60 bytes, and several times
/// that while it is printed.
const MAX_TRACE: usize = 50_000_000;

/// The most rounds that can be asked for.
const MAX_SAMPLES: usize = 10_000;

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

fn workers(text: &str) -> Result<NonZeroUsize, String> {
    within(text, MAX_WORKERS)
}

fn blocking_threads(text: &str) -> Result<BlockingThreads, String> {
    if text == "native" {
        return Ok(BlockingThreads(None));
    }
    within(text, MAX_BLOCKING_THREADS)
        .map(|threads| BlockingThreads(Some(threads)))
        .map_err(|error| format!("{error}, nor `native`"))
}

fn within(text: &str, max: usize) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|number: &NonZeroUsize| number.get() <= max)
        .ok_or_else(|| format!("not a whole number from 1 to {max}"))
}

fn speed(text: &str) -> Result<Speed, String> {
    text.parse::<Speed>().map_err(|error| error.to_string())
}

fn trace_limit(text: &str) -> Result<usize, String> {
    within(text, MAX_TRACE).map(NonZeroUsize::get)
}

fn samples(text: &str) -> Result<u32, String> {
    let number = within(text, MAX_SAMPLES)?;
    u32::try_from(number.get()).map_err(|error| error.to_string())
}

/// `5%`, or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(number) => (number, 0.01),
        None => (text, 1.0),
    };
    let share = number.trim().parse::<f64>().map(|number| number * scale);
    share
        .ok()
        .filter(|share| (0.0..=10.0).contains(share) && (scale < 1.0 || *share <= 1.0))
        .ok_or_else(|| "not a share, such as 5% or 0.05; above 1 it takes a %".to_owned())
}

fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = parse_duration(text).map_err(|error| error.to_string())?;
    if timeout.is_zero() {
        return Err("a timeout of zero stops everything; give it a second".to_owned());
    }
    Ok(timeout)
}
