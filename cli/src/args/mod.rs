//! The command line as data; the doc comments are the help.

mod build;
mod compare;
mod denied;
mod formats;
mod shared;
mod values;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use self::build::BuildArgs;
pub(crate) use self::compare::CompareArgs;
pub(crate) use self::denied::{Denied, name as finding_name};
pub(crate) use self::formats::{Format, HumanOrJson, ThemeArg};
pub(crate) use self::shared::SharedArgs;
pub(crate) use self::values::{DEFAULT_BLOCKING_THREADS, DEFAULT_TIMEOUT, MAX_SAMPLES};

/// Run one concurrent program on tokio, async-std, smol, OS threads and a virtual clock,
/// and see how each really behaves.
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
  pollmark build tokio=1.50.0                  a binary of another tokio, to compare with
  pollmark list                                what there is to run

Exit codes:
  0    everything went as expected
  1    a cell failed its check, something became worse (diff) or is behind by more
       than --gate (compare), a denied finding occurred, a question of semantics
       got no answer, or a build did not succeed
  2    the command line is wrong
  3    a file could not be read or written; results are shown all the same
  130  Ctrl-C; the results so far are shown and saved
Of several, the first of 130, 1 and 3 is given.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists scenarios, their variants, parameters and figures, and the runners
    List(ListArgs),
    /// Runs cells and shows their transcripts, and the measured times beside the ideal
    Run(Box<RunArgs>),
    /// Compares runners: which is better, by how much, and whether the difference is real
    Compare(Box<CompareArgs>),
    /// Shows the improvements and regressions between two saved comparisons
    Diff(DiffArgs),
    /// Draws the activity of every task and thread, and reports findings
    Trace(Box<TraceArgs>),
    /// Explains a lesson; without an argument, shows the lessons as a course
    Explain(ExplainArgs),
    /// Measures how the runtimes differ: drop, panic, cancel, shutdown, ...
    Semantics(SemanticsArgs),
    /// Builds pollmark with other versions of its packages, to compare with this binary
    Build(BuildArgs),
    /// Prints a completion script for a shell
    Completions {
        /// Shell to print the script for
        shell: clap_complete::Shell,
    },
    /// Runs one cell in this process and reports to the parent that started it
    #[command(name = "__cell", hide = true)]
    Cell {
        /// The parent process, and the job in a word; the job itself comes through a pipe
        #[arg(allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Scenario to list, with its origin, or `runners` for their settings. Without it, all are
    /// listed
    pub(crate) scenario: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Scenario or variant to explain. Without it, the course is shown
    #[arg(value_name = "SCENARIO[/VARIANT]")]
    pub(crate) lesson: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SemanticsArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,

    /// File to write the answers to, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Runtimes to ask, comma separated, with settings as for `run`; `all` means the five real ones
    #[arg(
        long,
        short,
        value_delimiter = ',',
        default_value = "all",
        value_name = "RUNNER"
    )]
    pub(crate) runner: Vec<String>,

    /// Runner that a program moves from: shows the answers of the bare libraries that change,
    /// the gravest first
    #[arg(
        long,
        requires = "to",
        conflicts_with = "runner",
        value_name = "RUNNER"
    )]
    pub(crate) from: Option<String>,

    /// Runner that the program moves to
    #[arg(long, requires = "from", value_name = "RUNNER")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Cells to run: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Shows the program, asks for the expected order and time, then runs it and compares
    #[arg(long, conflicts_with_all = ["quiet", "dry_run", "format", "save", "jobs"])]
    pub(crate) predict: bool,

    /// Draws the cells afterwards, as `trace` does, from runs of their own
    #[arg(long, conflicts_with_all = ["predict", "dry_run", "format"])]
    pub(crate) timeline: bool,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// Maximum number of cells to run side by side, if all they do is wait. Default: 4 per CPU
    #[arg(long, value_name = "N", value_parser = values::workers, allow_negative_numbers = true)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// Prints only the table: no transcripts and no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Cells to trace: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Draws with ASCII characters, which every terminal has
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Colours for a light or a dark background. `auto` goes by COLORFGBG, else it is dark
    #[arg(long, value_enum, default_value_t = ThemeArg::Auto)]
    pub(crate) theme: ThemeArg,

    /// Width of the pictures, in columns. Default: the terminal's, up to 200; for a pipe COLUMNS,
    /// or 80
    #[arg(long, value_name = "N", value_parser = values::width, allow_negative_numbers = true)]
    pub(crate) width: Option<usize>,

    /// Prints every event, and the tasks that are ready, running and waiting after it
    #[arg(long, conflicts_with_all = ["interactive", "format"])]
    pub(crate) steps: bool,

    /// Steps through the events of one cell with the keyboard
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub(crate) interactive: bool,

    #[arg(long, value_delimiter = ',', value_name = "FINDING[=DURATION]",
          value_parser = denied::parse, help = denied::HELP.as_str())]
    pub(crate) deny: Vec<Denied>,

    /// Also writes the pictures as SVG, for slides and handouts; light or dark by their viewer
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    /// Also writes Chrome trace events, for Perfetto (<https://ui.perfetto.dev>)
    #[arg(long, value_name = "FILE")]
    pub(crate) chrome: Option<PathBuf>,

    /// Maximum number of events to record per run; events dropped beyond it are reported
    #[arg(long, default_value = "1000000", value_name = "N", value_parser = values::trace_limit,
          allow_negative_numbers = true)]
    pub(crate) trace_limit: usize,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Earlier results, saved by `compare --save`
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// New results, saved the same way
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Threshold for a change: smaller ones count as none
    #[arg(long, default_value = "5%", value_name = "SHARE", value_parser = values::share,
          allow_hyphen_values = true)]
    pub(crate) threshold: f64,

    /// Also compares results from another machine or another build
    #[arg(long)]
    pub(crate) allow_different_machines: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t = HumanOrJson::Human)]
    pub(crate) format: HumanOrJson,

    /// File to write to, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
