//! Polls that seem to wait for another task inside of themselves, as a nested `block_on` does.

use super::super::timeline::Period;
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::kept::Kept;
use super::{LONG_POLL, Look};
use crate::trace::data::{TaskId, What};

/// A poll that waits for a task ends right after it: within its own length divided by this.
const RIGHT_AFTER: u32 = 50;

/// The task that a poll seems to wait for.
pub(super) enum Awaited<'a> {
    /// A task that it spawned, and at whose end it ended.
    Ended(TaskId),
    /// A task that it made ready, and that was not polled: neither went on.
    Stuck(&'a Kept),
}

impl Look<'_> {
    /// The task that a long poll seems to wait for; `None` if nothing points to one. The events
    /// show no waiting inside of a poll, so this is a guess: the poll has no span that would
    /// account for its length, and its end goes with that of the task.
    pub(super) fn awaited(&self, task: TaskId, poll: &Period) -> Option<Awaited<'_>> {
        let of_the_run = self.trace.events_of_the_run().len();
        if self.length(poll) <= LONG_POLL || poll.begun_by >= of_the_run {
            return None;
        }
        let end = poll.ended_by.filter(|end| *end < of_the_run);
        let within = poll.begun_by..end.unwrap_or(of_the_run);
        let events = self.trace.events[within].iter();
        let mut own = events.clone().filter(|event| event.task == task);
        if own.any(|event| matches!(event.what, What::SpanStarted { .. })) {
            return None;
        }
        if end.is_none() {
            let mut stuck = self.kept.iter();
            let stuck =
                stuck.find(|kept| kept.by == task && !kept.polled && kept.span.0 >= poll.from);
            return stuck.map(Awaited::Stuck);
        }
        let ends = events
            .rev()
            .filter(|event| matches!(event.what, What::Ended { .. }));
        let mut in_time =
            ends.take_while(|event| (poll.to - event.at) * RIGHT_AFTER <= poll.length());
        let child = in_time.find(|event| {
            let child = &self.trace.tasks[event.task];
            child.parent == Some(task) && child.spawned >= poll.from
        });
        child.map(|event| Awaited::Ended(event.task))
    }

    /// The tasks that polls which never ended seem to wait for.
    pub(super) fn awaited_in_vain(&self) -> Vec<TaskId> {
        let awaited = self.long.iter();
        let awaited = awaited.filter_map(|(by, poll)| self.awaited(*by, poll));
        let stuck = awaited.filter_map(|awaited| match awaited {
            Awaited::Stuck(kept) => Some(kept.task),
            Awaited::Ended(_) => None,
        });
        stuck.collect()
    }

    pub(super) fn waits_in_poll(&self) -> Option<Finding> {
        let long = self
            .long
            .iter()
            .filter(|(_, poll)| !self.is_taken_over(poll));
        let found: Vec<(Case, Awaited<'_>)> = long
            .filter_map(|(task, poll)| {
                Some(((*task, self.length(poll)), self.awaited(*task, poll)?))
            })
            .collect();
        let cases: Vec<Case> = found.iter().map(|(case, _)| *case).collect();
        let (worst, length) = worst(&cases)?;
        let (_, awaited) = found.iter().find(|((task, _), _)| *task == worst)?;
        let (name, length, same) = (
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let text = match awaited {
            Awaited::Ended(child) => format!(
                "`{name}` held its worker for {length} in one poll{same}, until `{child}` ended, \
                 which it had spawned there: it seems to have waited for `{child}` without giving \
                 way, as a nested `block_on` does",
                child = self.name(*child),
            ),
            Awaited::Stuck(kept) => format!(
                "`{name}` did not come back from a poll of {length}{same}, and `{child}`, which \
                 was {verb} there, was not polled{free}: if `{name}` waits for `{child}` in that \
                 poll, as a nested `block_on` does, both wait for ever",
                child = self.name(kept.task),
                verb = kept.verb(),
                free = match kept.is_beside_free_worker() {
                    true => " though a worker was free",
                    false => "",
                },
            ),
        };
        let advice = "await the task instead: an await gives the worker to other tasks, and \
                      `block_on` keeps it from the very task that it waits for";
        Some(finding(
            Complaint::WaitsInPoll,
            Severity::Severe,
            &cases,
            text,
            advice,
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::trace::analysis::diagnosis::diagnose;
    use crate::trace::analysis::diagnosis::finding::Complaint;
    use crate::trace::data::Trace;
    use crate::trace::testing::Drawing;

    /// `main` spawns `child` in a poll from 0 to 100, and `child` is polled elsewhere up to `end`.
    fn nested(workers: usize, end: u64, block: bool) -> Trace {
        let mut drawing = Drawing::new(workers);
        drawing.poll(0, 0, 0);
        let child = drawing.spawn(0, "child", Some(0));
        if block {
            drawing.block(0, 1, 0);
        }
        drawing.poll(0, 1, child);
        drawing.end(end, child);
        drawing.end(100, 0);
        drawing.until(100)
    }

    fn told(trace: &Trace) -> Vec<(Complaint, String)> {
        assert_eq!(trace.validate(), Ok(()));
        let findings = diagnose(trace).into_iter();
        let told = findings.map(|finding| (finding.complaint, finding.text));
        told.collect()
    }

    fn of_main(trace: &Trace) -> Vec<Complaint> {
        let findings = diagnose(trace).into_iter();
        let of_main = findings.filter(|finding| finding.task == 0);
        of_main.map(|finding| finding.complaint).collect()
    }

    #[test]
    fn a_poll_that_ends_with_the_task_that_it_spawned_seems_to_have_waited_for_it() {
        let expected = "`main` held its worker for 100 s in one poll, until `child` ended, which \
                        it had spawned there: it seems to have waited for `child` without giving \
                        way, as a nested `block_on` does";
        let told = told(&nested(2, 98, false));
        assert_eq!(told[0], (Complaint::WaitsInPoll, expected.to_owned()));
        assert_eq!(of_main(&nested(2, 98, false)), [Complaint::WaitsInPoll]);
    }

    #[test]
    fn a_poll_that_goes_on_or_whose_length_has_a_reason_is_a_long_poll() {
        for trace in [nested(2, 97, false), nested(2, 98, true)] {
            assert!(of_main(&trace).contains(&Complaint::LongPoll));
            assert!(!of_main(&trace).contains(&Complaint::WaitsInPoll));
        }
    }

    #[test]
    fn a_poll_at_the_end_of_the_runtime_is_no_matter() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let late = drawing.spawn(0, "late", Some(0));
        drawing.end(9, 0);
        drawing.shutdown();
        drawing.poll(10, 0, late);
        drawing.end(20, late);
        let of_late = told(&drawing.until(20)).into_iter();
        let of_late = of_late.filter(|(_, text)| text.starts_with("`late`"));
        let of_late: Vec<Complaint> = of_late.map(|(complaint, _)| complaint).collect();
        assert_eq!(of_late, [Complaint::Starved, Complaint::NeverPolled]);
    }

    #[test]
    fn a_poll_that_waits_for_a_task_which_only_its_own_worker_may_run_is_told_with_it() {
        for (workers, free) in [(1, ""), (2, " though a worker was free")] {
            let mut drawing = Drawing::new(workers);
            drawing.poll(0, 0, 0);
            let child = drawing.spawn(1, "child", Some(0));
            drawing.shutdown();
            drawing.dropped(9, child);
            let told = told(&drawing.until(9));
            let expected = format!(
                "`main` did not come back from a poll of 9 s, and `child`, which was spawned \
                 there, was not polled{free}: if `main` waits for `child` in that poll, as a \
                 nested `block_on` does, both wait for ever"
            );
            assert_eq!(told[0], (Complaint::WaitsInPoll, expected));
            let others = told[1..].iter().map(|(complaint, _)| *complaint);
            let late = match workers {
                1 => Complaint::Starved,
                _ => Complaint::ReadyBesideFreeWorker,
            };
            assert_eq!(others.collect::<Vec<_>>(), [late]);
        }
    }
}
