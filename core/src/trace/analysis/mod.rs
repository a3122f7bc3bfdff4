//! Pure functions of a trace: states over time, axes, critical path, findings.

pub(crate) mod axes;
pub(crate) mod blocking;
pub(crate) mod critical_path;
pub(crate) mod diagnosis;
pub(crate) mod found;
pub(crate) mod in_flight;
pub(crate) mod intervals;
pub(crate) mod timeline;
pub(crate) mod workers;

use std::time::Duration;

use self::axes::Axes;
use self::critical_path::Segment;
use self::diagnosis::finding::Finding;
use self::found::Found;
use self::timeline::Lives;
use super::data::Trace;

/// The analyses of one trace that share the lives of its tasks, found once: for a long trace,
/// finding them takes as long as most analyses.
#[derive(Debug)]
pub struct Analysis<'a>(Found<'a>);

impl<'a> Analysis<'a> {
    /// Finds the lives of the tasks.
    pub fn of(trace: &'a Trace) -> Self {
        Analysis(Found::of(trace))
    }

    /// As [`lives`](crate::trace::lives).
    pub fn lives(&self) -> &Lives {
        &self.0.lives
    }

    /// As [`Axes::of`].
    pub fn axes(&self, cpu: Option<Duration>) -> Axes {
        Axes::of_found(&self.0, cpu)
    }

    /// As [`critical_path()`](crate::trace::critical_path()).
    pub fn critical_path(&self) -> Vec<Segment> {
        critical_path::path_through(self.0.trace, &self.0.lives)
    }

    /// As [`diagnose`](crate::trace::diagnose).
    pub fn findings(&self) -> Vec<Finding> {
        diagnosis::findings(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::timeline::lives;
    use super::*;
    use crate::trace::testing::{secs, waiter_blocking};

    #[test]
    fn all_in_one_agree_with_each_by_itself() {
        let trace = waiter_blocking();
        let analysis = Analysis::of(&trace);
        let cpu = Some(secs(4));
        assert_eq!(*analysis.lives(), lives(&trace));
        assert_eq!(analysis.axes(cpu), Axes::of(&trace, cpu));
        assert_eq!(
            analysis.critical_path(),
            critical_path::critical_path(&trace)
        );
        assert_eq!(analysis.findings(), diagnosis::diagnose(&trace));
    }
}
