//! Results in a file: saving them, and reading them again.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::input;
use super::file::trouble::FileTrouble;
use crate::model::environment::Environment;
use crate::model::result::{Comparison, Results, SCHEMA};

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
/// off, is too long, has another schema, or lacks something.
pub(crate) fn read(path: &Path) -> anyhow::Result<Results> {
    parsed(path).with_context(|| FileTrouble(format!("cannot read `{}`", path.display())))
}

fn parsed(path: &Path) -> anyhow::Result<Results> {
    let text = text(io::BufReader::new(input::open(path)?))?;
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
        })?;
    match schema.as_ref().and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => bail!(
            "it has schema `{other}`, and this version reads `{SCHEMA}`: run the comparison again"
        ),
        None => bail!("it holds no results of pollmark: it has no `schema`"),
    }
    // By way of the text, so that an error has its line.
    let results: Results = serde_json::from_str(&text)?;
    for (index, cell) in results.cells.iter().enumerate() {
        let place = || {
            format!(
                "cells[{index}] ({}/{}@{})",
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

/// The text of a file. A file that begins as no JSON does is not read on, for it may be a
/// device that never ends.
fn text(mut file: impl io::BufRead) -> anyhow::Result<String> {
    let beginning = file.fill_buf()?;
    let mut bytes = beginning.iter();
    let first = bytes.position(|byte| !byte.is_ascii_whitespace());
    if let Some(first) = first.filter(|&at| !JSON.contains(&beginning[at])) {
        let mut lines = beginning[..first].split(|byte| *byte == b'\n').rev();
        let column = lines.next().map_or(0, <[u8]>::len) + 1;
        let line = lines.count() + 1;
        bail!("it is no JSON: unexpected beginning at line {line} column {column}");
    }
    let bytes = input::read(file, input::FILE)?;
    String::from_utf8(bytes).map_err(|error| anyhow::anyhow!("it is no text: {error}"))
}

/// The bytes that JSON may begin with.
const JSON: &[u8] = b"{[\"-0123456789tfn";

/// Writes results in the form that [`read`] reads.
pub(crate) fn content<C: Serialize>(
    environment: &Environment,
    cells: Vec<C>,
    comparison: Option<Comparison>,
) -> impl Fn(&mut dyn Write) -> io::Result<()> + use<C> {
    let results = Results::new(environment, cells, comparison);
    move |to| Ok(serde_json::to_writer_pretty(to, &results)?)
}
