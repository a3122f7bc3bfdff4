//! The result of a run.

use std::fmt;
use std::time::Duration;

use super::usage::Usage;
use crate::program::speed::Speed;
use crate::program::transcript::Entry;
use crate::runtime::runner::{ShutdownReport, Work};
use crate::scenario::outcome::Outcome;
use crate::time::seconds;

/// The result of one run.
#[derive(Debug)]
pub struct Report {
    /// Whether the run went as expected.
    pub verdict: Verdict,
    /// Scenario time from the root's first poll to its end; `None` if it had none.
    pub elapsed: Option<Duration>,
    /// The same in real time; on a virtual clock, the time that the simulation took.
    pub wall: Option<Duration>,
    /// The resources that the process used in that time; `None` if they cannot be determined, or
    /// the root did not end.
    pub usage: Option<Usage>,
    /// The speed of the run.
    pub speed: Speed,
    /// The scenario's own values.
    pub outcome: Outcome,
    /// The events, in order. Empty if the scenario is no lesson, since recording would be measured
    /// too, and after [`Session::run_unrecorded`](crate::Session::run_unrecorded).
    pub transcript: Vec<Entry>,
    /// Remarks about this run that the reader should know.
    pub notes: Vec<String>,
    /// The work that tasks declared, if the clock is virtual.
    pub work: Option<Work>,
    /// The reason why the times are measured and not exact although the clock is virtual, if
    /// they are: such a run is no ideal. Told in the notes too.
    pub inexact: Option<String>,
    /// How the runtime ended; `None` if it was never built, or belongs to a
    /// [`Session`](crate::Session) and lives on, or was left behind in a poll that did not return.
    pub shutdown: Option<ShutdownReport>,
}

/// Whether a run went as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It went as expected, and the scenario's check agrees.
    Ok,
    /// It did not, for this reason.
    Failed(String),
    /// It did not end in time.
    TimedOut(String),
    /// The runner cannot show it, for this reason.
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
            inexact: None,
            shutdown: None,
        }
    }
}

/// The transcript, then the verdict: the output of an example.
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
