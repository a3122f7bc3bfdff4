//! What every command that runs cells takes: what to run, on what, and where to put it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pollmark_core::Speed;

use super::values::{self, BlockingThreads};

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
    #[arg(long, short, value_delimiter = ',', value_name = "N", value_parser = values::workers,
          allow_negative_numbers = true)]
    pub(crate) workers: Vec<NonZeroUsize>,

    /// How many times faster than scenario time; default: 20 for lessons that wait, 1 for what computes
    #[arg(long, value_name = "X", value_parser = values::speed, allow_negative_numbers = true)]
    pub(crate) speed: Option<Speed>,

    /// A scenario's parameter, with a value or several
    #[arg(long, value_name = "NAME=VALUE[,VALUE]")]
    pub(crate) param: Vec<String>,

    /// Seed: of a scenario's random choices, and of ties on the virtual clock
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// How long a cell may take before it is stopped, such as 250ms or 30s
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = values::timeout,
          allow_hyphen_values = true)]
    pub(crate) timeout: Duration,

    /// The most threads that run blocking calls at a time; `native` leaves it to each runtime
    #[arg(long, default_value = "512", value_name = "N|native",
          value_parser = values::blocking_threads, allow_negative_numbers = true)]
    pub(crate) blocking_threads: BlockingThreads,

    /// Cores of the virtual clock and of the ideal; default: the CPUs available
    #[arg(long, value_name = "N", value_parser = values::workers, allow_negative_numbers = true)]
    pub(crate) cores: Option<NonZeroUsize>,

    /// Where to print the results, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Saves the results as JSON as well
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,

    /// Lists the cells and the time they would take; runs none, and saves nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
