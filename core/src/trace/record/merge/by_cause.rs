//! The order of the threads' events where their clocks alone do not tell it.
//!
//! A thread reads the CPU's counter a little before or after what it records, and may read a value
//! that another thread reads as well. So of events that are that close, the cause goes first.

use super::by_number::ByNumber;
use crate::trace::record::log::{Kind, Packed, Record};

/// A task, as far as the events up to now tell.
#[derive(Clone, Copy, Default)]
struct Seen {
    polled_on: Option<u32>,
    woken: bool,
}

/// Events that are in the way of a cause are moved behind it so many times at one place.
const MOVES: usize = 16;

/// Puts events, which are in the order of their ticks, into an order in which each task is spawned
/// before it is polled, woken before it is polled again, and polled by one thread at a time. Only
/// events within `slack` ticks of each other change places, and never two of one thread.
pub(super) fn by_cause(events: &mut [(Packed, u32)], slack: u64) {
    let mut tasks = ByNumber::default();
    for here in 0..events.len() {
        for _ in 0..MOVES {
            let (event, thread) = events[here];
            let record = Record::unpacked(event);
            if can_follow(&tasks, record, thread) {
                break;
            }
            let close = record.at.saturating_add(slack);
            let near = events[here + 1..].iter();
            let near = near.map(|(event, on)| (Record::unpacked(*event), *on));
            let mut near = near.take_while(|(other, _)| other.at <= close).enumerate();
            let cause = near.find(|&(_, (other, on))| {
                other.task == record.task && on != thread && can_follow(&tasks, other, on)
            });
            let Some((ahead, (_, on))) = cause else {
                break;
            };
            // With all that its thread did before it.
            events[here..=here + 1 + ahead].sort_by_key(|(_, other)| *other != on);
        }
        let (event, thread) = events[here];
        let record = Record::unpacked(event);
        let mut seen = tasks.get(record.task).copied().unwrap_or_default();
        match record.kind {
            Kind::PollStarted => {
                seen = Seen {
                    polled_on: Some(thread),
                    woken: false,
                }
            }
            Kind::Pending | Kind::Finished | Kind::Failed | Kind::Panicked => {
                seen.polled_on = None;
            }
            Kind::Spawned => seen.woken = true,
            kind if is_wake(kind) => seen.woken = true,
            _ => {}
        }
        tasks.set(record.task, seen);
    }
}

fn is_wake(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::WokenByTask
            | Kind::WokenByEnd
            | Kind::WokenByTimer
            | Kind::WokenByPipe
            | Kind::WokenFromOutside
    )
}

/// Whether the event can come next, after those that made the tasks what they are.
fn can_follow(tasks: &ByNumber<Seen>, record: Record, thread: u32) -> bool {
    let Some(seen) = tasks.get(record.task) else {
        return record.kind == Kind::Spawned;
    };
    match record.kind {
        Kind::PollStarted => seen.polled_on.is_none() && seen.woken,
        Kind::Dropped => seen.polled_on.is_none(),
        Kind::Spawned => true,
        kind if is_wake(kind) => true,
        Kind::AbortedByTask | Kind::AbortedFromOutside => true,
        _ => seen.polled_on == Some(thread),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Events as (ticks, kind, task, thread).
    fn ordered(events: &[(u64, Kind, u32, u32)]) -> Vec<(Kind, u32, u32)> {
        let record = |&(at, kind, task, thread): &(u64, Kind, u32, u32)| {
            let record = Record {
                at,
                order: at,
                kind,
                task,
                other: 0,
            };
            (record.packed(), thread)
        };
        let mut packed: Vec<_> = events.iter().map(record).collect();
        packed.sort_by_key(|([at, ..], _)| *at);
        by_cause(&mut packed, 10);
        let ordered = packed.iter().map(|(event, thread)| {
            let record = Record::unpacked(*event);
            (record.kind, record.task, *thread)
        });
        ordered.collect()
    }

    #[test]
    fn a_task_is_spawned_woken_and_suspended_before_another_thread_polls_it() {
        let told = ordered(&[
            (1, Kind::PollStarted, 0, 1),
            (5, Kind::Spawned, 0, 0),
            (20, Kind::PollStarted, 0, 2),
            (21, Kind::Pending, 0, 1),
            (22, Kind::WokenFromOutside, 0, 3),
        ]);
        let expected = [
            (Kind::Spawned, 0, 0),
            (Kind::PollStarted, 0, 1),
            (Kind::Pending, 0, 1),
            (Kind::WokenFromOutside, 0, 3),
            (Kind::PollStarted, 0, 2),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_further_apart_stays_as_it_was_read() {
        let events = [
            (0, Kind::Spawned, 0, 0),
            (1, Kind::PollStarted, 0, 1),
            (2, Kind::Pending, 0, 1),
            (20, Kind::PollStarted, 0, 1),
            (31, Kind::WokenFromOutside, 0, 2),
        ];
        let as_read = events.map(|(_, kind, task, thread)| (kind, task, thread));
        assert_eq!(ordered(&events), as_read);
    }

    proptest! {
        /// Tasks that go from thread to thread, each begin of a poll read some ticks too early: the
        /// order comes out as it was.
        #[test]
        fn a_poll_that_is_read_too_early_comes_after_its_cause(
            steps in proptest::collection::vec((0_u32..3, 0_u32..3, 0_u64..4), 1..60),
        ) {
            let mut events: Vec<(u64, Kind, u32, u32)> = Vec::new();
            let mut last = [0_u64; 3];
            let mut now = 100_u64;
            let mut tell = |kind, task, thread: u32, skew: u64| {
                now += 2;
                // A thread's own readings never go backwards.
                let at = (now - skew).max(last[thread as usize] + 1);
                last[thread as usize] = at;
                events.push((at, kind, task, thread));
            };
            for task in 0..3 {
                tell(Kind::Spawned, task, 0, 0);
            }
            for (task, thread, skew) in steps {
                tell(Kind::PollStarted, task, thread, skew);
                tell(Kind::Pending, task, thread, 0);
                tell(Kind::WokenByTimer, task, (thread + 1) % 3, 0);
            }
            let told = ordered(&events);
            for task in 0..3 {
                let of_task = |told: &[(Kind, u32, u32)]| -> Vec<_> {
                    told.iter().copied().filter(|(_, of, _)| *of == task).collect()
                };
                let truth: Vec<_> = events.iter().map(|&(_, kind, task, thread)| (kind, task, thread)).collect();
                prop_assert_eq!(of_task(&told), of_task(&truth));
            }
        }
    }
}
