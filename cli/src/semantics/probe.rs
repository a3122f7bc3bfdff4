//! One question to one side of one runtime.

use anyhow::Result;
use pollmark_core::Settings;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::probes::{self, Question};
use super::question::Side;
use super::side::Setup;
use crate::args::DEFAULT_BLOCKING_THREADS;

/// One question to one side of one runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) question: Question,
    pub(crate) runner: String,
    pub(crate) settings: Settings,
    pub(crate) side: Side,
}

impl Probe {
    /// Asks in this process.
    ///
    /// # Errors
    ///
    /// The runtime cannot be built, or showed something that no answer covers.
    ///
    /// # Blocking
    ///
    /// Until the runtime does its part: for ever, if it never does.
    pub(crate) fn ask(&self) -> Result<Answer> {
        probes::ask(self.question, self.side, &self.runner, self.setup())
    }

    fn setup(&self) -> Setup {
        let wanted = self.question.info().blocking_threads;
        let blocking_threads = match self.side {
            Side::Native => wanted,
            Side::Contract => wanted.or(DEFAULT_BLOCKING_THREADS.0),
        };
        Setup {
            workers: self.question.info().workers,
            blocking_threads,
            io: self.question.info().io,
            settings: self.settings.clone(),
        }
    }

    /// The variables that must be set before the process starts.
    pub(crate) fn environment(&self) -> &'static [(&'static str, &'static str)] {
        // Probes panic on purpose, and a backtrace takes longer than the probe.
        const NO_BACKTRACES: (&str, &str) = ("RUST_BACKTRACE", "0");
        match self.side {
            Side::Native if self.question.info().workers == 1 => {
                &[NO_BACKTRACES, ("ASYNC_STD_THREAD_COUNT", "1")]
            }
            Side::Native => &[NO_BACKTRACES, ("ASYNC_STD_THREAD_COUNT", "2")],
            Side::Contract => &[NO_BACKTRACES],
        }
    }
}
