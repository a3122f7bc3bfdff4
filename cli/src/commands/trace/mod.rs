//! `pollmark trace`: draws the activity of every task, named future and thread.
//!
//! Each cell runs once with every poll recorded, in a process of its own. [`picture`] has its
//! rows as data and draws them, [`words`] sums them up in sentences, [`steps`] goes through the
//! events one by one, [`mod@interactive`] does so with the keyboard, [`gate`] holds the findings
//! against those that are denied, and [`mod@json`] is for programs.

mod gate;
mod interactive;
mod json;
mod kept;
mod picture;
mod recorded;
mod steps;
mod told;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use pollmark_core::Speed;
use pollmark_core::trace::{ChromeSheet, Drawn};

use self::interactive::step_through;
use self::json::{Cells, json};
use self::kept::{Kept, Pieces};
use self::picture::sheet::programs;
use self::picture::svg;
use self::picture::text::{self, Manner};
use self::recorded::{Run, Wanted, record};
use crate::args::{HumanOrJson, ThemeArg, TraceArgs};
use crate::commands::prepare::{self, Prologue};
use crate::model::cell::Cell;
use crate::model::environment::Environment;
use crate::model::select::Twins;
use crate::output::file::Destination;
use crate::output::sink;
use crate::output::theme::Theme;
use crate::process::{ideal, interrupt};
use crate::text::styles::{BOLD, DIM};
use crate::text::{messages, wrap};

/// Traces the cells. Returns whether all went as expected.
pub(crate) fn trace(args: &TraceArgs) -> Result<bool> {
    let shared = &args.shared;
    let prologue = Prologue {
        patterns: &args.cells,
        shared,
        twins: Twins::Merged,
        chrome: args.chrome.as_deref(),
        svg: args.svg.as_deref(),
    };
    if let Some(columns) = args.width {
        wrap::ask_for(columns);
    }
    let cells = prologue.cells(|_| Ok(()))?;
    if args.interactive && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        bail!(
            "--interactive needs a terminal for its input and its output; --steps prints the same"
        );
    }
    if args.interactive && cells.len() > 1 {
        bail!(
            "--interactive steps through one cell, and you chose {}: add a variant and a runner, as in `{}`",
            cells.len(),
            cells[0]
        );
    }
    let draws = !args.interactive && !args.steps && args.format == HumanOrJson::Human;
    let cells = match draws {
        true => ideal::beside(cells),
        false => cells,
    };
    if shared.dry_run {
        return prologue.dry_run(&cells, &ideal::find(&cells)?, 1, 1);
    }
    let environment = prepare::with_builds(Environment::look(), &cells);
    let mut kept = Kept::new(Cells::of(&environment));
    let mut drawn_sheet = Kept::new(Sheet(ChromeSheet::of(cells.len())));
    let mut files = prologue.open(&|to| kept.write(&[], to))?;
    prepare::warn(&environment);
    let (mut saved, mut took) = (Instant::now(), Duration::ZERO);
    if !args.interactive {
        interrupt::listen()?;
    }
    let wanted = Wanted {
        told: draws || args.svg.is_some(),
        transcript: args.format == HumanOrJson::Json || files.save.is_some(),
        denied: &args.deny,
    };
    let (traced, broken_off) = record(&cells, args.trace_limit, wanted, |traced, is_last| {
        let mut is_done = draws && !is_last;
        // The last run is not written again.
        if !is_last && files.chrome.is_some() {
            is_done &= drawn_sheet.add(traced);
        }
        if !is_last && files.save.is_some() {
            is_done &= kept.add(traced);
        }
        if is_done {
            traced.iter_mut().for_each(Run::forget);
        }
        // Earlier runs are copied each time, for no longer than the runs take.
        if !is_last && saved.elapsed() < took {
            return Ok(());
        }
        let begun = Instant::now();
        let keep = if is_last {
            Destination::save
        } else {
            Destination::save_so_far
        };
        if let Some(file) = &mut files.chrome {
            keep(file, &|to| drawn_sheet.write(traced, to));
        }
        if let Some(file) = files.svg.as_mut().filter(|_| is_last) {
            file.save(&|to| svg::draw(traced, to));
        }
        if let Some(file) = &mut files.save {
            keep(file, &|to| kept.write(traced, to));
        }
        (saved, took) = (Instant::now(), begun.elapsed());
        Ok(())
    })?;
    if let Some(path) = &args.chrome {
        messages::note(&format!(
            "{} is for https://ui.perfetto.dev",
            path.display()
        ));
    }
    let manner = Manner::of(args.ascii, Theme::of(args.theme));
    if args.interactive && broken_off.is_none() {
        let shown = step_through(&traced[0], manner)?;
        return Ok(shown & is_passed(&traced));
    }
    // Told first, so that a reader of the output that has gone does not hide it.
    let is_passed = is_passed(&traced);
    let text = match args.format {
        HumanOrJson::Json => json(&traced, &environment)?,
        HumanOrJson::Human if args.steps => all_steps(&traced).into_bytes(),
        HumanOrJson::Human => drawn(&traced, manner).into_bytes(),
    };
    let written = files.output.write(&text);
    if let Some(error) = broken_off {
        let left = cells.len() - traced.len();
        messages::warn(&format!(
            "{left} of {} cells did not come to their end",
            cells.len()
        ));
        return Err(error);
    }
    match written {
        Err(error) if !is_passed => {
            if !sink::is_closed_pipe(&error) {
                messages::complain(&error);
            }
            Ok(false)
        }
        written => written.map(|()| is_passed),
    }
}

/// Whether all runs went as expected and none has a denied finding; says which one has.
fn is_passed(runs: &[Run<'_>]) -> bool {
    let denied: Vec<&String> = runs.iter().flat_map(|run| &run.denied).collect();
    for told in &denied {
        messages::complain(&anyhow!("{told}"));
    }
    let mut judged = runs.iter().filter(|run| !run.cell.is_beside);
    denied.is_empty() && judged.all(|run| run.report.status.is_as_expected())
}

/// The pictures that `run --timeline` shows after a run, drawn from runs of their own.
pub(crate) fn timelines(cells: &[Cell], ascii: bool) -> Result<String> {
    let cells = ideal::beside(cells.to_vec());
    let manner = Manner::of(ascii, Theme::of(ThemeArg::Auto));
    let wanted = Wanted {
        told: true,
        transcript: false,
        denied: &[],
    };
    let (traced, broken_off) = record(&cells, DEFAULT_LIMIT, wanted, |traced, _| {
        traced.iter_mut().for_each(Run::forget);
        Ok(())
    })?;
    broken_off.map_or_else(|| Ok(drawn(&traced, manner)), Err)
}

/// The default limit of recorded events per run.
pub(crate) const DEFAULT_LIMIT: usize = pollmark_core::trace::record::DEFAULT_LIMIT;

/// All runs for a viewer of Chrome traces, by names that are short: there is little room.
/// Ideals are drawn at the speed of what stands beside them.
#[derive(Clone)]
struct Sheet(ChromeSheet);

impl Pieces for Sheet {
    fn head(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(ChromeSheet::HEAD)
    }

    fn piece(&mut self, run: &Run<'_>, to: &mut dyn Write) -> io::Result<()> {
        let Some(trace) = &run.trace else {
            return Ok(());
        };
        let cell = run.cell;
        let label = match cell.workers() {
            Some(workers) => format!("{} ({workers}): {}", cell.column(), cell.program()),
            None => format!("{}: {}", cell.column(), cell.program()),
        };
        let drawn = Drawn {
            label: &label,
            trace,
            speed: Speed::new(cell.spec.speed).map_err(io::Error::other)?,
        };
        self.0.run(&drawn, to)
    }

    fn tail(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(ChromeSheet::TAIL)
    }
}

/// The programs one after the other, the runners of each one above the other at the same
/// scale.
fn drawn(runs: &[Run<'_>], manner: Manner) -> String {
    let mut text = String::new();
    for program in programs(runs) {
        text.push_str(&wrap::titled(&program.title, program.summary));
        text.push_str(&text::legend(&program.signs, manner));
        let mut advised = BTreeSet::new();
        for shown in &program.runs {
            let (runner, took) = shown.heading();
            let _ = write!(text, "\n{BOLD}{runner}{BOLD:#}");
            if let Some(took) = took {
                let _ = write!(text, "  {took}");
            }
            if shown.is_ideal() {
                let _ = write!(text, "  {DIM}the ideal{DIM:#}");
            }
            text.push('\n');
            let run = shown.run;
            text.push_str(&run.trouble());
            text.push_str(&run.notes());
            let (Some(picture), Some(told)) = (shown.picture, &run.told) else {
                let _ = writeln!(text, "  {DIM}(nothing was recorded){DIM:#}");
                continue;
            };
            text.push_str(&text::draw(picture, program.span, program.names, manner));
            text.push_str(&told.words(&mut advised));
        }
        let mut told = program
            .runs
            .iter()
            .filter_map(|shown| shown.run.told.as_ref());
        text.push_str(&words::terms(told.any(|told| told.is_scaled)));
        text.push('\n');
    }
    text
}

fn all_steps(runs: &[Run<'_>]) -> String {
    let mut text = String::new();
    for run in runs {
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", run.cell.full_name());
        match &run.trace {
            Some(trace) => text.push_str(&steps::text(trace)),
            None => text.push_str("  (nothing was recorded)\n"),
        }
        text.push_str(&run.trouble());
        text.push('\n');
    }
    text
}
