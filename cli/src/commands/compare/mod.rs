//! `pollmark compare`: which runner is faster, by how much, and whether the difference is
//! real.
//!
//! [`rounds`] takes the samples. [`sheet`] groups the cells that stand beside each other and has
//! them judged ([`judge`](crate::stats::judge)) by a figure ([`metric`](crate::model::metric)).
//! [`table`], [`overview`] and [`scaling`] print them, and [`interruption`] reports the rounds that
//! were not done.

mod interruption;
mod overview;
mod rounds;
mod scaling;
mod sheet;
mod table;

use anyhow::{Context, Result, bail};

use self::rounds::{Plan, Rounds};
use self::sheet::Sheet;

use crate::args::{CompareArgs, Format};
use crate::commands::prepare::{self, Prologue};
use crate::model::cell::Cell;
use crate::model::environment::Environment;
use crate::model::result::{CellResult, Comparison, Judgement, Results};
use crate::model::runners;
use crate::model::select::{Selection, Twins};
use crate::output::{csv, json, saved};
use crate::process::ideal;
use crate::stats::intervals;
use crate::stats::judge::Reference;
use crate::text::lists::distinct;
use crate::text::messages;
use crate::text::suggest::unknown;

/// Compares the cells. Returns whether all went as expected.
///
/// # Errors
///
/// [`Interrupted`](crate::process::interrupt::Interrupted) after Ctrl-C, or the reason for which
/// a process could not be started: the samples taken by then have been printed and saved.
pub(crate) fn compare(args: &CompareArgs) -> Result<bool> {
    let shared = &args.shared;
    let prologue = Prologue {
        patterns: &args.cells,
        shared,
        twins: Twins::Kept,
        chrome: None,
        svg: None,
    };
    let cells = &prologue.cells(leave_out_endless)?;
    let figure = args.figure.as_deref();
    let comparisons = sheet::comparisons(cells, figure)?;
    let reference = reference(args.reference.as_deref(), cells)?;
    let ideals = ideal::find(cells)?;
    let samples = args.samples.unwrap_or_else(|| enough_samples(comparisons));
    if shared.dry_run {
        let rounds = format!("each of them {} times over\n", samples + 3);
        return prologue.dry_run(cells, &ideals, 1, &rounds);
    }
    let environment = prepare::with_builds(Environment::look_at_timer(), cells);
    let order_seed = args
        .order_seed
        .unwrap_or_else(|| fastrand::u64(..1_000_000));
    let content = |results: &[CellResult], comparison| {
        saved::content(&environment, results.to_vec(), Some(comparison))
    };
    let nothing = comparison(order_seed, &[], cells, None);
    let mut files = prologue.open(&content(&[], nothing))?;
    let mut keep = |results: &[CellResult], order: &[Vec<usize>]| {
        if let Some(save) = &mut files.save {
            let comparison = comparison(order_seed, order, cells, None);
            save.save_so_far(&content(results, comparison));
        }
    };
    prepare::warn(&environment);

    // Before they are taken, for that is when more can be asked for.
    if let Some(warning) = interruption::too_few(samples as usize, comparisons) {
        messages::warn(&warning);
    }
    let plan = Plan {
        samples,
        budget: args.budget,
        order_seed,
        quiet: args.quiet,
    };
    let rounds = rounds::run(cells, &ideals, plan, &mut keep)?;
    let sheet = Sheet::new(cells, &rounds.results, figure, reference, args.noise)?;
    warn_of_samples(&sheet, &rounds, samples);

    let comparison = comparison(order_seed, &rounds.order, cells, Some(&sheet));
    if let Some(save) = &mut files.save {
        save.save(&content(&rounds.results, comparison.clone()));
    }
    let text = match args.format {
        Format::Human => human_text(&sheet, &rounds, plan, &environment),
        Format::Json => json::json(&Results::new(
            &environment,
            rounds.results.clone(),
            Some(comparison),
        )),
        Format::Csv => csv::csv(&rounds.results)?,
        Format::Markdown => overview::markdown(&sheet, &environment),
    };
    files.output.write(text.as_bytes())?;
    if let Some(error) = rounds.broken_off {
        return Err(error);
    }
    Ok(rounds.results.iter().all(CellResult::is_as_expected))
}

fn human_text(sheet: &Sheet<'_>, rounds: &Rounds, plan: Plan, environment: &Environment) -> String {
    let mut text = table::blocks(sheet);
    text.push_str(&scaling::tables(sheet));
    text.push_str(&overview::overview(sheet));
    text.push_str(&table::closing(sheet, rounds, plan, environment));
    text
}

/// The number of samples if no other is given and few cells are compared.
const SAMPLES: usize = 12;

/// The number of samples beyond the fewest that can show anything: at the fewest, every
/// single one has to agree.
const SPARE: usize = 2;

/// The number of samples that this many comparisons take.
fn enough_samples(comparisons: usize) -> u32 {
    let needed = intervals::samples_needed(intervals::confidence(comparisons)) + SPARE;
    u32::try_from(needed.max(SAMPLES)).unwrap_or(u32::MAX)
}

/// A program that never ends has no time to compare.
fn leave_out_endless(selection: &mut Selection) -> Result<()> {
    let (endless, cells): (Vec<Cell>, Vec<Cell>) = std::mem::take(&mut selection.cells)
        .into_iter()
        .partition(Cell::never_ends);
    selection.cells = cells;
    let program = |cell: &Cell| format!("{}/{}", cell.spec.scenario, cell.spec.variant);
    let programs = distinct(endless.iter().map(program));
    if selection.cells.is_empty() {
        bail!("nothing to compare: {} never ends", programs.join(", "));
    }
    let remarks = programs
        .iter()
        .map(|program| format!("{program} never ends, so there is nothing to compare"));
    selection.remarks.extend(remarks);
    Ok(())
}

/// The reference for the ratios: the requested one, or the ideal if every program has one
/// and is compared by its time, or the first runner.
fn reference(wanted: Option<&str>, cells: &[Cell]) -> Result<Reference> {
    let runners = distinct(cells.iter().map(Cell::column));
    match wanted {
        Some("ideal") => Ok(Reference::Ideal),
        Some(name) if runners.iter().any(|runner| runner == name) => {
            Ok(Reference::Runner(name.to_owned()))
        }
        Some(name) => {
            let choices = runners.iter().map(String::as_str).chain(["ideal"]);
            Err(unknown("reference", name, choices).context("--reference"))
        }
        None => {
            let by_time = |cell: &Cell| cell.variant.has_ideal && cell.variant.measures.is_empty();
            // Another build is a question about this one.
            let is_own = |cell: &Cell| cell.build.is_none();
            if cells.iter().all(|cell| by_time(cell) && is_own(cell)) {
                return Ok(Reference::Ideal);
            }
            let first = runners.into_iter().next().context("no cell")?;
            Ok(Reference::Runner(first))
        }
    }
}

fn comparison(
    order_seed: u64,
    order: &[Vec<usize>],
    cells: &[Cell],
    sheet: Option<&Sheet<'_>>,
) -> Comparison {
    let name = |&index: &usize| cells[index].full_name();
    Comparison {
        order_seed,
        order: order
            .iter()
            .map(|round| round.iter().map(name).collect())
            .collect(),
        reference: sheet.map(|sheet| sheet.reference.name().to_owned()),
        noise_threshold: sheet.map(|sheet| sheet.threshold),
        comparisons: sheet.map(|sheet| sheet.comparisons),
        judgements: sheet.map_or_else(Vec::new, judgements),
    }
}

fn judgements(sheet: &Sheet<'_>) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for line in &sheet.lines {
        for (cell, judged) in line.row.cells.iter().zip(&line.judged) {
            let Some(judged) = judged else { continue };
            judgements.push(Judgement {
                scenario: cell.scenario.clone(),
                variant: cell.variant.clone(),
                base: cell.base.clone(),
                column: cell.column.clone(),
                workers: cell.workers,
                params: cell.params.clone(),
                figure: line.row.figure.name().to_owned(),
                median: judged.median,
                interval: judged.interval.map(ends),
                ratio: judged.ratio,
                ratio_interval: judged.ratio_interval.map(ends),
                place: judged.place,
            });
        }
    }
    judgements
}

fn ends(interval: intervals::Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

fn warn_of_samples(sheet: &Sheet<'_>, rounds: &Rounds, samples: u32) {
    if let Some(warning) = interruption::warning(rounds, samples) {
        messages::warn(&warning);
    }
    if rounds.whole < samples as usize
        && let Some(warning) = interruption::too_few(rounds.whole, sheet.comparisons)
    {
        messages::warn(&warning);
    }
    for (name, far, of) in sheet.outliers() {
        messages::warn(&format!(
            "{name}: {far} of {of} samples lie far from the others; something else was running, or it has two modes"
        ));
    }
    for remark in sheet.unequal_pools(runners::ideal_blocking_threads()) {
        messages::note(&remark);
    }
}
