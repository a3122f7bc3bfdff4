//! The facts about a run that a trace states and no event shows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::program::speed::Speed;
use crate::runtime::config::Config;
use crate::runtime::runner_info::{Clock, RunnerInfo};

/// The facts about a run that the recorder cannot see: clock, workers, speed, cost of a poll.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    /// The clock of the times.
    pub clock: Clock,
    /// The number of workers, if there is one.
    pub workers: Option<usize>,
    /// The cap on blocking threads, if there is one.
    pub blocking_threads: Option<usize>,
    /// How fast scenario time passes.
    pub speed: Speed,
    /// The cost of recording one poll, if it was measured.
    pub poll_cost: Option<Duration>,
}

impl Setting {
    /// The setting for the runner of `info` with `config`; the cost is not measured. A virtual clock
    /// needs no speed and runs at [`Speed::REAL`].
    pub fn of(info: &RunnerInfo, config: &Config, speed: Speed) -> Self {
        let workers = info.effective_workers(config);
        Setting {
            clock: info.clock,
            workers: workers.filter(|_| !config.worker_per_task),
            blocking_threads: config.blocking_threads.map(|threads| threads.get()),
            speed: match info.clock {
                Clock::Real => speed,
                Clock::Virtual => Speed::REAL,
            },
            poll_cost: None,
        }
    }
}
