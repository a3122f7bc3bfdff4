//! The lines of the program that belong to a task: those around its spawn.

use pollmark_core::trace::Task;
use pollmark_core::{Listing, builtin};

use crate::model::cell::Cell;
use crate::model::program_text;

/// The source of a cell's program.
#[derive(Debug)]
pub(super) struct Source {
    listing: Option<Listing>,
    /// The functions of the variant.
    program: String,
}

/// A line of source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its number in the file; `None` in a program that is put together from its functions.
    pub(super) number: Option<u32>,
    pub(super) text: &'a str,
    /// Whether it spawned the task.
    pub(super) is_here: bool,
}

impl Source {
    pub(super) fn of(cell: &Cell) -> Self {
        let mut listings = builtin().into_iter();
        let listing = listings.find(|listing| listing.info.id == cell.spec.scenario);
        let program = listing
            .as_ref()
            .map(|of| program_text::of(of, &cell.variant));
        Source {
            program: program.unwrap_or_default(),
            listing,
        }
    }

    /// At most `room` lines: around the spawn of `task` if that is in the scenario's file, else
    /// the program from its first line.
    pub(super) fn lines(&self, task: Option<&Task>, room: usize) -> Vec<Line<'_>> {
        let spawned = task.and_then(|task| self.spawned(task));
        let Some((text, here)) = spawned else {
            let lines = self.program.lines().take(room);
            let lines = lines.map(|text| Line {
                number: None,
                text,
                is_here: false,
            });
            return lines.collect();
        };
        let (count, middle) = (text.lines().count(), room / 2);
        let first = (here as usize).saturating_sub(middle + 1);
        let first = first.min(count.saturating_sub(room));
        let lines = text.lines().zip(1..).skip(first).take(room);
        let lines = lines.map(|(text, number)| Line {
            number: Some(number),
            text,
            is_here: number == here,
        });
        lines.collect()
    }

    /// The scenario's file and the line in it that spawned the task.
    fn spawned(&self, task: &Task) -> Option<(&str, u32)> {
        let listing = self.listing.as_ref()?;
        let text = listing.info.text;
        let place = &task.spawned_at;
        let module = place.file.rsplit('/').next()?.strip_suffix(".rs")?;
        // Files are named by the scenario that they hold.
        let is_own = module.replace('_', "-") == listing.info.id;
        (is_own && place.line as usize <= text.lines().count()).then_some((text, place.line))
    }
}
