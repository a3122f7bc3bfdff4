//! A trace summed up in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use pollmark_core::Unit;
use pollmark_core::trace::{Axes, Concurrency, Finding, Segment, SegmentKind, Severity, Trace};

use crate::output::overhead::has_span;
use crate::text::styles::{BAD, BOLD, DIM};
use crate::text::units::{ratio, show};
use crate::text::wrap;

/// The most findings reported for each run.
const MOST_FINDINGS: usize = 6;

/// The most stretches of the critical path that are listed.
const MOST_SEGMENTS: usize = 6;

/// Polls may overlap by accident; from this mean on, the overlap counts as intended.
const PARALLEL: f64 = 1.1;

/// Polls that take less than this share of the run are moments: it is chance whether two of
/// them overlap.
const MOMENTS: f64 = 0.02;

/// From this many delays on, the 99th percentile is more than just the longest one.
const HUNDRED: usize = 100;

/// The width of the title before the body of a line.
const TITLE: usize = 15;

/// A length with its unit, kept together when lines are broken.
fn time(duration: Duration) -> String {
    show(duration.as_nanos() as f64, Unit::Nanoseconds).replace(' ', GLUE)
}

/// A blank that breaks no line; [`line()`] prints it as a plain blank.
const GLUE: &str = "\u{a0}";

/// `title` and `body`, in lines that fit.
fn line(title: &str, body: &str) -> String {
    let rest = " ".repeat(TITLE + 2);
    wrap::wrapped(&format!("{title:<TITLE$}{body}"), "  ", &rest).replace(GLUE, " ")
}

/// The words of the axes, explained for the runs above, of which some may be scaled.
pub(crate) fn terms(are_scaled: bool) -> String {
    let mut told = IN_FLIGHT.to_owned();
    if are_scaled {
        told.push_str(REAL);
    }
    let told = wrap::wrapped(&told, "", "");
    format!("{DIM}{}{DIM:#}\n", told.trim_end())
}

const IN_FLIGHT: &str = "In flight is what has begun and not ended, except while it waits for the \
                         end of another task; a task with named futures inside counts by those.";
const REAL: &str = " Times marked real are the machine's own, not multiplied by the speed.";

/// The three axes, a line each, and a sentence that says what they mean. `busy` is the
/// total time of all polls divided by the time of the run.
pub(crate) fn axes(trace: &Trace, axes: &Axes, busy: f64) -> String {
    let mut text = String::new();
    let mut line = |title: &str, body: &str| text.push_str(&line(title, body));
    let concurrency = axes.concurrency;
    line(
        "concurrency",
        &match concurrency.mean {
            Some(mean) => format!(
                "at most {} in flight, {} on average",
                in_flight(concurrency),
                ratio(mean)
            ),
            None => format!("at most {} in flight", in_flight(concurrency)),
        },
    );
    let parallelism = axes.parallelism;
    let mut body = format!("at most {} at a time", polls(parallelism.max));
    if let Some(mean) = parallelism.mean {
        let _ = write!(body, ", {} on average while there is one", ratio(mean));
    }
    if let Some(share) = parallelism.cpu_per_wall {
        let _ = write!(body, "; CPU\u{a0}/\u{a0}wall {}", ratio(share));
    }
    line("parallelism", &body);
    let blocking = &axes.blocking;
    let mut body = match &blocking.longest_poll {
        Some(poll) if poll.length.is_zero() => "no poll took any time".to_owned(),
        Some(poll) => format!(
            "longest poll {} ({})",
            match has_span(trace, poll) {
                true => time(trace.scenario_span(poll.length)),
                false => format!("{}{}", time(poll.length), real(trace)),
            },
            trace.tasks[poll.task].name
        ),
        None => "no polls".to_owned(),
    };
    let delay = &blocking.delay;
    if delay.count > 0 && delay.max.is_zero() {
        body.push_str("; who was ready was polled at once");
    } else if delay.count > 0 {
        let real = |length: Duration| format!("{}{}", time(length), real(trace));
        let _ = write!(
            body,
            "; who was ready was polled after {} (median), ",
            real(delay.p50)
        );
        if delay.count >= HUNDRED {
            let _ = write!(body, "{} (p99), ", real(delay.p99));
        }
        let _ = write!(body, "{} (longest)", real(delay.max));
    }
    if let Some(held) = blocking.held.filter(|held| *held > 0.0005) {
        let _ = write!(
            body,
            "; ready tasks found every worker held for {:.1}\u{a0}% of the time",
            held * 100.0
        );
    }
    line("blocking", &body);
    text.push_str(&wrap::wrapped(&sentence(axes, busy), "  ", "  "));
    text
}

/// Says of a time that is shown as it passed that scenario time would be another.
fn real(trace: &Trace) -> &'static str {
    match is_scaled(trace) {
        true => "\u{a0}real",
        false => "",
    }
}

/// Whether scenario time differs from the time that passed.
pub(crate) fn is_scaled(trace: &Trace) -> bool {
    trace.run.speed != 1.0
}

/// `3 tasks in flight, 1 running at a time: concurrency without parallelism.`
///
/// Of the tasks that run, only those in flight count: no more can run than are in flight.
fn sentence(axes: &Axes, busy: f64) -> String {
    let Concurrency { max, max_tasks, .. } = axes.concurrency;
    let in_flight = || in_flight(axes.concurrency);
    let parallel = axes.parallelism.mean.is_some_and(|mean| mean >= PARALLEL);
    let most = axes.parallelism.max;
    match (max > 1, parallel) {
        (false, false) => "One thing at a time: neither concurrency nor parallelism.".to_owned(),
        (false, true) => format!(
            "One task, but up to {most} threads at work at a time: parallelism without concurrency."
        ),
        (true, _) if busy < MOMENTS && max_tasks == 1 => {
            format!("{max} waits at once in one task: concurrency without a second task.")
        }
        (true, _) if busy < MOMENTS => format!(
            "{} in flight, each polled for moments only: concurrency without parallelism.",
            in_flight()
        ),
        (true, false) if max_tasks == 1 => format!(
            "{max} futures in flight in one task, which takes them in turn: concurrency without a \
             second task."
        ),
        (true, false) => format!(
            "{} in flight, 1 running at a time: concurrency without parallelism.",
            in_flight()
        ),
        // A task that only waits for others is polled, too, but not in flight.
        (true, true) => format!(
            "{} in flight, up to {} running at a time: concurrency with parallelism.",
            in_flight(),
            most.min(max)
        ),
    }
}

/// `3 tasks`, or `2 futures of 1 task` if those have names.
fn in_flight(concurrency: Concurrency) -> String {
    let Concurrency { max, max_tasks, .. } = concurrency;
    match max_tasks {
        1 if max > 1 => format!("{max} futures of 1 task"),
        most if most < max => format!("{max} tasks and futures"),
        _ => tasks(max),
    }
}

fn tasks(count: usize) -> String {
    match count {
        1 => "1 task".to_owned(),
        count => format!("{count} tasks"),
    }
}

fn polls(count: usize) -> String {
    match count {
        1 => "1 poll".to_owned(),
        count => format!("{count} polls"),
    }
}

/// The critical path: the reason for the length of the run.
pub(crate) fn critical_path(trace: &Trace, path: &[Segment]) -> String {
    let total: Duration = path.iter().map(Segment::length).sum();
    if total.is_zero() {
        return String::new();
    }
    // Adjacent segments of the same task and kind form one stretch.
    let mut stretches: Vec<Segment> = Vec::new();
    for segment in path {
        match stretches.last_mut() {
            Some(last) if (last.task, last.kind) == (segment.task, segment.kind) => {
                last.to = segment.to;
            }
            _ => stretches.push(*segment),
        }
    }
    let mut longest: Vec<usize> = (0..stretches.len()).collect();
    longest.sort_by_key(|&index| std::cmp::Reverse(stretches[index].length()));
    longest.truncate(MOST_SEGMENTS);
    longest.retain(|&index| stretches[index].length() * 100 >= total);
    longest.sort_unstable();
    let told = longest.iter().map(|&index| {
        let segment = &stretches[index];
        let name = &trace.tasks[segment.task].name;
        let length = time(trace.scenario_span(segment.length()));
        let share = segment.length().as_secs_f64() / total.as_secs_f64() * 100.0;
        let doing = match segment.kind {
            SegmentKind::Poll => "runs",
            SegmentKind::Block => "blocks",
            SegmentKind::Call => "runs as a blocking call",
            SegmentKind::Ready => "is ready and not polled",
            SegmentKind::Wait => "waits",
        };
        format!("{name} {doing} {length} ({share:.0}\u{a0}%)")
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    let left = stretches.len() - longest.len();
    let rest = match left {
        0 => String::new(),
        1 => ", and one short stretch".to_owned(),
        left => format!(", and {left} shorter stretches"),
    };
    line("critical path", &format!("{}{rest}", told.join(", then ")))
}

/// The findings that deserve a second look. Each piece of advice is given once: `advised` holds
/// those that appeared in the runs above.
pub(crate) fn findings(findings: &[Finding], advised: &mut BTreeSet<&'static str>) -> String {
    let mut text = String::new();
    for finding in findings.iter().take(MOST_FINDINGS) {
        let (style, label) = match finding.severity {
            Severity::Severe => (BAD, "severe"),
            Severity::Warning => (BOLD, "warning"),
            Severity::Note => (DIM, "note"),
        };
        let mut told = format!("{label}: {}.", finding.text);
        if advised.insert(finding.advice) {
            let _ = write!(told, " {}.", capital(finding.advice));
        }
        let told = wrap::wrapped(&told, "  ", "    ");
        text.push_str(&told.replacen(label, &format!("{style}{label}{style:#}"), 1));
    }
    if findings.len() > MOST_FINDINGS {
        let left = findings.len() - MOST_FINDINGS;
        let _ = writeln!(text, "  {DIM}and {left} more (--format json){DIM:#}");
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// The cost of recording, and the events that it left out.
pub(crate) fn cost(trace: &Trace) -> String {
    let polls: u64 = trace.tasks.iter().map(|task| task.polls).sum();
    let mut text = format!("{} recorded", polls_of(polls));
    if let Some(cost) = trace.run.poll_cost {
        let _ = write!(
            text,
            ", at a cost of about {}{} each",
            time(cost),
            real(trace)
        );
    }
    if trace.run.dropped > 0 {
        let _ = write!(
            text,
            "; {} events over the limit of {} were dropped, and the end is missing (--trace-limit)",
            trace.run.dropped, trace.run.limit
        );
    }
    let mut text = wrap::wrapped(&text, "  ", "  ").replace(GLUE, " ");
    text.insert_str(0, &format!("{DIM}"));
    text.truncate(text.trim_end().len());
    text + &format!("{DIM:#}\n")
}

fn polls_of(count: u64) -> String {
    match count {
        1 => "1 poll".to_owned(),
        count => format!("{count} polls"),
    }
}
