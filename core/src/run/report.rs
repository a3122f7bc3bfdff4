//! What came of a run.

use std::fmt;
use std::time::Duration;

use super::usage::Usage;
use crate::program::speed::Speed;
use crate::program::transcript::Entry;
use crate::runtime::runner::{ShutdownReport, Work};
use crate::scenario::outcome::Outcome;
use crate::time::seconds;

/// What came of one run.
#[derive(Debug)]
pub struct Report {
    /// Whether it went as expected.
    pub verdict: Verdict,
    /// Scenario time from the root's first poll to its end; `None` if it had none.
    pub elapsed: Option<Duration>,
    /// The same in real time; for a virtual clock, what simulating it cost.
    pub wall: Option<Duration>,
    /// What the process used meanwhile; `None` where it cannot be had, or the root had
    /// no end.
    pub usage: Option<Usage>,
    /// The speed that was in force.
    pub speed: Speed,
    /// The scenario's own values.
    pub outcome: Outcome,
    /// What happened, in order; empty for what is no lesson, since recording it
    /// would be measured too, and for [`Session::run_unrecorded`](crate::Session::run_unrecorded).
    pub transcript: Vec<Entry>,
    /// What the reader should know about this run.
    pub notes: Vec<String>,
    /// The work that was declared, where the clock is virtual.
    pub work: Option<Work>,
    /// How the runtime ended; `None` if it was never built, or is a [`Session`](crate::Session)'s and
    /// lives on.
    pub shutdown: Option<ShutdownReport>,
}

/// Whether a run went as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It did, and the scenario's check agrees.
    Ok,
    /// It did not; why.
    Failed(String),
    /// It did not end in time.
    TimedOut(String),
    /// The runner cannot show it; why.
    Unsupported(String),
}

impl Report {
    pub(crate) fn unsupported(reason: String, speed: Speed) -> Self {
        Report {
            verdict: Verdict::Unsupported(reason),
            elapsed: None,
            wall: None,
            usage: None,
            speed,
            outcome: Outcome::new(),
            transcript: Vec::new(),
            notes: Vec::new(),
            work: None,
            shutdown: None,
        }
    }
}

/// The transcript, then the verdict: what an example prints.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.transcript {
            writeln!(f, "{entry}")?;
        }
        match &self.verdict {
            Verdict::Ok => match self.elapsed {
                Some(elapsed) => write!(f, "ok after {}", seconds(elapsed))?,
                None => f.write_str("ok")?,
            },
            Verdict::Failed(why) => write!(f, "failed: {why}")?,
            Verdict::TimedOut(why) => write!(f, "timed out: {why}")?,
            Verdict::Unsupported(why) => write!(f, "unsupported: {why}")?,
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}
