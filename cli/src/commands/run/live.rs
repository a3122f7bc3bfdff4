//! The output while cells run: the transcript of each variant, and progress.
//!
//! Cells may run side by side, but are shown in their order. The first cell of a variant is
//! shown line by line as it runs. Another cell that did the same in the same order is shown
//! as one line, so that differences stand out.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;

use super::same_events::{self, Beside};
use crate::args::{Format, RunArgs};
use crate::model::cell::Cell;
use crate::model::result::{CellResult, Line};
use crate::output::human;
use crate::output::sink::Output;
use crate::text::progress;

pub(crate) struct Live<'a> {
    cells: &'a [Cell],
    /// Whether transcripts are shown at all.
    pub(super) shown: bool,
    progress: ProgressBar,
    /// The index of the cell that is shown now.
    current: usize,
    /// The output of the cells after the current one.
    waiting: BTreeMap<usize, Pending>,
}

#[derive(Default)]
struct Pending {
    /// Whether it has said a line.
    begun: bool,
    /// The lines that are still to be shown. Those of a cell that is no first of its variant are
    /// shown from its result, if at all, and not kept here.
    lines: Vec<Line>,
    done: Option<Rc<CellResult>>,
}

impl<'a> Live<'a> {
    pub(crate) fn new(cells: &'a [Cell], args: &RunArgs) -> Self {
        let wanted = !args.quiet && cells.len() > 1;
        let template = "{spinner} {pos}/{len} cells, {elapsed} {wide_bar}";
        let tick = Duration::from_millis(100);
        Live {
            cells,
            shown: !args.quiet && args.format == Format::Human,
            progress: progress::bar(wanted, cells.len() as u64, template, tick),
            current: 0,
            waiting: BTreeMap::new(),
        }
    }

    pub(crate) fn line(&mut self, index: usize, line: Line, output: &mut Output) -> Result<()> {
        if !self.shown {
            return Ok(());
        }
        let opens = self.opens_variant(index);
        let pending = self.waiting.entry(index).or_default();
        let is_first = !std::mem::replace(&mut pending.begun, true);
        if index != self.current || !opens {
            pending.lines.extend(opens.then_some(line));
            return Ok(());
        }
        let mut text = String::new();
        if is_first {
            text.push_str(&human::variant_heading(&self.cells[index]));
            text.push_str(&human::cell_heading(&self.cells[index]));
        }
        text.push_str(&human::line(&line));
        self.print(&text, output)
    }

    pub(crate) fn done(
        &mut self,
        index: usize,
        result: &Rc<CellResult>,
        output: &mut Output,
    ) -> Result<()> {
        self.progress.inc(1);
        if !self.shown {
            return Ok(());
        }
        self.waiting.entry(index).or_default().done = Some(result.clone());
        while self.show_current(output)? {}
        Ok(())
    }

    /// Also shows the cells that ended after one that Ctrl-C interrupted.
    pub(crate) fn finish(&mut self, output: &mut Output) -> Result<()> {
        self.progress.finish_and_clear();
        while self.shown && self.current < self.cells.len() {
            if !self.show_current(output)? {
                let mut text = String::new();
                self.pass_over(&mut text);
                self.print(&text, output)?;
            }
        }
        Ok(())
    }

    /// Skips the current cell, which did not end.
    fn pass_over(&mut self, text: &mut String) {
        let index = self.current;
        if self.opens_variant(index) {
            let mut after = self.waiting.range(index + 1..);
            let is_of_variant = |other: usize| self.first_of_variant(other) == index;
            if self.is_begun(index) {
                text.push_str("  (interrupted)\n");
            } else if after.any(|(&other, pending)| pending.done.is_some() && is_of_variant(other))
            {
                text.push_str(&human::variant_heading(&self.cells[index]));
            }
        }
        self.advance(text);
    }

    fn is_begun(&self, index: usize) -> bool {
        let pending = self.waiting.get(&index);
        pending.is_some_and(|pending| pending.begun)
    }

    /// Shows the current cell if it has ended. Returns whether it had.
    fn show_current(&mut self, output: &mut Output) -> Result<bool> {
        let index = self.current;
        let Some(pending) = self.waiting.get(&index) else {
            return Ok(false);
        };
        let Some(result) = &pending.done else {
            return Ok(false);
        };
        let cell = &self.cells[index];
        let mut text = String::new();
        if self.opens_variant(index) {
            if !pending.begun {
                text.push_str(&human::variant_heading(cell));
                text.push_str(&human::cell_heading(cell));
                text.push_str(&human::nothing(result));
            }
        } else {
            let first = self.first_of_variant(index);
            let like = self
                .waiting
                .get(&first)
                .and_then(|first| first.done.as_ref());
            let beside = like.map(|first| same_events::beside(cell, result, first));
            match beside.unwrap_or(Beside::Unlike("")) {
                Beside::Like(line) => text.push_str(&line),
                Beside::Unlike(remark) => {
                    text.push_str(&human::cell_heading(cell));
                    if !remark.is_empty() {
                        text.push_str(&format!("    ({remark})\n"));
                    }
                    text.extend(result.transcript.iter().map(human::line));
                    if result.transcript.is_empty() {
                        text.push_str(&human::nothing(result));
                    }
                }
            }
        }
        text.push_str(&human::steps(result));
        text.push_str(&human::trouble(result));
        self.advance(&mut text);
        self.print(&text, output)?;
        Ok(true)
    }

    /// Moves on to the next cell. If that one is running already and is shown line by line, its
    /// lines so far are added to `text`.
    fn advance(&mut self, text: &mut String) {
        let index = self.current;
        self.current += 1;
        if self.current == self.cells.len() || self.opens_variant(self.current) {
            let first = self.first_of_variant(index);
            let mut kept = self.waiting.range(first..=index);
            let is_shown = |pending: &Pending| pending.done.is_some();
            if self.is_begun(first) || kept.any(|(_, pending)| is_shown(pending)) {
                text.push('\n');
            }
            self.waiting.retain(|&kept, _| kept > index);
        }
        if self.current < self.cells.len()
            && self.opens_variant(self.current)
            && let Some(pending) = self.waiting.get_mut(&self.current)
            && pending.begun
        {
            let lines = std::mem::take(&mut pending.lines);
            text.push_str(&human::variant_heading(&self.cells[self.current]));
            text.push_str(&human::cell_heading(&self.cells[self.current]));
            text.extend(lines.iter().map(human::line));
        }
    }

    fn print(&self, text: &str, output: &mut Output) -> Result<()> {
        self.progress.suspend(|| output.write(text.as_bytes()))
    }

    fn opens_variant(&self, index: usize) -> bool {
        self.first_of_variant(index) == index
    }

    /// The first of the adjacent cells of the same variant.
    fn first_of_variant(&self, index: usize) -> usize {
        let variant = |index: usize| {
            let Cell { spec, given, .. } = &self.cells[index];
            (&spec.scenario, &spec.variant, given)
        };
        let others = (0..index).rev();
        let same = others.take_while(|&other| variant(other) == variant(index));
        same.last().unwrap_or(index)
    }
}
