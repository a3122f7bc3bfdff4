//! The finding of a blocking pool in which every call waits for a call that is queued.

use super::super::timeline::Life;
use super::Look;
use super::finding::{Case, Complaint, Finding, Severity, finding};
use crate::trace::data::{TaskId, TaskKind};

impl Look<'_> {
    pub(super) fn pool_exhausted(&self) -> Option<Finding> {
        let threads = self.trace.run.blocking_threads?;
        if self.ended_in_the_run(&self.trace.tasks[self.trace.run.root?]) {
            return None;
        }
        // A pool that a busy moment filled is no deadlock.
        let long = self.for_ever(|task| {
            let is_call = self.trace.tasks[task].kind == TaskKind::Call;
            let last = self.last(&self.lives[task]);
            is_call && last.is_some_and(|last| !self.is_in_span(task, last))
        });
        let at_the_end = |is_held: bool| {
            let since = move |life: Life<'_>| {
                let last = self
                    .last(life.periods)
                    .filter(|last| last.is_polled() == is_held)?;
                let length = self.window.1.saturating_sub(last.from);
                (length >= long).then_some((life.task, length))
            };
            self.of_kind(TaskKind::Call).filter_map(since)
        };
        let held: Vec<Case> = at_the_end(true).collect();
        let queued: Vec<TaskId> = at_the_end(false).map(|(task, _)| task).collect();
        let waits_for = |holder: TaskId| {
            let mut queued = queued.iter().copied();
            queued.find(|call| self.trace.tasks[*call].parent == Some(holder))
        };
        let pairs = held
            .iter()
            .map(|(task, _)| Some((*task, waits_for(*task)?)));
        let pairs: Vec<(TaskId, TaskId)> = pairs.collect::<Option<_>>()?;
        if pairs.len() < threads {
            return None;
        }
        let (first, others) = pairs.split_first()?;
        let told = |(holder, call): &(TaskId, TaskId)| {
            format!("`{}` for `{}`", self.name(*holder), self.name(*call))
        };
        let also = match others {
            [] => String::new(),
            [other] => format!(", and {}", told(other)),
            [other, more @ ..] => format!(", {} and {} more", told(other), more.len()),
        };
        let text = format!(
            "every thread of the pool waits for a call that is queued: {}{also}",
            told(first),
        );
        let advice = "do not wait for a blocking call inside of another: await it in a task, or \
                      do its work in the call that waits";
        Some(finding(
            Complaint::PoolExhausted,
            Severity::Severe,
            &held,
            text,
            advice,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose;
    use super::*;
    use crate::trace::data::{By, Trace};
    use crate::trace::testing::Drawing;

    /// A pool of one thread, whose call makes `inner`; which is left in the queue if the
    /// `outer` call does not end.
    fn nested(outer_ends: bool) -> Trace {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let outer = drawing.call(0, "outer", 0);
        drawing.suspend(0, 0);
        drawing.poll(0, 1, outer);
        drawing.call(0, "inner", outer);
        if outer_ends {
            drawing.end(1, outer);
        }
        drawing.shutdown();
        drawing.dropped(20, 0);
        drawing.until(20)
    }

    fn found(trace: &Trace) -> Option<Finding> {
        let mut findings = diagnose(trace).into_iter();
        findings.find(|finding| finding.complaint == Complaint::PoolExhausted)
    }

    #[test]
    fn a_pool_that_waits_for_its_own_queue_is_told_with_its_calls() {
        let told = found(&nested(false)).expect("the only thread waits");
        assert_eq!(
            told.text,
            "every thread of the pool waits for a call that is queued: `outer` for `inner`"
        );
        assert_eq!(found(&nested(true)), None);
    }

    #[test]
    fn a_pool_that_fills_when_virtual_time_ends_is_told_unless_its_call_sleeps() {
        for sleeps in [false, true] {
            let mut drawing = Drawing::new(1);
            drawing.poll(0, 0, 0);
            drawing.suspend(0, 0);
            drawing.wake(20, 0, By::Timer);
            drawing.poll(20, 0, 0);
            let outer = drawing.call(20, "outer", 0);
            drawing.suspend(20, 0);
            drawing.poll(20, 1, outer);
            drawing.call(20, "inner", outer);
            if sleeps {
                drawing.block_begins(20, outer);
            }
            let trace = drawing.until(20);
            assert_eq!(trace.validate(), Ok(()));
            assert_eq!(found(&trace).is_some(), !sleeps);
        }
    }

    #[test]
    fn a_pool_with_a_free_thread_is_not_told() {
        let mut trace = nested(false);
        trace.run.blocking_threads = Some(2);
        assert_eq!(found(&trace), None);
    }
}
