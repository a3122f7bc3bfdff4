//! The options that all commands that run cells share: runners, configuration, output.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pollmark_core::Speed;

use super::values::{self, BlockingThreads};

/// The options that every command that runs cells takes.
#[derive(Debug, Args)]
pub(crate) struct SharedArgs {
    /// Runners, comma separated, with settings if any: `tokio+event-interval=31`. `all` means the
    /// five common ones; others must be named. `pollmark list runners` has both
    #[arg(
        long,
        short,
        value_delimiter = ',',
        default_value = "all",
        value_name = "RUNNER"
    )]
    pub(crate) runner: Vec<String>,

    /// Another pollmark binary, made by `pollmark build`: each runner has a column of it as well,
    /// such as `tokio@old`
    #[arg(long, value_name = "NAME=PATH", value_parser = values::build)]
    pub(crate) build: Vec<(String, PathBuf)>,

    /// Number of worker threads; several are comma separated. Default: the CPUs available
    #[arg(long, short, value_delimiter = ',', value_name = "N", value_parser = values::workers,
          allow_negative_numbers = true)]
    pub(crate) workers: Vec<NonZeroUsize>,

    /// Factor by which to run faster than scenario time. Default: 20 for lessons that wait, 1
    /// for everything else
    #[arg(long, value_name = "X", value_parser = values::speed, allow_negative_numbers = true)]
    pub(crate) speed: Option<Speed>,

    /// Parameter of a scenario, with one value or several
    #[arg(long, value_name = "NAME=VALUE[,VALUE]")]
    pub(crate) param: Vec<String>,

    /// Seed for a scenario's random choices, and for ties on the virtual clock
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// Time limit for a cell, such as 250ms or 30s; a cell that takes longer is stopped
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = values::timeout,
          allow_hyphen_values = true)]
    pub(crate) timeout: Duration,

    /// Maximum number of threads that run blocking calls at a time; `native` leaves it to each
    /// runtime
    #[arg(long, default_value = "512", value_name = "N|native",
          value_parser = values::blocking_threads, allow_negative_numbers = true)]
    pub(crate) blocking_threads: BlockingThreads,

    /// Cores of the virtual clock and of the ideal. Default: the CPUs available
    #[arg(long, value_name = "N", value_parser = values::workers, allow_negative_numbers = true)]
    pub(crate) cores: Option<NonZeroUsize>,

    /// File to write the results to, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Also saves the results as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,

    /// Lists the cells and the time they would take, without running or saving anything
    #[arg(long)]
    pub(crate) dry_run: bool,
}
