//! The page of one moment: the event, the timeline with a cursor, the states, the source.

use std::time::Duration;

use anstream::adapter::strip_str;
use anstyle::Style;
use pollmark_core::trace::{End, Lives, TaskId, Trace, lives};

use super::keys::{HELP, Position};
use super::source::Source;
use crate::commands::trace::picture::look::Symbol;
use crate::commands::trace::picture::model::{Kind, Picture, Row};
use crate::commands::trace::picture::scale::Scale;
use crate::commands::trace::picture::text::{Manner, painted};
use crate::commands::trace::picture::{columns, rows};
use crate::commands::trace::recorded::Run;
use crate::commands::trace::steps::{Standing, Standings, told};
use crate::text::fit::{clipped, fitted, width as width_of};
use crate::text::styles::{BOLD, DIM};

/// The width of the longest word for a state, and of the blank before it.
const STATE: usize = 10;

/// The lines that are kept free for the source.
const SOURCE: usize = 5;

/// The width from which the source stands beside the timeline, not below it: each has 70 columns.
const BESIDE: usize = 140;

/// The blanks between the two.
const GAP: usize = 2;

/// The help in the last line.
const KEYS: &str = "space next   p back   Home End   number Enter   ? keys   q quit";

/// A run that is stepped through.
pub(super) struct Page<'a> {
    pub(super) trace: &'a Trace,
    title: String,
    picture: Option<Picture>,
    /// The lives of all tasks, also of those that the picture leaves out.
    lives: Lives,
    source: Source,
    manner: Manner,
}

impl<'a> Page<'a> {
    /// Returns `None` where nothing was recorded.
    pub(super) fn of(run: &'a Run<'_>, manner: Manner) -> Option<Self> {
        let trace = run.trace.as_ref()?;
        let lives = lives(trace);
        Some(Page {
            trace,
            title: run.cell.full_name(),
            picture: rows::picture(trace, &lives),
            lives,
            source: Source::of(run.cell),
            manner,
        })
    }

    /// The lines for a screen of that size, none of them wider.
    pub(super) fn lines(
        &self,
        standings: &Standings<'_>,
        place: &Position,
        width: usize,
        height: usize,
    ) -> Vec<String> {
        let manner = Manner {
            width,
            ..self.manner
        };
        let mut lines = vec![bold(&self.title, width), String::new()];
        if place.helps {
            let help = HELP.map(|(keys, does)| format!("{keys:<30}  {does}"));
            lines.extend(help.iter().map(|line| clipped(line, width)));
            return lines;
        }
        let now = standings.index().checked_sub(1);
        lines.extend(
            self.event(standings, now, place)
                .map(|line| clipped(&line, width)),
        );
        lines.push(String::new());
        let room = height.saturating_sub(lines.len() + 1);
        lines.extend(match width >= BESIDE {
            true => {
                let left = width / 2;
                let states = self.states(
                    standings,
                    now,
                    Manner {
                        width: left,
                        ..manner
                    },
                    room,
                );
                side_by_side(states, self.source(now, width - left - GAP, room), left)
            }
            false => {
                let mut lines =
                    self.states(standings, now, manner, room.saturating_sub(SOURCE + 1));
                lines.push(String::new());
                lines.extend(self.source(now, width, room.saturating_sub(lines.len() + 1)));
                lines
            }
        });
        lines.resize(height.saturating_sub(1).max(lines.len()), String::new());
        lines.push(format!("{DIM}{}{DIM:#}", clipped(KEYS, width)));
        // The rows have a least width of their own.
        lines.iter().map(|line| cut(line, width)).collect()
    }

    /// The timeline and the number of tasks in each state, in `room` lines.
    fn states(
        &self,
        standings: &Standings<'_>,
        now: Option<usize>,
        manner: Manner,
        room: usize,
    ) -> Vec<String> {
        // Besides the rows: the cursor, the axis, the tasks left out, and the numbers.
        let mut lines = self.timeline(standings, now, manner, room.saturating_sub(5).max(1));
        let sets = now.map_or_else(String::new, |_| standings.sets());
        lines.push(clipped(&sets, manner.width));
        lines
    }

    /// The lines of the program around the spawn of the event's task.
    fn source(&self, now: Option<usize>, width: usize, room: usize) -> Vec<String> {
        let task = now.map(|index| &self.trace.tasks[self.trace.events[index].task]);
        let source = self.source.lines(task, room).into_iter().map(|line| {
            let number = line.number.map_or_else(String::new, |n| n.to_string());
            let sign = if line.is_here { '>' } else { ' ' };
            let text = format!("{sign}{number:>5}  {}", line.text);
            match line.is_here {
                true => bold(&text, width),
                false => clipped(&text, width),
            }
        });
        source.collect()
    }

    /// The last event and the next one, so that a reader can predict its effect.
    fn event(
        &self,
        standings: &Standings<'_>,
        now: Option<usize>,
        place: &Position,
    ) -> [String; 3] {
        let next = match place.at < place.end {
            true => format!("next: {}", told(standings, place.at)),
            false if self.trace.run.stopped => "next: pollmark stops the run".to_owned(),
            false => "this was the last event of the run".to_owned(),
        };
        let next = match place.typed.is_empty() {
            true => next,
            false => format!("to event {}", place.typed),
        };
        let Some(index) = now else {
            let first = format!("before the first of {} events", place.end);
            return [first, String::new(), next];
        };
        let at = self.trace.scenario_time(self.trace.events[index].at);
        let at = at.as_secs_f64();
        let first = format!("event {} of {}, at {at:.3} s", place.at, place.end);
        [first, told(standings, index).to_string(), next]
    }

    /// A row for each task, with its state and its time, and the cursor through all of them.
    /// At most `most` rows: those around the task of the event, or that one below the first.
    fn timeline(
        &self,
        standings: &Standings<'_>,
        now: Option<usize>,
        manner: Manner,
        most: usize,
    ) -> Vec<String> {
        let Some(picture) = &self.picture else {
            return vec!["the root was never polled".to_owned()];
        };
        let names = picture.name_width();
        let scale = Scale::new(picture.span, manner.columns(names + STATE));
        let at = now.map(|index| self.trace.scenario_time(self.trace.events[index].at));
        let cursor = at.map_or(0, |at: Duration| scale.column(at));
        let rows: Vec<(TaskId, &Row)> = picture.rows().filter_map(of_task).collect();
        let event = now.map(|index| self.trace.events[index].task);
        let of_event = rows.iter().position(|(task, _)| Some(*task) == event);
        let left_out = event.filter(|_| of_event.is_none());
        let left_out = left_out.and_then(|task| self.row(task));
        let most = most.saturating_sub(usize::from(left_out.is_some()));
        let last = rows.len().saturating_sub(most);
        let first = of_event.unwrap_or(0).saturating_sub(most / 2).min(last);
        let shown = rows.into_iter().skip(first).take(most);
        let shown = shown.chain(left_out.as_ref().and_then(of_task));
        let mut rest = self.trace.tasks.len();
        let blank = " ".repeat(names + STATE + 4);
        let arrow = if manner.ascii { 'v' } else { '▼' };
        let mut lines = vec![format!("{blank}{}{arrow}", " ".repeat(cursor))];
        for (task, row) in shown {
            rest -= 1;
            let sign = if Some(task) == event { '>' } else { ' ' };
            let state = self.state(task, standings);
            let name = fitted(&row.label(), names, manner.ascii);
            let symbols = columns::symbols(row, scale);
            lines.push(format!(
                "{sign} {name} {state:<STATE$} {}",
                with_cursor(&symbols, cursor, manner)
            ));
        }
        if rest > 0 {
            lines.push(format!("{DIM}  and {rest} more tasks{DIM:#}"));
        }
        for line in scale.axis(picture.span, manner.ascii) {
            lines.push(format!("{blank}{DIM}{line}{DIM:#}"));
        }
        lines
    }

    /// The row of a task that has none in the picture.
    fn row(&self, task: TaskId) -> Option<Row> {
        rows::of_task(self.trace, self.lives.iter().nth(task)?)
    }

    /// The state of a task, also before its spawn and after its end.
    fn state(&self, task: TaskId, standings: &Standings<'_>) -> &'static str {
        match standings.of(task) {
            Some(Standing::Ready) => "ready",
            Some(Standing::Running) => "running",
            Some(Standing::Blocking) => "blocking",
            Some(Standing::Waiting) => "waiting",
            None if !standings.is_spawned(task) => "",
            None => match self.trace.tasks[task].end {
                Some(End::Dropped) => "cancelled",
                Some(End::Panicked) => "panicked",
                Some(End::Failed) => "failed",
                Some(End::Finished) | None => "ended",
            },
        }
    }
}

fn of_task(row: &Row) -> Option<(TaskId, &Row)> {
    match row.kind {
        Kind::Task(task) => Some((task, row)),
        Kind::Thread(_) | Kind::Count(_) => None,
    }
}

/// The row up to the cursor in its colours, and the rest, which is yet to come, faint.
fn with_cursor(symbols: &[Symbol], cursor: usize, manner: Manner) -> String {
    let glyph = |symbol: &Symbol| symbol.look().glyph(manner.ascii);
    let (past, rest) = symbols.split_at(cursor);
    let drawn = past.iter().rposition(|symbol| *symbol != Symbol::Nothing);
    let blanks = " ".repeat(cursor - drawn.map_or(0, |last| last + 1));
    let here = rest.first().map_or(' ', glyph);
    let rest: String = rest.iter().skip(1).map(glyph).collect();
    let (past, rest) = (painted(past, manner), rest.trim_end());
    let invert = Style::new().invert();
    format!("{past}{blanks}{invert}{here}{invert:#}{DIM}{rest}{DIM:#}")
}

fn bold(text: &str, width: usize) -> String {
    format!("{BOLD}{}{BOLD:#}", clipped(text, width))
}

/// The lines of the left half, which ends at the column `at`, each with one of the right half.
fn side_by_side(left: Vec<String>, right: Vec<String>, at: usize) -> Vec<String> {
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let line = |_| {
        let left = cut(&left.next().unwrap_or_default(), at);
        let right = right.next().unwrap_or_default();
        let blanks = at + GAP - width_of(&strip_str(&left).to_string());
        format!("{left}{}{right}", " ".repeat(blanks))
    };
    (0..count).map(line).collect()
}

/// The beginning of a line that fits in `width` columns, with all the sequences that colour it.
fn cut(line: &str, width: usize) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = clipped(parts.next().unwrap_or_default(), width);
    let mut room = width - width_of(&text);
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        let (sequence, told) = part.split_at(end.map_or(part.len(), |end| end + 1));
        let told = clipped(told, room);
        room -= width_of(&told);
        text.extend(["\u{1b}", sequence, told.as_str()]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_column_and_end_with_the_line() {
        let line = format!("ab{BOLD}cd{BOLD:#}{DIM}ef{DIM:#}");
        assert_eq!(cut(&line, 6), line);
        let within = format!("ab{BOLD}c{BOLD:#}{DIM}{DIM:#}");
        assert_eq!(cut(&line, 3), within);
        let before = format!("a{BOLD}{BOLD:#}{DIM}{DIM:#}");
        assert_eq!(cut(&line, 1), before);
    }
}
