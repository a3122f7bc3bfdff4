//! The picture of a trace: a row per task, a row per thread, fitted to the terminal.

use std::fmt::Write as _;
use std::time::Duration;

use pollmark_core::Unit;
use pollmark_core::trace::{Life, Period, State, TaskId, Trace, lives};

use super::fit::{fitted, width};
use super::row::{Mark, Part, Row, chart, painted};
use super::scale::Scale;
use crate::text::styles::DIM;
use crate::text::units::show;
use crate::text::wrap;

/// The most tasks that all get a row of their own. If there are more, the rest is one
/// chart.
const MOST_TASKS: usize = 20;

/// The number of tasks that get a row of their own if not all do.
const FIRST_TASKS: usize = 8;

/// The most threads that get a row of their own.
const MOST_THREADS: usize = 10;

/// The widest name, in characters.
const MOST_NAME: usize = 22;

/// The style of pictures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Use letters that every terminal has.
    pub(crate) ascii: bool,
    /// The whole width, names included.
    pub(crate) width: usize,
}

/// Whether a task in that state counts.
type Counts = fn(State) -> bool;

/// The data of a picture: the lives of the tasks in scenario time, cut to the run.
pub(crate) struct Picture<'a> {
    trace: &'a Trace,
    lives: Vec<Life>,
    threads: Vec<String>,
    from: Duration,
    to: Duration,
}

impl<'a> Picture<'a> {
    /// Returns `None` for a run whose root never began.
    pub(crate) fn of(trace: &'a Trace) -> Option<Self> {
        let (from, to) = trace.window()?;
        Some(Picture {
            trace,
            lives: lives(trace),
            threads: trace.thread_names(),
            from,
            to,
        })
    }

    /// The duration of the run, in scenario time.
    pub(crate) fn span(&self) -> Duration {
        self.trace.scenario_span(self.to - self.from)
    }

    /// The width of the widest name in it.
    pub(crate) fn name_width(&self) -> usize {
        let shown = self.shown();
        let tasks = shown
            .iter()
            .map(|&task| self.trace.tasks[task].name.as_str());
        let threads = self.threads.iter().take(MOST_THREADS);
        let threads = threads.map(|name| width(name));
        let names = tasks.map(width).chain(threads);
        names.max().unwrap_or(0).clamp(LONGEST_HEAD, MOST_NAME)
    }

    /// The rows by task and by thread, and the axis of time.
    pub(crate) fn draw(&self, span: Duration, names: usize, manner: Manner) -> String {
        let columns = manner.width.saturating_sub(names + INDENT + 2).max(10);
        let scale = Scale::new(span, columns);
        let mut text = self.by_task(scale, names, manner.ascii);
        text.push_str(&self.by_thread(scale, names, manner.ascii));
        for line in scale.axis(manner.ascii) {
            let _ = writeln!(text, "{}{DIM}{line}{DIM:#}", " ".repeat(INDENT + names + 2));
        }
        text
    }

    /// The tasks that get a row of their own, in the order in which they were spawned.
    fn shown(&self) -> Vec<TaskId> {
        let all = 0..self.trace.tasks.len();
        let count = if all.len() <= MOST_TASKS {
            all.len()
        } else {
            FIRST_TASKS
        };
        all.take(count).collect()
    }

    /// A period in scenario time since the beginning of the run, cut to the run.
    fn cut(&self, period: &Period) -> Option<(Duration, Duration)> {
        if period.from > self.to || period.to < self.from {
            return None;
        }
        let since = |at: Duration| {
            self.trace
                .scenario_span(at.clamp(self.from, self.to) - self.from)
        };
        Some((since(period.from), since(period.to)))
    }

    /// The parts of a stretch that lie within the run.
    fn parts(&self, stretch: &[Period]) -> Vec<Part> {
        let part = |period: &Period| {
            let (from, to) = self.cut(period)?;
            let state = period.state;
            Some(Part { from, to, state })
        };
        stretch.iter().filter_map(part).collect()
    }

    fn by_task(&self, scale: Scale, names: usize, ascii: bool) -> String {
        let mut text = String::new();
        let shown = self.shown();
        for &task in &shown {
            let mut row = Row::new(scale);
            for stretch in stretches(&self.lives[task]) {
                row.add(&self.parts(stretch));
            }
            let name = fitted(&self.trace.tasks[task].name, names, ascii);
            let row = format!("  {name}  {}", painted(&row.marks(), ascii));
            let _ = writeln!(text, "{}", row.trim_end());
        }
        let rest = &self.lives[shown.len()..];
        if !rest.is_empty() {
            text.push_str(&self.folded(rest, scale, names, ascii));
        }
        text
    }

    /// Many tasks as three charts: the numbers in flight, ready and polled.
    fn folded(&self, lives: &[Life], scale: Scale, names: usize, ascii: bool) -> String {
        let charts: [(&str, Counts); 3] = [
            ("in flight", |_| true),
            ("ready", |state| state == State::Ready),
            ("polled", |state| {
                matches!(state, State::Running | State::Blocking)
            }),
        ];
        let mut rows = String::new();
        let mut most = Vec::new();
        for (title, counts) in charts {
            let totals = self.totals(lives, scale, counts);
            let highest = self.most(lives, counts) as f64;
            most.push(format!("{} {title}", show(highest, Unit::Count)));
            let row = format!("  {title:names$}  {}", chart(&totals, ascii));
            let _ = writeln!(rows, "{}", row.trim_end());
        }
        let count = lives.len();
        let most = most.join(", ");
        format!("  {DIM}and {count} more tasks: up to {most} at a time{DIM:#}\n{rows}")
    }

    /// The largest number of the lives that are in such a state at the same time. A period of
    /// no length overlaps with no other.
    fn most(&self, lives: &[Life], counts: Counts) -> usize {
        let periods = lives.iter().flat_map(|life| &life.periods);
        let counted = periods.filter(|period| counts(period.state));
        let mut changes = Vec::new();
        let mut most = 0;
        for (from, to) in counted.filter_map(|period| self.cut(period)) {
            most = 1;
            if from < to {
                changes.extend([(from, 1), (to, -1)]);
            }
        }
        // At the same moment, ends come before beginnings.
        changes.sort_unstable();
        let mut now = 0_isize;
        for (_, change) in changes {
            now += change;
            most = most.max(now);
        }
        most.unsigned_abs()
    }

    /// The average number of the lives that are in such a state, in each column.
    fn totals(&self, lives: &[Life], scale: Scale, counts: Counts) -> Vec<f64> {
        let mut totals = vec![0.0; scale.columns()];
        for period in lives.iter().flat_map(|life| &life.periods) {
            let Some((from, to)) = self.cut(period).filter(|_| counts(period.state)) else {
                continue;
            };
            let (begin, end) = (scale.position(from), scale.position(to));
            for (column, total) in totals.iter_mut().enumerate().skip(scale.column(from)) {
                if column as f64 >= end {
                    break;
                }
                *total += end.min(column as f64 + 1.0) - begin.max(column as f64);
            }
        }
        totals
    }

    /// The total time in which tasks were polled, divided by the time of the run.
    pub(crate) fn busy(&self) -> f64 {
        let periods = self.lives.iter().flat_map(|life| &life.periods);
        let polled = periods.filter(|period| period.is_polled());
        let lengths = polled.filter_map(|period| self.cut(period));
        let total: Duration = lengths.map(|(from, to)| to - from).sum();
        total.as_secs_f64() / self.span().as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn by_thread(&self, scale: Scale, names: usize, ascii: bool) -> String {
        let mut rows: Vec<Option<(Row, f64)>> = self.trace.threads.iter().map(|_| None).collect();
        for stretch in self.lives.iter().flat_map(stretches) {
            let parts = match stretch[0].is_polled() {
                true => self.parts(stretch),
                false => continue,
            };
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
                continue;
            };
            let thread = self.trace.events[stretch[0].begun_by].thread;
            let (row, busy) = rows[thread].get_or_insert_with(|| (Row::new(scale), 0.0));
            *busy += (last.to - first.from).as_secs_f64();
            row.add(&parts);
        }
        let mut used: Vec<(usize, Row, f64)> = rows
            .into_iter()
            .enumerate()
            .filter_map(|(thread, row)| row.map(|(row, busy)| (thread, row, busy)))
            .collect();
        let count = used.len();
        if count > MOST_THREADS {
            // The threads that did most, in the order of all threads.
            used.sort_by(|a, b| b.2.total_cmp(&a.2));
            used.truncate(MOST_THREADS);
            used.sort_by_key(|(thread, ..)| *thread);
        }
        let mut text = format!("  {DIM}by thread{DIM:#}\n");
        for (thread, row, _) in &used {
            let name = fitted(&self.threads[*thread], names, ascii);
            let _ = writeln!(text, "  {name}  {}", painted(&row.marks(), ascii));
        }
        if count > used.len() {
            let _ = writeln!(
                text,
                "  {DIM}and {} threads that did less{DIM:#}",
                count - used.len()
            );
        }
        text
    }
}

/// The stretches of a task's life: all periods of a poll together, any other period by
/// itself. Between two polls a task waits or is ready.
fn stretches(life: &Life) -> impl Iterator<Item = &[Period]> {
    life.periods.chunk_by(|a, b| a.is_polled() && b.is_polled())
}

/// The number of blanks before a name.
const INDENT: usize = 2;

/// The width of the longest title of a folded row.
const LONGEST_HEAD: usize = 9;

/// The meaning of the marks, in a line.
pub(crate) fn legend(ascii: bool) -> String {
    let mark = |mark: Mark| {
        let style = mark.style();
        format!("{style}{}{style:#} {}", mark.glyph(ascii), mark.name())
    };
    let marks = Mark::SHOWN.map(mark).join("   ");
    format!("{marks}\n")
}

/// The style and the width of the pictures for this terminal.
pub(crate) fn manner(ascii: bool) -> Manner {
    Manner {
        ascii,
        width: wrap::width(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_a_time_is_no_average() {
        let trace = serde_json::from_value(serde_json::json!({
            "run": {
                "clock": "virtual", "speed": 1.0, "workers": 1, "blocking_threads": null,
                "root": 0, "epoch_ns": 0, "until_ns": 100, "shutdown_event": null,
                "limit": 10, "dropped": 0, "poll_cost_ns": null,
            },
            "threads": [], "events": [],
            "tasks": [{
                "id": 0, "name": "main", "kind": "task", "parent": null,
                "spawned_at": { "file": "", "line": 1 }, "spawned_ns": 0, "started_ns": 0,
                "ended_ns": null, "end": null, "polls": 1, "wakes": 0,
            }],
        }));
        let trace: Trace = trace.expect("it is a trace");
        let life = |periods: &[(u64, u64)]| Life {
            task: 0,
            periods: periods
                .iter()
                .map(|&(from, to)| Period {
                    from: Duration::from_nanos(from),
                    to: Duration::from_nanos(to),
                    state: State::Ready,
                    begun_by: 0,
                    ended_by: None,
                })
                .collect(),
        };
        let picture = Picture::of(&trace).expect("main was polled");
        let lives = [life(&[(0, 2), (2, 3)]), life(&[(2, 4)]), life(&[(3, 3)])];
        assert_eq!(picture.most(&lives, |_| true), 2);
        assert_eq!(picture.most(&lives[2..], |_| true), 1);
        assert_eq!(picture.most(&lives, |state| state == State::Running), 0);
    }
}
