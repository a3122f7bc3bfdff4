//! The waits of the tasks of a run that was stopped.

use super::by_number::ByNumber;
use crate::trace::data::{Task, TaskId};
use crate::trace::record::current::{Wait, WakeCause};

/// Tells each task that had not ended the wakes that it waited for.
pub(super) fn tell_waits(waits: &[Wait], ids: &ByNumber<TaskId>, tasks: &mut [Task]) {
    for (number, cause) in waits {
        let task = ids.get(*number).and_then(|id| tasks.get_mut(*id));
        let Some(task) = task.filter(|task| task.end.is_none()) else {
            continue;
        };
        match cause {
            WakeCause::Timer { .. } | WakeCause::Pipe => task.sleeps = true,
            WakeCause::EndOf(other) => task.awaits.extend(ids.get(*other)),
            WakeCause::Outside | WakeCause::Task(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::time::Duration;

    use crate::program::speed::Speed;
    use crate::runtime::runner_info::Clock;
    use crate::trace::data::TaskKind;
    use crate::trace::record::current::WakeCause;
    use crate::trace::record::log::Kind;
    use crate::trace::record::setting::Setting;
    use crate::trace::record::tracer::Tracer;
    use crate::trace::record::tracer::ticks::Stamp;

    #[test]
    fn a_recording_ends_where_the_run_is_stopped_and_tells_the_waits_of_that_moment() {
        let (tracer, ns) = (Tracer::new(Clock::Virtual, 100), Duration::from_nanos);
        let at = |nanos| Stamp {
            at: nanos,
            order: tracer.next(),
        };
        let spawn = || tracer.spawn(at(0), TaskKind::Task, None, Location::caller());
        let [root, child, ended] = [spawn(), spawn(), spawn()];
        tracer.mark_root(root);
        for task in [ended, child, root] {
            tracer.record(at(1), Kind::PollStarted, task);
            tracer.record(at(1), Kind::Pending, task);
        }
        tracer.record(at(3), Kind::PollStarted, ended);
        tracer.record(at(4), Kind::Finished, ended);
        let (earliest, due) = (20, 20);
        let timer = WakeCause::Timer { earliest, due };
        let waits = [
            (root, WakeCause::EndOf(child)),
            (root, WakeCause::EndOf(ended)),
            (child, timer),
            (ended, timer),
        ];
        let numbers = waits.map(|wait| {
            let number = tracer.waits().number();
            tracer.waits().begin(number, wait);
            number
        });
        tracer.waits().end(numbers[1]);
        tracer.mark_stop(ns(9));
        // A thread that had read its clock before, and a shutdown: neither is the program's.
        tracer.record(at(5), Kind::Dropped, root);
        tracer.mark_shutdown(ns(11));
        tracer.mark_stop(ns(12));
        let trace = tracer.trace(&Setting {
            clock: Clock::Virtual,
            workers: None,
            blocking_threads: None,
            speed: Speed::REAL,
            poll_cost: None,
        });
        assert_eq!(trace.validate(), Ok(()));
        let run = &trace.run;
        assert_eq!((run.stopped, run.until, run.dropped), (true, ns(9), 0));
        assert_eq!((trace.events.len(), run.shutdown_event), (11, None));
        let told = trace
            .tasks
            .iter()
            .map(|task| (task.awaits.clone(), task.sleeps));
        let expected = [(vec![1], false), (vec![], true), (vec![], false)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
