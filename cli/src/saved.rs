//! Reading results that were saved.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::report::{Results, SCHEMA};

/// The results in the file at `path`.
///
/// # Errors
///
/// Says what is wrong with the file, and where: that it cannot be read, is no JSON or
/// broken off, has another schema, or lacks something.
pub(crate) fn read(path: &Path) -> anyhow::Result<Results> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| match error.is_eof() {
            true => anyhow::anyhow!("it breaks off: {error}"),
            false => anyhow::anyhow!("it is no JSON: {error}"),
        })
        .with_context(|| format!("in `{name}`"))?;
    match value.get("schema").and_then(Value::as_str) {
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
