//! `pollmark diff`: the improvements and regressions between two saved comparisons.
//!
//! [`layout`] fits it to the terminal.

mod change;
mod kinds;
mod layout;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};
use pollmark_core::Listing;
use serde::Serialize;

use self::change::{Change, Verdict, verdict};

use self::layout::lines;

use crate::args::{DiffArgs, HumanOrJson, MAX_SAMPLES};
use crate::commands::prepare;
use crate::model::comparison::Judgement;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Results, Status};
use crate::output::saved;
use crate::stats::difference::share_that_settles;
use crate::stats::intervals::{self, Interval};
use crate::stats::looks::Looks;
use crate::stats::{judge, medians};
use crate::text::units::{Common, counted};
use crate::text::{escape, messages, table, wrap};

/// Compares the two files. Returns whether nothing became worse.
pub(crate) fn diff(args: &DiffArgs) -> Result<bool> {
    let mut output = prepare::output(args.output.as_deref())?;
    let (old, new) = (saved::read(&args.old)?, saved::read(&args.new)?);
    if let Some(how) = new.environment.differs_from(&old.environment) {
        if !args.allow_different_machines {
            bail!(
                "the two were not made alike: {how}. Figures of different machines or builds say \
                 nothing about the code; --allow-different-machines compares them all the same"
            );
        }
        messages::warn(&format!("not made alike: {how}"));
    }
    let doubts = new.environment.doubts_beside(&old.environment);
    doubts.iter().for_each(|doubt| messages::warn(doubt));
    for (path, results) in [(&args.old, &old), (&args.new, &new)] {
        let warnings = results.environment.warnings.iter();
        warnings.for_each(|warning| messages::warn(&format!("{}: {warning}", path.display())));
    }
    let pairs = pairs(&old, &new);
    if pairs.is_empty() {
        bail!(
            "`{}` and `{}` have no cell in common",
            args.old.display(),
            args.new.display()
        );
    }
    let looks = looks(&pairs, [&old, &new]);
    let changes = changes(&pairs, &old, &looks, args.threshold);
    for (change, reason) in changes
        .iter()
        .filter_map(|one| Some((one, one.reason.as_ref()?)))
    {
        messages::warn(&format!("{}: {reason}", change.cell));
    }
    let lost = only_in(&old, &new);
    for name in &lost {
        messages::note(&format!("only in {}: {name}", args.old.display()));
    }
    for name in only_in(&new, &old) {
        messages::note(&format!("only in {}: {name}", args.new.display()));
    }
    let text = match args.format {
        HumanOrJson::Human => table(&changes, &looks, args),
        HumanOrJson::Json => {
            let json = serde_json::to_string_pretty(&Changes {
                schema: "pollmark-diff/2",
                old: &args.old,
                new: &args.new,
                threshold: args.threshold,
                changes: &changes,
            })?;
            escape::in_json(&json) + "\n"
        }
    };
    output.write(text.as_bytes())?;
    Ok(changes.iter().all(|change| !change.verdict.is_bad()))
}

#[derive(Serialize)]
struct Changes<'a> {
    schema: &'static str,
    old: &'a Path,
    new: &'a Path,
    threshold: f64,
    changes: &'a [Change],
}

/// The cells that both have, the old one first.
fn pairs<'a>(old: &'a Results, new: &'a Results) -> Vec<(&'a CellResult, &'a CellResult)> {
    let others = by_key(new);
    let pair = |cell| Some((cell, *others.get(&key(cell))?));
    old.cells.iter().filter_map(pair).collect()
}

/// The key by which two cells count as the same: their names, and the command that runs the
/// cell again, which includes everything that its run depends on.
fn key(cell: &CellResult) -> [&str; 4] {
    [&cell.scenario, &cell.variant, &cell.column, &cell.command]
}

/// The cells by their keys; of several with one key, the first.
fn by_key(results: &Results) -> HashMap<[&str; 4], &CellResult> {
    let cells = results.cells.iter().rev();
    cells.map(|cell| (key(cell), cell)).collect()
}

fn only_in(one: &Results, other: &Results) -> Vec<String> {
    let others = by_key(other);
    let missing = one.cells.iter();
    let missing = missing.filter(|cell| !others.contains_key(&key(cell)));
    missing.map(name).collect()
}

/// `scenario/variant@runner (workers)`, and the parameters.
fn name(cell: &CellResult) -> String {
    let mut name = format!("{}/{}@{}", cell.scenario, cell.variant, cell.column);
    if let Some(workers) = cell.workers {
        let _ = write!(name, " ({workers})");
    }
    for (param, value) in cell.params.as_object().into_iter().flatten() {
        let _ = write!(name, " {param}={value}");
    }
    name
}

/// What the verdicts are corrected for: the cells, at as many looks as either file could end at.
fn looks(pairs: &[(&CellResult, &CellResult)], files: [&Results; 2]) -> Looks {
    let of_file = |results: &Results| results.comparison.as_ref().map(|made| made.looks.len());
    let most = files.into_iter().filter_map(of_file).max();
    match most.unwrap_or(1) {
        0 | 1 => Looks::once(0, pairs.len()),
        _ => Looks::several(pairs.len()),
    }
}

fn changes(
    pairs: &[(&CellResult, &CellResult)],
    saved: &Results,
    looks: &Looks,
    threshold: f64,
) -> Vec<Change> {
    let confidence = looks.confidence();
    let compared = Compared::of(saved);
    let change = |(old, new): &(&CellResult, &CellResult)| {
        let figure = compared.figure_of(old);
        let values = [old, new].map(|cell| judge::values(cell, figure));
        let medians = [&values[0], &values[1]].map(|values| medians::median(values));
        let interval = intervals::ratio_of_medians(&values[1], &values[0], confidence);
        let ratio = medians[1]
            .zip(medians[0])
            .map(|(new, old)| medians::over(new, old));
        let reason = kinds::of_samples(old, new);
        let verdict = match (old.status, new.status) {
            (Status::Ok, Status::Ok) if reason.is_some() => Verdict::Unknown,
            (Status::Ok, Status::Failed | Status::TimedOut | Status::Unsupported) => {
                Verdict::Broken
            }
            _ => verdict([&values[0], &values[1]], interval, threshold, confidence),
        };
        let fewest = values.iter().map(Vec::len).min().unwrap_or(0);
        let unit = Common::of(medians.into_iter().flatten(), figure.unit());
        Change {
            cell: name(new),
            figure: figure.name().to_owned(),
            old: medians[0],
            new: medians[1],
            ratio: ratio.filter(|ratio| ratio.is_finite()),
            ratio_interval: interval
                .map(|found| [found.low, found.high])
                .filter(|ends| ends.iter().all(|end| end.is_finite())),
            verdict,
            samples_that_tell: (verdict == Verdict::Unknown && reason.is_none())
                .then(|| samples_that_tell(ratio?, interval?, fewest, threshold))
                .flatten(),
            reason: reason.filter(|_| verdict == Verdict::Unknown),
            shown: medians
                .map(|median| median.map_or_else(table::dash, |median| unit.show(median))),
        }
    };
    pairs.iter().map(change).collect()
}

/// The figures by which a file compared its cells.
struct Compared<'a> {
    /// By scenario, variant, runner, workers and parameters.
    figures: HashMap<(Names<'a>, Option<usize>, String), &'a str>,
    catalogue: Vec<Listing>,
}

type Names<'a> = [&'a str; 3];

impl<'a> Compared<'a> {
    fn of(saved: &'a Results) -> Self {
        let comparison = saved.comparison.iter();
        let judgements = comparison.flat_map(|comparison| comparison.judgements.iter().rev());
        let figure = |judged: &'a Judgement| {
            let names = [&*judged.scenario, &*judged.variant, &*judged.column];
            let key = (names, judged.workers, judged.params.to_string());
            (key, judged.figure.as_str())
        };
        Compared {
            figures: judgements.map(figure).collect(),
            catalogue: pollmark_core::builtin(),
        }
    }

    /// The figure by which the cell was compared, or else time.
    fn figure_of(&self, cell: &CellResult) -> Figure {
        let names = [&*cell.scenario, &*cell.variant, &*cell.column];
        let key = (names, cell.workers, cell.params.to_string());
        let name = self.figures.get(&key);
        let variant = [&*cell.scenario, &*cell.variant];
        let figure = name.and_then(|name| Figure::of_variant(&self.catalogue, variant, name));
        figure.unwrap_or(Figure::TIME)
    }
}

/// About as many samples on either side as would tell: no more than anyone takes.
fn samples_that_tell(ratio: f64, interval: Interval, fewest: usize, threshold: f64) -> Option<u32> {
    let share = share_that_settles(ratio, interval, threshold, threshold)?;
    let samples = fewest as f64 / share.powi(2);
    (samples < f64::from(MAX_SAMPLES)).then(|| samples.ceil() as u32)
}

fn table(changes: &[Change], looks: &Looks, args: &DiffArgs) -> String {
    let mut text = String::new();
    for line in lines(changes) {
        let (style, line) = (line.style, line.text);
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    let count = |verdict| {
        changes
            .iter()
            .filter(|change| change.verdict == verdict)
            .count()
    };
    let kinds = [
        Verdict::Worse,
        Verdict::Broken,
        Verdict::Better,
        Verdict::Equal,
        Verdict::Unknown,
    ];
    let told: Vec<String> = kinds
        .into_iter()
        .filter(|kind| count(*kind) > 0)
        .map(|kind| format!("{} {}", count(kind), kind.name().to_lowercase()))
        .collect();
    let summary = format!(
        "{}. A change is one where the whole interval of new/old, the ratio of the medians, \
         corrected for {}, is more than {} % from 1, or, of few samples, one where all of \
         one file lie that far beyond all of the other.",
        told.join(", "),
        looks.told(),
        args.threshold * 100.0
    );
    text.push_str(&wrap::wrapped(&summary, "", ""));
    if count(Verdict::Unknown) > 0 {
        let needed = looks.needed();
        let unknown = changes
            .iter()
            .filter(|change| change.verdict == Verdict::Unknown);
        let told: Vec<u32> = unknown
            .filter_map(|change| change.samples_that_tell)
            .collect();
        let more = told.iter().max().map_or_else(
            || "More samples, on a quieter machine, tell more.".to_owned(),
            |most| {
                let cells = counted(told.len(), "cell");
                format!("About {most} samples on either side would tell of {cells}.")
            },
        );
        let hint = format!(
            "Unknown is what the samples cannot tell: an interval that reaches beyond the \
             threshold on both sides of it, or fewer than {needed} samples on either side. {more}"
        );
        text.push_str(&wrap::wrapped(&hint, "", ""));
    }
    text
}
