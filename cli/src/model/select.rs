//! Expands the command line into the list of cells to run.

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::{Context, bail};
use pollmark_core::{Kind, Listing, VariantInfo, Workers, builtin};

use super::build::Build;
use super::cell::Cell;
use super::column::{self, Column};
use super::runners;
use crate::args::SharedArgs;
use crate::text::lists::distinct;
use crate::text::suggest::unknown;

/// The cells to run, by variant, then runner, then workers; and remarks on the choice.
pub(crate) struct Selection {
    pub(crate) cells: Vec<Cell>,
    pub(crate) remarks: Vec<String>,
}

/// The treatment of a runner that is named more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twins {
    /// It runs once.
    Merged,
    /// It runs as often as it is named: the difference of its twins is noise.
    Kept,
}

/// Resolves the cells that `patterns` and the shared arguments come to.
///
/// # Errors
///
/// Names the value that is unknown or out of range, and the valid choices.
pub(crate) fn select(
    patterns: &[String],
    args: &SharedArgs,
    twins: Twins,
    builds: &[Arc<Build>],
) -> anyhow::Result<Selection> {
    let catalogue = builtin();
    let named = |names: &[String]| columns(names, twins, builds);
    let columns = named(&args.runner)?;
    let workers = workers(args);
    let sweeps = sweeps(&args.param)?;
    let mut selection = Selection {
        cells: Vec::new(),
        remarks: Vec::new(),
    };
    let mut wanted = Vec::new();
    for pattern in patterns {
        wanted.extend(resolve(pattern, &catalogue, &columns, named)?);
    }
    params_are_known(&sweeps, &wanted)?;

    for (listing, variant, columns) in wanted {
        for (index, column) in columns.iter().enumerate() {
            let before = columns[..index].iter();
            let twin = 1 + before.filter(|other| *other == column).count();
            let workers = match column.runner.workers {
                Workers::Any => &workers[..],
                Workers::One | Workers::PerTask => &workers[..1],
            };
            for given in combinations(listing, &sweeps) {
                for workers in workers {
                    let cell = Cell::of(listing, variant, column, *workers, given.clone(), args)?;
                    let cell = Cell { twin, ..cell };
                    let known = &mut selection.cells;
                    let is_same = |other: &Cell| {
                        (&other.spec, &other.given) == (&cell.spec, &cell.given)
                            && (other.build_name(), other.twin) == (cell.build_name(), twin)
                    };
                    if !known.iter().any(is_same) {
                        known.push(cell);
                    }
                }
            }
        }
    }
    selection.remarks = remarks(&selection.cells, args);
    if args.runner != ["all"] && patterns.iter().all(|pattern| pattern.contains('@')) {
        let remark = "--runner does not apply: each cell names its own";
        selection.remarks.push(remark.to_owned());
    }
    Ok(selection)
}

type Wanted<'a> = (&'a Listing, VariantInfo, Vec<Column>);

/// `scenario[/variant][@runner]`, or `all` for every lesson.
fn resolve<'a>(
    pattern: &str,
    catalogue: &'a [Listing],
    columns: &[Column],
    named: impl Fn(&[String]) -> anyhow::Result<Vec<Column>>,
) -> anyhow::Result<Vec<Wanted<'a>>> {
    let (path, columns) = match pattern.split_once('@') {
        Some((path, names)) => {
            let names: Vec<String> = names.split(',').map(str::to_owned).collect();
            (
                path,
                named(&names).with_context(|| format!("in `{pattern}`"))?,
            )
        }
        None => (pattern, columns.to_vec()),
    };
    let (scenario, variant) = match path.split_once('/') {
        Some((scenario, variant)) => (scenario, Some(variant)),
        None => (path, None),
    };
    if scenario == "all" && variant.is_none() {
        let lessons = catalogue
            .iter()
            .filter(|listing| listing.info.kind == Kind::Lesson);
        return Ok(lessons
            .flat_map(|listing| every_variant(listing, &columns))
            .collect());
    }
    let listing = catalogue.iter().find(|listing| listing.info.id == scenario);
    let listing = listing.ok_or_else(|| {
        let ids = catalogue.iter().map(|listing| listing.info.id);
        unknown("scenario", scenario, ids.chain(["all"]))
    })?;
    let Some(id) = variant else {
        return Ok(every_variant(listing, &columns).collect());
    };
    let variant = listing.variants.iter().find(|variant| variant.id == id);
    let variant = variant.ok_or_else(|| {
        let what = format!("variant of `{scenario}`");
        unknown(&what, id, listing.variants.iter().map(|variant| variant.id))
    })?;
    Ok(vec![(listing, *variant, columns)])
}

fn every_variant<'a>(listing: &'a Listing, columns: &[Column]) -> impl Iterator<Item = Wanted<'a>> {
    let variants = listing.variants.iter();
    variants.map(move |variant| (listing, *variant, columns.to_vec()))
}

fn columns(names: &[String], twins: Twins, builds: &[Arc<Build>]) -> anyhow::Result<Vec<Column>> {
    let ids: Vec<&str> = runners::all().map(|flavour| flavour.info().id).collect();
    let columns = column::columns(names, &ids, builds)?;
    Ok(match twins {
        Twins::Kept => columns,
        Twins::Merged => distinct(columns),
    })
}

fn workers(args: &SharedArgs) -> Vec<NonZeroUsize> {
    if args.workers.is_empty() {
        return vec![std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)];
    }
    args.workers.clone()
}

/// A parameter and the values that it is given.
type Sweep = (String, Vec<String>);

fn sweeps(params: &[String]) -> anyhow::Result<Vec<Sweep>> {
    let mut sweeps: Vec<Sweep> = Vec::new();
    for param in params {
        let Some((name, values)) = param.split_once('=') else {
            bail!("`--param {param}` has no value; write NAME=VALUE");
        };
        let values: Vec<String> = values
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        match sweeps.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => sweeps.push((name.to_owned(), values)),
        }
    }
    Ok(sweeps)
}

/// A parameter that none of the scenarios takes is a mistake; one that only some of
/// them take goes to those.
fn params_are_known(sweeps: &[Sweep], wanted: &[Wanted<'_>]) -> anyhow::Result<()> {
    for (name, _) in sweeps {
        let takes = |listing: &Listing| listing.info.params.iter().any(|info| info.name == name);
        if wanted.iter().any(|(listing, ..)| takes(listing)) {
            continue;
        }
        let infos = wanted.iter().flat_map(|(listing, ..)| listing.info.params);
        let known = distinct(infos.map(|info| info.name));
        if known.is_empty() {
            bail!("unknown parameter `{name}`: what you chose takes none");
        }
        return Err(unknown("parameter", name, known));
    }
    Ok(())
}

/// Every combination of the values that the scenario's parameters are given.
fn combinations(listing: &Listing, sweeps: &[Sweep]) -> Vec<Vec<(String, String)>> {
    let takes = |name: &str| listing.info.params.iter().any(|info| info.name == name);
    let mut combinations = vec![Vec::new()];
    for (name, values) in sweeps.iter().filter(|(name, _)| takes(name)) {
        let extended = combinations.iter().flat_map(|given| {
            values.iter().map(move |value| {
                let mut given = given.clone();
                given.push((name.clone(), value.clone()));
                given
            })
        });
        combinations = extended.collect();
    }
    combinations
}

/// Why a worker count that was asked for is not to be seen.
fn remarks(cells: &[Cell], args: &SharedArgs) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut told = |id: &str, text: String| {
        let shown = cells.iter().any(|cell| cell.runner.id == id);
        if shown && !args.workers.is_empty() {
            remarks.push(text);
        }
    };
    for flavour in runners::all() {
        let info = flavour.info();
        match info.workers {
            Workers::Any => {}
            Workers::One => told(
                info.id,
                format!(
                    "{} has one worker by its nature; --workers does not apply",
                    info.id
                ),
            ),
            Workers::PerTask => told(
                info.id,
                format!(
                    "{} gives each task a thread of its own; --workers does not apply",
                    info.id
                ),
            ),
        }
    }
    remarks
}
