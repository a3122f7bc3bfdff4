use std::panic::Location;

use super::*;
use crate::program::speed::Speed;
use crate::trace::data::TaskKind;
use crate::trace::record::current::WakeCause;
use crate::trace::record::tracer::ticks::Stamp;

const SETTING: Setting = Setting {
    clock: Clock::Virtual,
    workers: Some(1),
    blocking_threads: None,
    speed: Speed::REAL,
    poll_cost: None,
};

fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

/// The next event's place, and any time.
fn stamp(tracer: &Tracer, nanos: u64) -> Stamp {
    Stamp {
        at: nanos,
        order: tracer.next(),
    }
}

/// A root that was polled at 1, in a recording of at most `limit` events.
fn polled_root(limit: usize) -> (Tracer, u32) {
    let tracer = Tracer::new(Clock::Virtual, limit);
    let root = tracer.spawn(stamp(&tracer, 0), TaskKind::Task, None, Location::caller());
    tracer.mark_root(root);
    tracer.record(stamp(&tracer, 1), Kind::PollStarted, root);
    (tracer, root)
}

#[test]
fn what_comes_after_the_call_is_no_part_of_it_and_not_missing() {
    let (tracer, root) = polled_root(100);
    let mut recorded = TraceBuilder::default();
    let mut reader = Reader::new(tracer.clone());
    reader.look(|part| recorded.add(part).unwrap());
    tracer.record(stamp(&tracer, 2), Kind::Pending, root);
    let trace = recorded.trace(&SETTING);
    assert_eq!((trace.events.len(), trace.run.dropped), (2, 0));
    assert_eq!(tracer.trace(&SETTING).events.len(), 3);
}

#[test]
fn every_event_past_the_limit_is_counted_once() {
    let (tracer, root) = polled_root(10);
    for at in 2..50 {
        tracer.record(stamp(&tracer, at), Kind::WokenByTimer, root);
    }
    let trace = tracer.trace(&SETTING);
    assert!((2..=10).contains(&trace.events.len()));
    assert_eq!(trace.events.len() as u64 + trace.run.dropped, 50);
}

#[test]
fn an_event_that_is_lost_after_the_stop_is_not_missing() {
    let (tracer, root) = polled_root(10);
    let wake = |at| tracer.record(stamp(&tracer, at), Kind::WokenByTimer, root);
    (2..20).for_each(wake);
    tracer.mark_stop(ns(20));
    (20..120).for_each(wake);
    let trace = tracer.trace(&SETTING);
    assert_eq!(trace.events.len() as u64 + trace.run.dropped, 20);
    assert!(trace.run.dropped > 0);
}

#[test]
fn a_run_that_follows_a_stopped_one_is_recorded_with_its_root_and_its_end() {
    let (tracer, first) = polled_root(100);
    tracer.record(stamp(&tracer, 1), Kind::Pending, first);
    tracer.mark_stop(ns(5));
    tracer.record(stamp(&tracer, 5), Kind::Dropped, first);
    let root = tracer.spawn(stamp(&tracer, 6), TaskKind::Task, None, Location::caller());
    tracer.mark_root(root);
    tracer.record(stamp(&tracer, 6), Kind::PollStarted, root);
    let begun = tracer.trace(&SETTING);
    assert_eq!((begun.run.root, begun.run.stopped), (Some(1), false));
    tracer.record(stamp(&tracer, 8), Kind::Finished, root);
    tracer.mark_shutdown(ns(9));
    let trace = tracer.trace(&SETTING);
    assert_eq!(trace.validate(), Ok(()));
    assert_eq!((trace.tasks[1].polls, trace.run.stopped), (1, false));
    assert_eq!(trace.window(), Some((ns(6), ns(8))));
    // The last run may be stopped as well.
    tracer.mark_stop(ns(10));
    let trace = tracer.trace(&SETTING);
    assert_eq!((trace.run.stopped, trace.run.until), (true, ns(10)));
}

#[test]
fn a_thread_that_was_held_up_does_not_bring_the_shutdown_forward() {
    let (tracer, root) = polled_root(100);
    tracer.record(stamp(&tracer, 103), Kind::Finished, root);
    tracer.mark_shutdown(ns(105));
    // Its clock was read before the root's end, its number taken after the mark.
    tracer.record(stamp(&tracer, 100), Kind::WokenByTimer, root);
    tracer.record(stamp(&tracer, 106), Kind::WokenByTimer, root);
    let trace = tracer.trace(&SETTING);
    assert_eq!(trace.run.shutdown_event, Some(4));
    assert_eq!(trace.window(), Some((ns(1), ns(103))));
}

#[test]
fn a_sleep_wakes_nobody_before_it_is_over() {
    let (tracer, root) = polled_root(100);
    for at in [999, 1_000, 6_999, 7_000] {
        let (earliest, due) = (1_000, 4_000);
        let _timer = tracer.enter(WakeCause::Timer { earliest, due });
        tracer.record_wake(stamp(&tracer, at), || ns(at), root);
    }
    let trace = tracer.trace(&SETTING);
    let woken = trace.events.iter().filter_map(|event| match event.what {
        What::Woken { by } => Some((by, event.late)),
        _ => None,
    });
    let late = |micros| (By::Timer, Some(Duration::from_micros(micros)));
    assert_eq!(
        woken.collect::<Vec<_>>(),
        [(By::Outside, None), late(0), late(2), late(3)]
    );
}

#[test]
fn a_task_that_goes_on_wakes_nobody_by_its_end() {
    let (tracer, root) = polled_root(100);
    let child = tracer.spawn(stamp(&tracer, 2), TaskKind::Task, None, Location::caller());
    let wake = |at| {
        let _end = tracer.enter(WakeCause::EndOf(child));
        tracer.record_wake(stamp(&tracer, at), || ns(at), root);
    };
    wake(3);
    tracer.record(stamp(&tracer, 4), Kind::PollStarted, child);
    tracer.record(stamp(&tracer, 5), Kind::Finished, child);
    wake(6);
    let trace = tracer.trace(&SETTING);
    let woken = trace.events.iter().filter_map(|event| match event.what {
        What::Woken { by } => Some(by),
        _ => None,
    });
    assert_eq!(woken.collect::<Vec<_>>(), [By::Outside, By::EndOf(1)]);
}
