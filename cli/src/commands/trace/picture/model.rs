//! The content of a picture: rows in groups, and the time of the run.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::slice;
use std::time::Duration;

use pollmark_core::trace::{State, TaskId};

use super::look::Sign;
use crate::text::fit;

/// The widest name, in characters.
const MOST_NAME: usize = 24;

/// The narrowest column of names.
const LEAST_NAME: usize = 9;

/// The rows of a run, in scenario time since the first poll of its root.
#[derive(Debug)]
pub(crate) struct Picture {
    /// The duration of the run.
    pub(crate) span: Duration,
    pub(crate) groups: Vec<Group>,
    /// The total time in which tasks were polled, divided by the time of the run.
    pub(crate) busy: f64,
}

/// Rows that belong together.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// The line above the rows, if they need one.
    pub(crate) title: Option<String>,
    pub(crate) rows: Vec<Row>,
    /// The line below the rows about those that are left out.
    pub(crate) left_out: Option<String>,
}

/// A line of a picture.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// The number of tasks and futures around it, by which it is indented.
    pub(crate) depth: usize,
    pub(crate) kind: Kind,
    /// In order of their beginnings; where there is none, the row is empty. A row of
    /// [`Kind::Count`] has all of its periods in one, and these may overlap.
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) marks: Vec<Mark>,
}

/// The subject of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Task(TaskId),
    /// The thread of that number among the rows of threads.
    Thread(usize),
    /// The number of tasks in that state.
    Count(State),
}

/// Periods that belong together: those of one poll, or any other one by itself.
#[derive(Debug, PartialEq)]
pub(crate) enum Stretch {
    /// As most are.
    One(Part),
    Many(Vec<Part>),
}

impl Deref for Stretch {
    type Target = [Part];

    fn deref(&self) -> &[Part] {
        match self {
            Stretch::One(part) => slice::from_ref(part),
            Stretch::Many(parts) => parts,
        }
    }
}

/// A period in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) state: State,
}

/// A moment that is pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: Duration,
    pub(crate) sign: Sign,
}

impl Row {
    /// The name, indented.
    pub(crate) fn label(&self) -> String {
        format!("{}{}", "  ".repeat(self.depth), self.name)
    }
}

impl Picture {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// The width of the widest name, within reason.
    pub(crate) fn name_width(&self) -> usize {
        let widths = self.rows().map(|row| fit::width(&row.label()));
        widths.max().unwrap_or(0).clamp(LEAST_NAME, MOST_NAME)
    }

    /// The marks that occur, which the legend explains.
    pub(crate) fn signs(&self) -> BTreeSet<Sign> {
        let marks = self.rows().flat_map(|row| &row.marks);
        marks.map(|mark| mark.sign).collect()
    }
}
