//! `pollmark compare`: which runner is faster, by how much, and whether the difference is
//! real.
//!
//! [`groups`] says which cells stand beside each other, by a figure
//! ([`metric`](crate::model::metric)); [`rounds`] takes as many samples of them as they need, and
//! [`sheet`] has them judged ([`judge`](crate::stats::judge)). [`table`], [`overview`] and
//! [`scaling`] print them, [`sentence`] says them, [`plot`] draws them, and [`interruption`] reports
//! the rounds that were not done. [`gate`] makes a verdict an exit code.

mod columns;
mod gate;
mod groups;
mod overview;
mod plot;
mod rounds;
mod scaling;
mod sentence;
mod sheet;
mod table;
mod words;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use pollmark_core::Clock;

use self::columns::Heads;
use self::rounds::pace::{self, Pace};
use self::rounds::{Plan, Rounds, interruption, plan};
use self::sheet::{Sheet, SheetLine};

use crate::args::{CompareArgs, Format};
use crate::commands::prepare::{self, Prologue};
use crate::model::cell::Cell;
use crate::model::comparison::{Comparison, Judgement};
use crate::model::environment::Environment;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Ideal, Results};
use crate::model::runners;
use crate::model::select::{Selection, Twins};
use crate::output::{csv, json, saved};
use crate::process::ideal;
use crate::stats::judge::Reference;
use crate::stats::looks::Looks;
use crate::stats::relation::{MARGIN, Rule};
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
        svg: args.svg.as_deref(),
    };
    let cells = &prologue.cells(leave_out_endless)?;
    let figure = args.figure.as_deref();
    let mut groups = groups::groups(cells, figure)?;
    groups::measure_layout(&mut groups, &args.layout_floor, cells)?;
    let comparisons = groups::comparisons(&groups);
    let rule = rule(args, comparisons)?;
    let ideals = ideal::find(cells)?;
    let reference = reference(args, cells, &ideals)?;
    let gate = args.gate.map(|gate| (reference.clone(), gate));
    gate::check(args.gate, &groups, cells, &reference)?;
    let mut pace = Pace::new(groups, rule, args.precision, gate);
    if shared.dry_run {
        let rounds = args.samples.unwrap_or(pace.rule.looks.at()[0]);
        return prologue.dry_run(cells, &ideals, 1, rounds + pace::OTHER_RUNS);
    }
    let environment = prepare::with_builds(Environment::look_at_timer(), cells);
    let order_seed = args
        .order_seed
        .unwrap_or_else(|| fastrand::u64(..1_000_000));
    let content = |results: &[CellResult], comparison| {
        saved::content(&environment, results.to_vec(), Some(comparison))
    };
    let mut plan = Plan {
        budget: args.budget.or(args.samples.is_none().then_some(BUDGET)),
        runs: args.runs,
        closer: true,
        order_seed,
        is_warned: false,
        quiet: args.quiet,
    };
    if args.plan {
        return planned(args, cells, &ideals, plan, &pace);
    }
    let nothing = comparison(order_seed, &[], cells, None);
    let mut files = prologue.open(&content(&[], nothing))?;
    let mut keep = |results: &[CellResult], order: &[Vec<usize>]| {
        if let Some(save) = &mut files.save {
            let comparison = comparison(order_seed, order, cells, None);
            save.save_so_far(&content(results, comparison));
        }
    };
    prepare::warn(&environment);

    // Before they are taken, for that is when something else can be asked for.
    let warning = match (args.samples, plan.budget) {
        (Some(samples), _) => {
            interruption::too_few(samples as usize, comparisons, &pace.rule.looks)
        }
        (None, Some(budget)) => {
            let least = cells.iter().zip(&ideals).map(least);
            pace::beyond_budget(pace.fewest(), least, budget)
        }
        (None, None) => None,
    };
    if let Some(warning) = warning {
        messages::warn(&warning);
        plan.is_warned = true;
    }
    let rounds = rounds::run(cells, &ideals, plan, &mut pace, &mut keep)?;
    let sheet = Sheet::new(cells, &rounds.results, pace, reference);
    warn_of_samples(&sheet, &rounds, args.samples);
    let gated = gate::gated(&sheet, args.gate);

    let comparison = comparison(order_seed, &rounds.order, cells, Some(&sheet));
    if let Some(save) = &mut files.save {
        save.save(&content(&rounds.results, comparison.clone()));
    }
    let text = match args.format {
        Format::Human => human_text(&sheet, &rounds, args.samples, plan, &environment),
        Format::Json => json::json(&Results::new(
            &environment,
            rounds.results.clone(),
            Some(comparison),
        )),
        Format::Csv => csv::csv(&rounds.results, Some(&comparison))?,
        Format::Markdown => overview::markdown(&sheet, &environment),
    };
    files.output.write(text.as_bytes())?;
    if let Some(file) = &mut files.svg {
        let picture = plot::svg::draw(&sheet);
        file.save(&|to| to.write_all(picture.as_bytes()));
    }
    if let Some(error) = rounds.broken_off {
        return Err(error);
    }
    Ok(gated.holds() && rounds.results.iter().all(CellResult::is_as_expected))
}

/// The time for all of it if none is given, and no number of rounds.
const BUDGET: Duration = Duration::from_secs(120);

/// Runs a few rounds, and prints what each precision would cost in time.
fn planned(
    args: &CompareArgs,
    cells: &[Cell],
    ideals: &[Ideal],
    plan: Plan,
    pace: &Pace,
) -> Result<bool> {
    let mut output = prepare::output(args.shared.output.as_deref())?;
    let few = Plan {
        budget: None,
        closer: false,
        ..plan
    };
    let looks = Looks::once(plan::ROUNDS, pace.comparisons());
    let rule = Rule {
        looks,
        ..pace.rule.clone()
    };
    let figure = args.figure.as_deref();
    let mut few_rounds = Pace::new(groups::groups(cells, figure)?, rule, None, None);
    let rounds = rounds::run(cells, ideals, few, &mut few_rounds, |_, _| {})?;
    let text = plan::plan(cells, pace.groups(), &rounds, &pace.rule, args.precision);
    output.write(text.as_bytes())?;
    if let Some(error) = rounds.broken_off {
        return Err(error);
    }
    Ok(rounds.results.iter().all(CellResult::is_as_expected))
}

/// The least real time of a run: what no scheduler can beat.
fn least((cell, ideal): (&Cell, &Ideal)) -> Duration {
    let bound = ideal.lower_bound_ns.map(Duration::from_nanos);
    match cell.runner.clock {
        Clock::Real => bound.unwrap_or_default().div_f64(cell.speed()),
        Clock::Virtual => Duration::ZERO,
    }
}

fn human_text(
    sheet: &Sheet<'_>,
    rounds: &Rounds,
    samples: Option<u32>,
    plan: Plan,
    environment: &Environment,
) -> String {
    let mut heads = Heads::new();
    let mut text = table::blocks(sheet, &mut heads);
    text.push_str(&scaling::tables(sheet));
    text.push_str(&overview::overview(sheet));
    let closing = table::closing(sheet, rounds, samples, plan, environment, &heads);
    text.push_str(&closing);
    text
}

/// The rule by which rows are judged; by default the margin is no less than the noise.
fn rule(args: &CompareArgs, comparisons: usize) -> Result<Rule> {
    let margin = args.margin.unwrap_or(MARGIN.max(args.noise));
    if margin < args.noise {
        bail!(
            "--margin is less than --noise: a ratio between the two would be neither equal nor \
             behind, however many rounds it takes"
        );
    }
    let looks = match args.samples {
        Some(samples) => Looks::once(samples, comparisons),
        None => Looks::several(comparisons),
    };
    Ok(Rule {
        margin,
        noise: args.noise,
        looks,
    })
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
/// and is compared by its time, or the first runner. A gate is no question of the ideal.
fn reference(args: &CompareArgs, cells: &[Cell], ideals: &[Ideal]) -> Result<Reference> {
    let runners = distinct(cells.iter().map(Cell::column));
    match args.reference.as_deref() {
        Some("ideal") => Ok(Reference::Ideal),
        Some(name) if runners.iter().any(|runner| runner == name) => {
            Ok(Reference::Runner(name.to_owned()))
        }
        Some(name) => {
            let choices = runners.iter().map(String::as_str).chain(["ideal"]);
            Err(unknown("reference", name, choices).context("--reference"))
        }
        None => {
            let figure = args.figure.as_deref();
            // Another build is a question about this one.
            let is_own = cells.iter().all(|cell| cell.build.is_none());
            let has_ideal = |(cell, ideal): (&Cell, &Ideal)| {
                let by_time = Figure::of(cell, figure).is_ok_and(|figure| figure.is_time());
                by_time && ideal.ideal_ns.is_some()
            };
            if args.gate.is_none() && is_own && cells.iter().zip(ideals).all(has_ideal) {
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
        noise_threshold: sheet.map(|sheet| sheet.rule.noise),
        margin: sheet.map(|sheet| sheet.rule.margin),
        precision: sheet.map(|sheet| sheet.precision),
        comparisons: sheet.map(|sheet| sheet.comparisons),
        confidence: sheet.map(|sheet| sheet.rule.looks.confidence()),
        looks: sheet.map_or_else(Vec::new, |sheet| sheet.rule.looks.at().to_vec()),
        judgements: sheet.map_or_else(Vec::new, judgements),
    }
}

fn judgements(sheet: &Sheet<'_>) -> Vec<Judgement> {
    let lines = sheet.lines.iter();
    let of_line = |line: &SheetLine<'_>| {
        let cells = line.row.cells.iter().zip(&line.judged);
        let told = cells.filter_map(|(cell, judged)| {
            let judgement = judged.as_ref()?.told(cell, line.row.figure);
            Some(Judgement {
                layout_floor: line.layout_floor.filter(|floor| floor.is_finite()),
                rounds: line.stop.map(|stop| stop.rounds),
                stopped_by: line.stop.map(|stop| stop.by),
                ..judgement
            })
        });
        told.collect::<Vec<_>>()
    };
    lines.flat_map(of_line).collect()
}

fn warn_of_samples(sheet: &Sheet<'_>, rounds: &Rounds, samples: Option<u32>) {
    if let Some(warning) = interruption::warning(rounds, samples) {
        messages::warn(&warning);
    }
    let looks = &sheet.rule.looks;
    if !rounds.is_last_done
        && let Some(warning) = interruption::too_few(rounds.whole, sheet.comparisons, looks)
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
