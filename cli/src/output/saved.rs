//! Results in a file: saving them, and reading them again.

use std::path::Path;
use std::{fs, io};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::sink;
use crate::model::environment::Environment;
use crate::model::result::{CellResult, Comparison, Results, SCHEMA};

/// The part of a file that says of which kind it is; nothing else of it is kept.
#[derive(Deserialize)]
struct Head {
    schema: Option<Value>,
}

/// The results in the file at `path`. Transcripts are checked, and left out.
///
/// # Errors
///
/// Names the fault of the file, and its place: that it cannot be read, is no JSON or broken
/// off, has another schema, or lacks something.
pub(crate) fn read(path: &Path) -> anyhow::Result<Results> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let head = serde_json::from_str(&text).map(|Head { schema }| schema);
    let schema = head
        .or_else(|error| match error.is_data() {
            // It is JSON, but no object.
            true => Ok(None),
            false => Err(error),
        })
        .map_err(|error| match error.is_eof() {
            true => anyhow::anyhow!("it breaks off: {error}"),
            false => anyhow::anyhow!("it is no JSON: {error}"),
        })
        .with_context(|| format!("in `{name}`"))?;
    match schema.as_ref().and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => bail!(
            "`{name}` has schema `{other}`, and this version reads `{SCHEMA}`: run the comparison again"
        ),
        None => bail!("`{name}` holds no results of pollmark: it has no `schema`"),
    }
    // By way of the text, so that an error has its line.
    let results: Results = serde_json::from_str(&text).with_context(|| format!("in `{name}`"))?;
    for (index, cell) in results.cells.iter().enumerate() {
        let place = || {
            format!(
                "in `{name}`: cells[{index}] ({}/{}@{})",
                cell.scenario, cell.variant, cell.runner
            )
        };
        let rounds: Vec<u32> = cell.samples.iter().map(|sample| sample.round).collect();
        let mut distinct = rounds.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != rounds.len() {
            bail!("{}: two samples are of the same round", place());
        }
        if !(cell.speed.is_finite() && cell.speed > 0.0) {
            bail!("{}: the speed is {}", place(), cell.speed);
        }
    }
    Ok(results)
}

/// As [`sink::check`], for the file of `--save`: one that is not there yet holds results
/// without cells from now on, so that it can be read at any time.
pub(crate) fn check_save(path: &Path, environment: &Environment) -> anyhow::Result<()> {
    match path.exists() {
        true => sink::check(path, "--save"),
        false => save(path, environment, [].iter(), None),
    }
}

/// Saves the results so far to the file that `--save` names.
pub(crate) fn save<'a>(
    path: &Path,
    environment: &Environment,
    cells: impl Iterator<Item = &'a CellResult>,
    comparison: Option<Comparison>,
) -> anyhow::Result<()> {
    let results = Results::new(environment, cells.collect(), comparison);
    replace(path, &serde_json::to_vec_pretty(&results)?)
}

/// Replaces the file at `path` by `bytes` in one step: a reader finds the old content or the
/// new, never half of it, even if this process is killed.
///
/// Links are followed. A device or a pipe, which is no file, is written to.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_whole(path, bytes)
        .with_context(|| format!("cannot save to `{}` (--save)", path.display()))
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Ok(target) if target.is_file() => target,
        // A device, a pipe, or a folder, which the write refuses.
        Ok(other) => return fs::write(other, bytes),
        Err(_) => path.to_owned(),
    };
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let replaced = fs::write(&part, bytes).and_then(|()| fs::rename(&part, &path));
    if replaced.is_err() {
        let _ = fs::remove_file(&part);
    }
    replaced
}
