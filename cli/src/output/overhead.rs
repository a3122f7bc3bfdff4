//! A time at some speed: the part beyond the ideal is real time, and is told as that.

use pollmark_core::Unit;
use pollmark_core::trace::{LongestPoll, Trace, What};

use crate::model::cell::Cell;
use crate::model::result::CellResult;
use crate::text::units::show;

/// The length of a poll, of scenario nanoseconds: in real time if it is all overhead.
pub(crate) fn poll(cell: &Cell, length: f64, is_overhead: bool) -> String {
    match cell.speed() {
        speed if speed != 1.0 && is_overhead => {
            format!("{} real", show(length / speed, Unit::Nanoseconds))
        }
        _ => show(length, Unit::Nanoseconds),
    }
}

/// `5 s + 296 ms real`, of a time in scenario nanoseconds: the ideal, and the real time beyond it,
/// which no speed changes. `None` if the cell ran in real time, or if its ideal is not known or not
/// reached. A time between the two ideals is told beside the lower one.
pub(crate) fn beside_the_ideal(cell: &Cell, result: &CellResult, time: f64) -> Option<String> {
    let speed = cell.speed();
    if speed == 1.0 {
        return None;
    }
    let ideals = [result.ideal_ns, result.lower_bound_ns];
    let reached = ideals.into_iter().flatten().map(|nanos| nanos as f64);
    let ideal = reached
        .filter(|nanos| *nanos <= time)
        .max_by(f64::total_cmp)?;
    // A zero has no unit of its own.
    let told = match ideal {
        0.0 => "0 s".to_owned(),
        ideal => show(ideal, Unit::Nanoseconds),
    };
    let over = (time - ideal) / speed;
    Some(format!("{told} + {} real", show(over, Unit::Nanoseconds)))
}

/// Whether the poll holds a span: its length is the scenario's, not the runtime's.
pub(crate) fn has_span(trace: &Trace, poll: &LongestPoll) -> bool {
    let within = poll.from..=poll.from + poll.length;
    let own = trace.events.iter().filter(|event| event.task == poll.task);
    let mut within = own.filter(|event| within.contains(&event.at));
    within.any(|event| matches!(event.what, What::SpanStarted { .. }))
}
