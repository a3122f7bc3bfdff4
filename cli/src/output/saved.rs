//! Results in a file: saving them, and reading them again.

use std::fs::File;
use std::io::{self, BufRead, Seek, Write};
use std::path::Path;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::error::Category;

use super::file::input::{self, Bounded};
use super::file::trouble::FileTrouble;
use crate::model::comparison::Comparison;
use crate::model::environment::Environment;
use crate::model::result::{Results, SCHEMA, SCHEMA_BEFORE};
use crate::stats::anew::judge_anew;

/// The part of a file that says of which kind it is; nothing else of it is kept.
#[derive(Deserialize)]
struct Head {
    schema: Option<Value>,
}

/// The results in the file at `path`. Transcripts are checked, and left out. Results of the schema
/// before have verdicts made anew from their samples.
///
/// # Errors
///
/// Names the fault of the file, and its place: that it cannot be read, is no JSON or broken
/// off, is too long, has another schema, or lacks something.
pub(crate) fn read(path: &Path) -> anyhow::Result<Results> {
    parsed(path).with_context(|| FileTrouble(format!("cannot read `{}`", path.display())))
}

fn parsed(path: &Path) -> anyhow::Result<Results> {
    let mut file = begun(input::open(path)?)?;
    file.rewind()?;
    let head = from(&file).map(|Head { schema }| schema);
    let schema = head
        .or_else(|error| match error.is_data() {
            // It is JSON, but no object.
            true => Ok(None),
            false => Err(error),
        })
        .map_err(|error| match error.classify() {
            Category::Io => io::Error::from(error).into(),
            Category::Eof => anyhow::anyhow!("it breaks off: {error}"),
            Category::Syntax | Category::Data => anyhow::anyhow!("it is no JSON: {error}"),
        })?;
    match schema.as_ref().and_then(Value::as_str) {
        Some(SCHEMA | SCHEMA_BEFORE) => {}
        Some(other) => bail!(
            "it has schema `{other}`, and this version reads `{SCHEMA}` and `{SCHEMA_BEFORE}`: \
             run the comparison again"
        ),
        None => bail!("it holds no results of pollmark: it has no `schema`"),
    }
    // Read again, so that an error has its line.
    file.rewind()?;
    let mut results: Results = from(&file)?;
    results.name_columns();
    for (index, cell) in results.cells.iter().enumerate() {
        let place = || {
            format!(
                "cells[{index}] ({}/{}@{})",
                cell.scenario, cell.variant, cell.column
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
    if results.schema == SCHEMA_BEFORE {
        judge_anew(&mut results);
        SCHEMA.clone_into(&mut results.schema);
    }
    Ok(results)
}

/// The value that the file holds from its position on: not by way of the whole text, which may be long.
fn from<T: DeserializeOwned>(file: &File) -> serde_json::Result<T> {
    serde_json::from_reader(io::BufReader::new(Bounded::new(file, input::FILE)))
}

/// The file itself, or the content of a pipe in a file. Refuses at once a file that is no JSON by
/// its beginning, as a device that never ends.
fn begun(mut file: File) -> anyhow::Result<File> {
    let mut reader = io::BufReader::new(&mut file);
    let beginning = reader.fill_buf()?;
    let mut bytes = beginning.iter();
    let first = bytes.position(|byte| !byte.is_ascii_whitespace());
    if let Some(first) = first.filter(|&at| !JSON.contains(&beginning[at])) {
        let mut lines = beginning[..first].split(|byte| *byte == b'\n').rev();
        let column = lines.next().map_or(0, <[u8]>::len) + 1;
        let line = lines.count() + 1;
        bail!("it is no JSON: unexpected beginning at line {line} column {column}");
    }
    if reader.get_ref().metadata()?.is_file() {
        return Ok(file);
    }
    let mut whole = tempfile::tempfile()?;
    io::copy(&mut Bounded::new(reader, input::FILE), &mut whole)?;
    Ok(whole)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Takes everything, and keeps the length of the longest write.
    #[derive(Default)]
    struct Longest(usize);

    impl Write for Longest {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.max(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_long_transcript_is_written_piece_by_piece() {
        let longest = |lines: usize| {
            let line = json!({ "at_ns": 1, "task": "cook", "event": "said", "text": null });
            let cell = json!({ "transcript": vec![line; lines] });
            let environment = Environment::look();
            let mut longest = Longest::default();
            content(&environment, vec![cell], None)(&mut longest).unwrap();
            longest.0
        };
        assert_eq!(longest(100), longest(400));
    }
}
